// What this person has seen. Everything up to a moment counts as seen, and beside that the tickets that were looked at since: so that it
// stays small enough for one sealed document, whatever a desk has.
import { lastSaidIn } from "./lastSaid.ts";
import type { Line } from "./lines.ts";

/** A mark: up to which moment its ticket was seen (0: marked unread), and when that was said. In seconds. */
export type Mark = [seen: number, said: number];

export interface Marks {
  /** In seconds: whatever was last said before counts as seen. */
  before: number;
  of: Readonly<Record<string, Mark>>;
}

/** Marks beside the moment; with about 35 bytes each they fit a sealed document. */
export const MARKS_MAX = 400;
/** How many are left when there are too many. */
const MARKS_KEPT = 300;
/** On the first visit what is older than a week is not news. */
const FIRST_SECONDS = 7 * 24 * 60 * 60;

export const firstMarks = (now: number): Marks => ({ before: now - FIRST_SECONDS, of: {} });

/** When somebody else was last heard in a ticket, in seconds; 0 where nobody was, or that is not known. */
export function heardAt(line: Line, me: string): number {
  const last = lastSaidIn(line);
  return last && last.by !== me ? Math.floor(Date.parse(last.at) / 1000) : 0;
}

/** What was in front of somebody: which ticket, and when somebody else was last heard in it. */
export interface Look {
  id: string;
  heard: number;
}

/** Whether there is something to be seen anew: another ticket, or somebody else's words since. One's own act is none, and takes no mark away. */
export function isNews(before: Look | undefined, now: Look): boolean {
  return before?.id !== now.id || now.heard > before.heard;
}

export function isUnread(line: Line, marks: Marks, me: string): boolean {
  const mark = marks.of[line.id];
  if (mark?.[0] === 0) return true;
  const heard = heardAt(line, me);
  return heard > Math.max(mark?.[0] ?? 0, marks.before);
}

/** Says that a ticket was seen up to a moment, or marks it unread with 0. */
export function mark(marks: Marks, id: string, seen: number, now: number): Marks {
  const known = marks.of[id];
  if (known?.[0] === seen) return marks;
  return { ...marks, of: { ...marks.of, [id]: [seen, Math.max(now, (known?.[1] ?? 0) + 1)] } };
}

/** What two devices know, together: of each ticket what was said last. Neither order nor repetition makes a difference. */
export function together(one: Marks, other: Marks): Marks {
  const of: Record<string, Mark> = { ...one.of };
  for (const [id, mark] of Object.entries(other.of)) {
    const known = of[id];
    if (!known || mark[1] > known[1] || (mark[1] === known[1] && mark[0] > known[0])) of[id] = mark;
  }
  return { before: Math.max(one.before, other.before), of };
}

/**
 * As few marks as fit: the moment is moved, and what is unread all the same keeps a mark that says so. Where even those are too many, the
 * oldest count as seen.
 */
export function pruned(marks: Marks, lines: ReadonlyMap<string, Line>, me: string): Marks {
  const entries = Object.entries(marks.of);
  if (entries.length <= MARKS_MAX) return marks;
  const newest = entries.sort(([, one], [, other]) => other[1] - one[1]).slice(0, MARKS_KEPT);
  const dropped = entries.slice(MARKS_KEPT);
  const before = Math.max(marks.before, ...dropped.map(([, [seen]]) => seen));
  const said = Math.max(...newest.map(([, [, said]]) => said));
  const of: Record<string, Mark> = Object.fromEntries(newest);
  const unread = [...lines.values()]
    .filter((line) => heardAt(line, me) <= before && isUnread(line, marks, me) && of[line.id] === undefined)
    .sort((one, other) => heardAt(other, me) - heardAt(one, me));
  for (const { id } of unread.slice(0, MARKS_MAX - newest.length)) of[id] = [0, said];
  return { before, of };
}

/** Reads what was kept or came from the ledger; null for anything else. */
export function marksOf(value: unknown): Marks | null {
  if (typeof value !== "object" || value === null) return null;
  const { before, of } = value as { before?: unknown; of?: unknown };
  if (!isSeconds(before) || typeof of !== "object" || of === null) return null;
  const entries = Object.entries(of).filter((entry): entry is [string, Mark] => {
    const [id, mark] = entry as [string, unknown];
    return /^TKT-\d{8,}$/.test(id) && Array.isArray(mark) && mark.length === 2 && mark.every(isSeconds);
  });
  return { before, of: Object.fromEntries(entries.slice(0, 2 * MARKS_MAX)) };
}

const isSeconds = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
