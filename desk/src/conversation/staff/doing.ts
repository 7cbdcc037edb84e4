// What staff do with a ticket: it waits until it can no longer be taken back, and is then done once.
import { useCallback } from "react";

import type { Told } from "../../../worker/api.ts";
import { useReaching } from "../../offline/NeedsDesk.tsx";
import { useOpened } from "../../session/session.tsx";
import { whoWrote } from "../meanwhile.ts";
import { outbox, refresh, waitOf } from "../outboxTimer.ts";
import type { Act } from "../outbox.ts";
import { useTold } from "../told.tsx";

interface Doing {
  ticket: string;
  /** Said while it can be taken back. */
  label: string;
  /** Said when it is done and proven. */
  done: string;
  /** Of what ends a ticket or puts it off: how many responses it had when that was begun. What somebody wrote since is told before it is done. */
  seen?: number | undefined;
  work(): Promise<Told>;
}

/**
 * Holds an act of staff on a ticket until it can no longer be taken back, then does it. `false` where the desk cannot be reached, which the person is
 * told: nothing was begun, and what they typed for it is still theirs.
 */
export function useDo(): (doing: Doing) => boolean {
  const told = useTold();
  const reaching = useReaching();
  const { address } = useOpened();
  return useCallback(
    ({ ticket, label, done, seen, work }) => {
      const act: Act = {
        key: `${ticket} ${label}`,
        ticket,
        label,
        look: seen === undefined ? undefined : () => whoWrote(ticket, seen, address),
        async run() {
          try {
            told(await work(), done);
          } finally {
            await refresh(ticket);
          }
        },
      };
      return reaching(() => void outbox.hold(act, waitOf(true)));
    },
    [told, reaching, address],
  );
}
