// What people are told of a change beside that it is done: who reads with them from now on, and what is not proven. Nothing of it asks for an answer, so
// it takes the focus from nobody; it stays in a corner until they say that they have read it. Few changes have any: it is fetched with the first.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import type { Note } from "sealdesk/views";

import { Button } from "../kit/controls.tsx";
import { Cast } from "../people/cast.ts";
import { NoteText } from "../people/NoteText.tsx";
import { isExpected } from "./expected.ts";

export default function ToldLines({ notes, onClose }: { notes: readonly Note[]; onClose(): void }) {
  const { t } = useLingui();
  const told = notes.filter((note) => !isExpected(note));
  const isNothing = told.length === 0;
  useEffect(() => (isNothing ? onClose() : undefined), [isNothing, onClose]);
  if (isNothing) return null;
  return (
    <section className="outbox-told" aria-label={t`Who can read it`}>
      <Cast value={new Set(told.flatMap(({ reader }) => reader?.address ?? []))}>
        <ul role="status">
          {told.map((note) => (
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
