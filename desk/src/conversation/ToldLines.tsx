// What people are told of a change beside that it is done: who reads with them from now on, and what is not proven. Nothing of it asks for an answer, so
// it takes the focus from nobody; it stays in a corner until they say that they have read it. Few changes have any: it is fetched with the first.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import type { Note } from "sealdesk/views";

import { Button } from "../kit/controls.tsx";
import { Cast } from "../people/cast.ts";
import { NoteText } from "../people/NoteText.tsx";
import { goesByItself } from "./told.tsx";

/** For how long a line stays that says what everybody expects, in milliseconds. */
const EXPECTED_MS = 12_000;

export default function ToldLines({ notes, onClose }: { notes: readonly Note[]; onClose(): void }) {
  const { t } = useLingui();
  const isExpected = notes.every(goesByItself);
  useEffect(() => {
    if (!isExpected) return undefined;
    const timer = setTimeout(onClose, EXPECTED_MS);
    return () => clearTimeout(timer);
  }, [isExpected, notes, onClose]);
  return (
    <section className="outbox-told" aria-label={t`Who can read it`}>
      <Cast value={new Set(notes.flatMap(({ reader }) => reader?.address ?? []))}>
        <ul role="status">
          {notes.map((note) => (
            <li key={note.text} dir="auto">
              <NoteText note={note} />
            </li>
          ))}
        </ul>
      </Cast>
      <Button onPress={onClose}>
        <Trans>I have read it</Trans>
      </Button>
    </section>
  );
}
