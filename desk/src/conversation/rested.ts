// When nothing waits to be sent any more.
import { isStuck, type Outbox } from "./outbox.ts";

/** Resolves when nothing goes on by itself; rejects where something is left by then that is nowhere but here, and that its person may still send. */
export function rested(outbox: Pick<Outbox, "list" | "subscribe">): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!outbox.list().every(isStuck)) return;
      stop();
      const lost = outbox.list().find(({ isKept }) => !isKept);
      if (lost) reject(lost.error ?? new Error(lost.label));
      else resolve();
    };
    const stop = outbox.subscribe(look);
    look();
  });
}
