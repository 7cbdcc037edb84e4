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
