// When nothing waits to be sent any more.
import type { Outbox } from "./outbox.ts";

/** Resolves when nothing is held or on its way. */
export function rested(outbox: Pick<Outbox, "list" | "subscribe">): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (outbox.list().some(({ state }) => state !== "failed")) return;
      stop();
      resolve();
    };
    const stop = outbox.subscribe(look);
    look();
  });
}
