// What is said of a change: that it is done only where the ledger proves it, and whom it was sealed for anew, until somebody has read that.
import { useLingui } from "@lingui/react/macro";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

import type { Note } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { useToast } from "../kit/toast.tsx";
import { reached } from "../offline/reach.ts";

interface Kept {
  notes: readonly Note[];
  show(more: Note[]): void;
  close(): void;
}

const Context = createContext<Kept>({ notes: [], show: () => undefined, close: () => undefined });

/** Keeps what people have to know until they say that they have read it. */
export function Notes({ children }: { children: ReactNode }) {
  const [notes, setNotes] = useState<readonly Note[]>([]);
  const kept = useMemo(
    () => ({
      notes,
      // Said once, however often it comes.
      show: (more: Note[]) => setNotes((before) => [...before, ...more.filter(({ text }) => before.every((one) => one.text !== text))]),
      close: () => setNotes([]),
    }),
    [notes],
  );
  return <Context value={kept}>{children}</Context>;
}

/** What was told and is not read yet. */
export const useNotes = (): Kept => useContext(Context);

/** Tells what came of a change. `false` where it is not proven to be so. */
export function useTold(): (done: Told, said?: string) => boolean {
  const { t } = useLingui();
  const toast = useToast();
  const { show } = useNotes();
  return useCallback(
    ({ proven, notes }, said) => {
      reached();
      if (!proven) {
        const unproven = t`The node says that it is done, but does not prove it. Check before you try again.`;
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
