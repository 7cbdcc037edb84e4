// What people have to know, in front of them until they say that they have read it. Few changes have any, so that it is fetched with the first.
import { Trans, useLingui } from "@lingui/react/macro";

import type { Note } from "sealdesk/views";

import { NoteText } from "../people/NoteText.tsx";
import { Ask } from "./Ask.tsx";
import { Button } from "./controls.tsx";

export default function NotesAsk({ notes, onClose }: { notes: readonly Note[]; onClose(): void }) {
  const { t } = useLingui();
  return (
    <Ask title={t`Who can read it`} isOpen onClose={onClose}>
      <ul className="stack">
        {notes.map((note) => (
          <li key={note.text} dir="auto">
            <NoteText note={note} />
          </li>
        ))}
      </ul>
      <div className="row end">
        <Button kind="primary" onPress={onClose}>
          <Trans>I have read it</Trans>
        </Button>
      </div>
    </Ask>
  );
}
