// Beginnings of messages for the rows on the screen: a few at a time, what somebody looks at now before what they scrolled past.
import { useQuery } from "@tanstack/react-query";

import type { Summary } from "../../worker/api.ts";
import { door } from "../door.ts";
import { keys } from "../queries.ts";
import { learnSaid, stateOf } from "./lastSaid.ts";
import type { Line } from "./lines.ts";

/** How many tickets are opened at once. */
const AT_ONCE = 4;
/** Tickets whose tags are remembered here. */
const TAGS_MAX = 50_000;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs when it is its turn: the newest first. */
async function inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  if (running >= AT_ONCE) {
    await new Promise<void>((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener("abort", () => {
        const place = waiting.indexOf(resolve);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal.reason as Error);
      });
    });
  }
  running++;
  try {
    return await work();
  } finally {
    running--;
    waiting.pop()?.();
  }
}

const tags = new Map<string, { of: string; tags: readonly string[] }>();
const hearers = new Set<() => void>();

/** The tags of a ticket, where this browser has opened it as it is now. */
export function tagsOf(line: Line): readonly string[] | undefined {
  const known = tags.get(line.id);
  return known?.of === stateOf(line) ? known.tags : undefined;
}

/** Hears that tags of a ticket were learned, or who spoke last in one that is over. */
export function onTags(hearer: () => void): () => void {
  hearers.add(hearer);
  return () => hearers.delete(hearer);
}

export async function summarise(line: Line): Promise<Summary> {
  const of = stateOf(line);
  const summary = await door.summary(line.id, of);
  if (tags.size >= TAGS_MAX) tags.clear();
  tags.set(line.id, { of, tags: summary.tags });
  const isNews = line.about === null && learnSaid(line, summary.lastSaid);
  if (summary.tags.length > 0 || isNews) for (const hearer of hearers) hearer();
  return summary;
}

/** How the beginnings of a ticket's messages are asked for. */
export const summaryOf = (line: Line) => ({
  queryKey: keys.summary(line.id, stateOf(line)),
  queryFn: ({ signal }: { signal: AbortSignal }) => inTurn(() => summarise(line), signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** What a row shows of its messages; where it is not wanted, what is known already. */
export function useSummary(line: Line, isWanted: boolean): Summary | undefined {
  const { data } = useQuery({ ...summaryOf(line), enabled: isWanted });
  return data;
}
