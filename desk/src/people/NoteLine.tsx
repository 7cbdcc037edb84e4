// The same line where something else is shown with it: its words come when there is one.
import { lazy, Suspense } from "react";
import type { Note } from "sealdesk/views";

import { ofLater } from "../pages/parts.ts";

const NoteText = lazy(() => ofLater(() => import("./NoteText.tsx")).then(({ NoteText }) => ({ default: NoteText })));

export function NoteLine({ note }: { note: Note }) {
  return (
    <Suspense>
      <NoteText note={note} />
    </Suspense>
  );
}
