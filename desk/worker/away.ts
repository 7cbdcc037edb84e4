// What is told of a desk that does not answer, and of nothing else.

/** Longest that somebody who looks waits for a desk that did not answer a moment ago, in milliseconds. It is asked further behind that. */
export const AWAY_MS = 1_500;
/** Longest that a desk is waited for by whoever has something to see without it, in milliseconds. A network that hangs says nothing at all. */
const ANSWER_MS = 5_000;
/** As long as the module waits for one answer. */
export const PATIENCE_MS = 10_000;

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

/** Small, and the node's own, wherever the page comes from. It is asked as all else is: something on the way may not know `HEAD`. */
const PROBE = "/api/v1/status";

/** Whether the desk answers within so many milliseconds, whatever it says. */
export const answers = (limit = ANSWER_MS, over?: AbortSignal): Promise<boolean> => {
  const late = AbortSignal.timeout(limit);
  const signal = over ? AbortSignal.any([over, late]) : late;
  return fetch(PROBE, { cache: "no-store", signal }).then((answer) => !isNobodys(answer), () => false);
};

/** Over at once where nobody is there, or a proxy says so: the module asks for a proof again and again, for ten seconds. */
async function missing(limit: number | undefined, over: AbortSignal): Promise<never> {
  if (!(await answers(limit, over))) throw new Away();
  return new Promise(() => undefined);
}

/** What comes of asking the desk, or that it does not answer: at all, or within so many milliseconds. */
export async function unlessAway<T>(asking: Promise<T>, limit?: number): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([asking, missing(limit, over.signal)]);
  } finally {
    // A request that hangs would keep one of the browser's few connections.
    over.abort();
  }
}
