// What is told of a desk that does not answer, and of nothing else.

/** Longest that somebody who looks waits for a desk that did not answer a moment ago, in milliseconds. It is asked further behind that. */
export const AWAY_MS = 1_500;

/** The desk did not answer yet since this person is unlocked. */
export class Away extends Error {
  /** As the module says it of its own errors. */
  readonly away = true;

  constructor() {
    super("the desk does not answer: look at your connection, and try again");
  }
}

/** Whether the desk did not answer. Whatever it answers, wrong or right, is something else. */
export const isAway = (error: unknown): boolean => (error as { away?: unknown } | null)?.away === true;

/** A proxy's words for a node that is not there. */
const NOBODY: readonly number[] = [502, 503, 504];

/** Whether an answer is not the node's. A node that is too busy says when to come back: that is its own word. */
export const isNobodys = ({ status, headers }: Pick<Response, "status" | "headers">): boolean => NOBODY.includes(status) && !headers.has("retry-after");

/** Small, and the node's own, wherever the page comes from. */
const PROBE = "/api/v1/status";

/** Over at once where nobody is there, or a proxy says so: the module asks for a proof again and again, for ten seconds. */
async function missing(): Promise<never> {
  const isThere = await fetch(PROBE, { method: "HEAD", cache: "no-store" }).then((answer) => !isNobodys(answer), () => false);
  if (!isThere) throw new Away();
  return new Promise(() => undefined);
}

/** What comes of asking the desk, or that it does not answer. */
export const unlessAway = <T>(asking: Promise<T>): Promise<T> => Promise.race([asking, missing()]);
