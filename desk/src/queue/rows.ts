// The rows of a list: tickets, and in a grouped view a heading before each priority.
import type { TicketPriority } from "sealdesk/views";

import type { Line } from "./lines.ts";
import { PRIORITIES } from "./views.ts";

export interface Heading {
  priority: TicketPriority;
  count: number;
}

export interface Rows {
  /** Of the tickets alone. */
  ids: readonly string[];
  /** With headings. */
  length: number;
  keyAt(index: number): string;
  headingAt(index: number): Heading | undefined;
  /** Where a ticket stands, headings counted; -1 where it does not. */
  placeOf(id: string): number;
}

/** Rows in this order; with headings where they are grouped, and stand by priority. */
export function rowsOf(ids: readonly string[], lines: ReadonlyMap<string, Line>, isGrouped: boolean): Rows {
  const places = new Map<string, number>();
  const headings = new Map<number, Heading>();
  const keys: string[] = [];
  let group: Heading | undefined;
  for (const id of ids) {
    const priority = lines.get(id)?.ticket.priority;
    // A ticket whose priority changed stays where it stands until the list is shown anew, and begins no group of its own.
    if (isGrouped && priority !== undefined && isNext(group?.priority, priority)) {
      group = { priority, count: 0 };
      headings.set(keys.length, group);
      keys.push(`heading ${priority}`);
    }
    if (group) group.count++;
    places.set(id, keys.length);
    keys.push(id);
  }
  return {
    ids,
    length: keys.length,
    keyAt: (index) => keys[index] ?? "",
    headingAt: (index) => headings.get(index),
    placeOf: (id) => places.get(id) ?? -1,
  };
}

function isNext(group: TicketPriority | undefined, priority: TicketPriority): boolean {
  return group === undefined || PRIORITIES.indexOf(priority) > PRIORITIES.indexOf(group);
}
