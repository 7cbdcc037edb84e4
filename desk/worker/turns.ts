// Whose turn it is in this one thread: what a person waits for comes before what is read ahead.

/** Longest that something in the background waits for the page's own calls, in milliseconds. */
const WAIT_MS = 3_000;

let others = 0;
let waiting: (() => void)[] = [];

export function begin(): void {
  others++;
}

export function end(): void {
  if (--others > 0) return;
  for (const go of waiting) go();
  waiting = [];
}

/** Waits until the page waits for nothing, and lets what came meanwhile in. */
export async function idle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (others === 0) return;
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    setTimeout(resolve, WAIT_MS);
  });
}
