// What is said of a change: that it is done only where the ledger proves it, and whom it was sealed for anew, until somebody has read that.
import { Trans, useLingui } from "@lingui/react/macro";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

import type { Told } from "../../worker/api.ts";
import { Ask, Button } from "../kit/controls.tsx";
import { useToast } from "../kit/toast.tsx";

const Context = createContext<(notes: string[]) => void>(() => undefined);

/** Keeps what people have to know in front of them until they say that they have read it. */
export function Notes({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  const [notes, setNotes] = useState<string[]>([]);
  const show = useCallback((more: string[]) => setNotes((before) => [...before, ...more]), []);
  const close = () => setNotes([]);
  return (
    <Context value={show}>
      {children}
      <Ask title={t`Who can read it`} isOpen={notes.length > 0} onClose={close}>
        <ul className="stack">
          {notes.map((note) => (
            <li key={note} dir="auto">
              {note}
            </li>
          ))}
        </ul>
        <div className="row end">
          <Button kind="primary" onPress={close}>
            <Trans>I have read it</Trans>
          </Button>
        </div>
      </Ask>
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
      if (!proven) {
        show([t`The node says that it is done, but does not prove it. Look again before you do it once more.`, ...notes]);
        return false;
      }
      if (notes.length > 0) show(notes);
      if (said !== undefined) toast(said);
      return true;
    },
    [show, toast, t],
  );
}
