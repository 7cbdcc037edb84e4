// What staff do with a ticket: it waits until it can no longer be taken back, and is then done once.
import { useLingui } from "@lingui/react/macro";
import { useCallback } from "react";

import type { Told } from "../../../worker/api.ts";
import { useToast } from "../../kit/toast.tsx";
import { useReaching } from "../../offline/NeedsDesk.tsx";
import { useOpened } from "../../session/session.tsx";
import { draftOf } from "../deliver.ts";
import { whoWrote } from "../meanwhile.ts";
import { outbox, refresh, useEntry, waitOf } from "../outboxTimer.ts";
import type { Act, Entry } from "../outbox.ts";
import { useTold } from "../told.tsx";

interface Doing {
  ticket: string;
  /** Of what kind it is: a later one of the same kind takes the place of one that is still held. */
  kind: string;
  /** What was chosen: a dialog about the same begins with it as long as it is held. */
  given?: unknown;
  /** Whether the ledger has it so: then what is held is taken back, and nothing else is done. */
  isAsBefore?: boolean;
  /** Said while it can be taken back. */
  label: string;
  /** Said when it is done and proven. */
  done: string;
  /** Of what ends a ticket or puts it off: how many responses it had when that was begun. What somebody wrote since is told before it is done. */
  seen?: number | undefined;
  work(): Promise<Told>;
}

const keyOf = (ticket: string, kind: string): string => `${ticket} ${kind}`;
const heldOf = (ticket: string, kind: string): Entry | undefined => outbox.list().find((entry) => entry.key === keyOf(ticket, kind) && entry.state === "held");

/** What was chosen for an act of this kind that is still held. */
export function useGiven<Given>(ticket: string, kind: string): Given | undefined {
  const entry = useEntry(keyOf(ticket, kind));
  return entry?.state === "held" ? (entry.given as Given) : undefined;
}

/**
 * Holds an act of staff on a ticket until it can no longer be taken back, then does it. `false` where the desk cannot be reached, which the person is
 * told, or where the same is on its way: nothing was begun, and what they typed for it is still theirs.
 */
export function useDo(): (doing: Doing) => boolean {
  const { t } = useLingui();
  const toast = useToast();
  const told = useTold();
  const reaching = useReaching();
  const { address } = useOpened();
  return useCallback(
    ({ ticket, kind, label, done, seen, given, isAsBefore, work }) => {
      const held = isAsBefore ? heldOf(ticket, kind) : undefined;
      if (held) {
        outbox.undo(held.id);
        return true;
      }
      const act: Act = {
        key: keyOf(ticket, kind),
        ticket,
        label,
        replaces: true,
        given,
        // Whatever ends a ticket or puts it off goes after the reply that is on its way, and not without it.
        after: seen === undefined ? undefined : draftOf("reply", ticket),
        look: seen === undefined ? undefined : (since) => whoWrote(ticket, since ?? seen, address),
        async run() {
          try {
            told(await work(), done);
          } finally {
            await refresh(ticket);
          }
        },
      };
      let isHeld = false;
      if (!reaching(() => void (isHeld = outbox.hold(act, waitOf(true))))) return false;
      if (!isHeld) toast(t`That is on its way already. Do it again once it is done.`);
      return isHeld;
    },
    [told, reaching, address, toast, t],
  );
}
