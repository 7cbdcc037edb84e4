// When nothing waits to be sent any more.
import type { Entry, Outbox } from "./outbox.ts";

/** What was not sent, and goes no further by itself: its person says what becomes of it. */
const rests = ({ state, met }: Entry): boolean => state === "failed" || (state === "held" && met !== undefined);

/** Resolves when nothing goes on by itself; rejects where something is left by then that is nowhere but here, and that its person may still send. */
export function rested(outbox: Pick<Outbox, "list" | "subscribe">): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!outbox.list().every(rests)) return;
      stop();
      const lost = outbox.list().find(({ isKept }) => !isKept);
      if (lost) reject(lost.error ?? new Error(lost.label));
      else resolve();
    };
    const stop = outbox.subscribe(look);
    look();
  });
}
