// From tickets to what a chart shows: pure counting, a week a place. All times are Unix seconds.
import type { TicketStatus } from "sealdesk/views";

export interface Step {
  at: number;
  status: TicketStatus;
}

/** What is counted of a ticket. */
export interface Counted {
  id: string;
  created: number;
  /** When it was resolved or closed last; null while it is not over. */
  over: number | null;
  /** The first answer of the team that is not a note; null where there was none, undefined where it was not asked. */
  answered?: number | null;
  steps: Step[];
  ratings: { score: number; at: number }[];
}

export const WEEK = 7 * 86_400;
/** 1970-01-05 was the first Monday. */
const MONDAY = 4 * 86_400;

/** Beginnings of the newest weeks, oldest first; a week begins on Monday, UTC. */
export function weeks(now: number, count: number): number[] {
  const current = now - ((((now - MONDAY) % WEEK) + WEEK) % WEEK);
  return Array.from({ length: count }, (_, n) => current - (count - 1 - n) * WEEK);
}

const STATES = ["open", "assigned", "in_progress", "pending_customer", "resolved"] as const;
export type ShownState = (typeof STATES)[number];
export { STATES };

/** In which state a ticket was at a time; null before it was there, and once it is closed. */
export function stateAt(ticket: Counted, at: number): ShownState | null {
  const before = ticket.steps.filter((step) => step.at <= at);
  const status = before.at(-1)?.status;
  return status === undefined || status === "closed" ? null : status;
}

/** How many tickets were in each state when a week ended, or are now in the last one. */
export function byState(tickets: Counted[], starts: number[], now: number): Record<ShownState, number>[] {
  return starts.map((start) => {
    const counts: Record<ShownState, number> = { open: 0, assigned: 0, in_progress: 0, pending_customer: 0, resolved: 0 };
    const at = Math.min(start + WEEK - 1, now);
    for (const ticket of tickets) {
      const state = stateAt(ticket, at);
      if (state) counts[state]++;
    }
    return counts;
  });
}

export interface Spread {
  count: number;
  /** The tenth, the quarter, the middle, three quarters, nine tenths; null where nothing was counted. */
  low: number | null;
  quarter: number | null;
  median: number | null;
  most: number | null;
  high: number | null;
}

/** The value below which this share lies, between neighbours where none lies there. */
export function quantile(sorted: number[], share: number): number | null {
  if (sorted.length === 0) return null;
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}

export function spread(values: number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, quarter, median, most, high] = [0.1, 0.25, 0.5, 0.75, 0.9].map((share) => quantile(sorted, share));
  return { count: sorted.length, low: low ?? null, quarter: quarter ?? null, median: median ?? null, most: most ?? null, high: high ?? null };
}

/** Which week a time is in; -1 where it is in none of them. */
export function weekOf(starts: number[], at: number): number {
  return starts.findIndex((start) => at >= start && at < start + WEEK);
}

/** Values by the week in which they came to be. */
function grouped<T>(starts: number[], values: { at: number; value: T }[]): T[][] {
  const groups: T[][] = starts.map(() => []);
  for (const { at, value } of values) groups[weekOf(starts, at)]?.push(value);
  return groups;
}

/** How long first answers took, by the week in which the ticket was written. */
export function answers(tickets: Counted[], starts: number[]): Spread[] {
  const took = tickets.flatMap(({ created, answered }) => (answered == null ? [] : [{ at: created, value: answered - created }]));
  return grouped(starts, took).map(spread);
}

/** How long tickets took until they were resolved or closed, by the week in which they were. */
export function resolutions(tickets: Counted[], starts: number[]): Spread[] {
  const took = tickets.flatMap(({ created, over }) => (over === null ? [] : [{ at: over, value: over - created }]));
  return grouped(starts, took).map(spread);
}

export interface Promised {
  kind: "first_response" | "next_response" | "resolution";
  isMet: boolean;
  /** When it was decided. */
  at: number;
}

export interface Met {
  met: number;
  missed: number;
}

/** Promises that were kept and that were not, by the week in which that was decided. */
export function promises(all: Promised[], starts: number[]): Met[] {
  return grouped(starts, all.map((one) => ({ at: one.at, value: one.isMet }))).map((decided) => {
    const met = decided.filter(Boolean).length;
    return { met, missed: decided.length - met };
  });
}

export interface Scores {
  /** Of 1, 2, 3, 4 and 5. */
  counts: number[];
  mean: number | null;
}

export function scores(tickets: Counted[], starts: number[]): Scores[] {
  const given = tickets.flatMap(({ ratings }) => ratings.map(({ score, at }) => ({ at, value: score })));
  return grouped(starts, given).map((found) => {
    const counts = [1, 2, 3, 4, 5].map((score) => found.filter((one) => one === score).length);
    const sum = found.reduce((sum, score) => sum + score, 0);
    return { counts, mean: found.length === 0 ? null : sum / found.length };
  });
}
