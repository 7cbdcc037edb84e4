// How far something is that takes its time, told to the page while its answer is still to come.
import type { Progress } from "./api.ts";

export function tell(progress: string, done: number, of: number): void {
  self.postMessage({ progress, done, of } satisfies Progress);
}
