// When nothing waits to be sent any more.
import type { Outbox } from "./outbox.ts";

/** Resolves when nothing is held or on its way; rejects where something failed by then that is nowhere but here, and that its person may send again. */
export function rested(outbox: Pick<Outbox, "list" | "subscribe">): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (outbox.list().some(({ state }) => state !== "failed")) return;
      stop();
      const lost = outbox.list().find(({ isKept }) => !isKept);
      if (lost) reject(lost.error);
      else resolve();
    };
    const stop = outbox.subscribe(look);
    look();
  });
}
