// How far something is that takes its time, told to the page while its answer is still to come.
import type { Moves, Progress } from "./api.ts";

export function tell(progress: string, done: number, of: number): void {
  self.postMessage({ progress, done, of } satisfies Progress);
}

/** Tells that a piece of a file goes on. */
export function tellMoves(): void {
  self.postMessage({ moves: true } satisfies Moves);
}
