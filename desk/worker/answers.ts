// Which answers of the desk this browser keeps, under which names, and how many of them.
import type { Api } from "./api.ts";

/** Most answers that are kept; those that were proven longest ago go first. */
export const ANSWERS_MAX = 64;
/** Before the names of all of them. */
export const PREFIX = "answer/";

/** Documents that lists and the composer show. */
const DOCUMENTS = ["views", "replies", "macros"];

const isFirst = ([, cursor]: unknown[]) => Array.isArray(cursor) && cursor.length === 0;

/** What is kept, and of which questions. */
const KEPT: Partial<Record<keyof Api, (args: unknown[]) => boolean>> = {
  queueRole: () => true,
  strangeKeys: () => true,
  categories: () => true,
  inbox: () => true,
  read: () => true,
  queuePage: isFirst,
  document: ([shelf, name]) => shelf === "public" && name === "desk",
  readDocument: ([, name]) => DOCUMENTS.includes(String(name)),
};

/** Under what the answer to a question is kept; null where it is not. */
export function nameOf(method: keyof Api, args: unknown[]): string | null {
  return KEPT[method]?.(args) === true ? `${PREFIX}${[method, ...args.filter((arg) => typeof arg === "string")].join("/")}` : null;
}

/**
 * Whether somebody may go on by the answer to this. It is given from what was kept only while nothing can be sent: a node that answers, and holds
 * just this back, is no reason.
 */
export const decides = (method: keyof Api): boolean => method === "strangeKeys" || method === "queueRole";

/** Which go, of these that are there, so that no more than `most` stay: those that nobody knows the time of, then the oldest. */
export function tooMany(names: readonly string[], times: Readonly<Record<string, number>>, most = ANSWERS_MAX): string[] {
  const oldestFirst = [...names].sort((one, other) => (times[one] ?? 0) - (times[other] ?? 0));
  return oldestFirst.slice(0, Math.max(0, names.length - most));
}
