// What a list shows, as it was when somebody began to look at it. Rows change where they stand; none comes, goes or moves under a pointer.

/** What is waiting to be shown. */
export interface Waiting {
  added: number;
  gone: number;
  moved: boolean;
}

export const NOTHING_WAITS: Waiting = { added: 0, gone: 0, moved: false };

/** How a list that is shown differs from what it would be now. */
export function waiting(shown: readonly string[], fresh: readonly string[]): Waiting {
  if (shown === fresh) return NOTHING_WAITS;
  const before = new Set(shown);
  const now = new Set(fresh);
  const added = fresh.filter((id) => !before.has(id)).length;
  const kept = shown.filter((id) => now.has(id));
  const order = fresh.filter((id) => before.has(id));
  return { added, gone: shown.length - kept.length, moved: kept.some((id, n) => id !== order[n]) };
}

export const waits = ({ added, gone, moved }: Waiting): boolean => added > 0 || gone > 0 || moved;

/** The row after or before another one; of one that is gone, whoever took its place. */
export function neighbour(rows: readonly string[], at: string | undefined, by: number, lastPlace: number): string | undefined {
  const place = at === undefined ? -1 : rows.indexOf(at);
  // Whoever has no place yet begins at the top, and whoever lost theirs goes on where it was.
  const from = place >= 0 ? place : at === undefined ? (by > 0 ? -1 : 0) : by > 0 ? lastPlace - 1 : lastPlace;
  return rows[Math.max(0, Math.min(rows.length - 1, from + by))];
}

/** The row to go on with from one that is done: the one after it, at the end the one before, and none where it stands alone or is not there. */
export function onward(rows: readonly string[], from: string): string | undefined {
  const place = rows.indexOf(from);
  return place < 0 ? undefined : (rows[place + 1] ?? rows[place - 1]);
}

/** Whether a list is the beginning of another one. */
export const isBeginning = (shown: readonly string[], fresh: readonly string[]): boolean =>
  shown.length <= fresh.length && shown.every((id, n) => id === fresh[n]);
