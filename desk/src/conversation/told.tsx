// What is said of a change: that it is done only where the ledger proves it, and whom it was sealed for anew, until somebody has read that.
import { useLingui } from "@lingui/react/macro";
import { createContext, lazy, type ReactNode, Suspense, useCallback, useContext, useState } from "react";

import type { Note } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { useToast } from "../kit/toast.tsx";
import { reached } from "../offline/reach.ts";
import { useSession } from "../session/session.tsx";

const NotesAsk = lazy(() => import("../kit/NotesAsk.tsx"));

const Context = createContext<(notes: Note[]) => void>(() => undefined);

/** Keeps what people have to know in front of them until they say that they have read it. */
export function Notes({ children }: { children: ReactNode }) {
  const [notes, setNotes] = useState<Note[]>([]);
  const show = useCallback((more: Note[]) => setNotes((before) => [...before, ...more]), []);
  const close = () => setNotes([]);
  const { state } = useSession();
  return (
    <Context value={show}>
      {children}
      {/* Names are those that whoever is here knows. */}
      {notes.length > 0 && state.at === "open" && (
        // Without a fallback of its own the whole page would be away while it is fetched.
        <Suspense>
          <NotesAsk notes={notes} onClose={close} />
        </Suspense>
      )}
    </Context>
  );
}

/** Tells what came of a change. `false` where it is not proven to be so. */
export function useTold(): (done: Told, said?: string) => boolean {
  const { t } = useLingui();
  const toast = useToast();
  const show = useContext(Context);
  return useCallback(
    ({ proven, notes }, said) => {
      reached();
      if (!proven) {
        const unproven = t`The node says that it is done, but does not prove it. Look again before you do it once more.`;
        show([{ text: unproven, reader: null }, ...notes]);
        return false;
      }
      if (notes.length > 0) show(notes);
      if (said !== undefined) toast(said);
      return true;
    },
    [show, toast, t],
  );
}
