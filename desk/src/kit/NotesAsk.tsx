// What people have to know, in front of them until they say that they have read it. Few changes have any, so that it is fetched with the first.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";

import type { Note } from "sealdesk/views";

import { NoteText } from "../people/NoteText.tsx";
import { Ask } from "./Ask.tsx";
import { Button } from "./controls.tsx";

/** For how long no key closes it once it opened, in milliseconds: those were meant for the field in which somebody was typing. */
const UNREAD_MS = 700;
/** What closes a dialog, or presses what has the focus in it. */
const CLOSING = [" ", "Enter", "Escape"];

/** Where somebody types, and where in it. */
interface Place {
  element: Element | null;
  caret: [from: number | null, to: number | null];
}

function placeNow(): Place {
  const element = document.activeElement;
  const isText = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
  return { element, caret: isText ? [element.selectionStart, element.selectionEnd] : [null, null] };
}

function goBack({ element, caret: [from, to] }: Place): void {
  if (!(element instanceof HTMLElement) || element === document.body || !element.isConnected) return;
  element.focus();
  if (from !== null && (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) element.setSelectionRange(from, to);
}

/** Whoever was typing when it opened by itself closes it by no key that they were about to press, and types on where they were. */
function useTypists(): void {
  // Before the dialog takes the focus.
  const [place] = useState(placeNow);
  useEffect(() => {
    const swallow = (event: KeyboardEvent) => {
      if (!CLOSING.includes(event.key)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const end = () => removeEventListener("keydown", swallow, true);
    addEventListener("keydown", swallow, true);
    const timer = setTimeout(end, UNREAD_MS);
    return () => {
      clearTimeout(timer);
      end();
      // After the dialog's own end, which knows no field whose list has the focus only by name.
      requestAnimationFrame(() => requestAnimationFrame(() => goBack(place)));
    };
  }, [place]);
}

export default function NotesAsk({ notes, onClose }: { notes: readonly Note[]; onClose(): void }) {
  const { t } = useLingui();
  useTypists();
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
