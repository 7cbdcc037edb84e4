// What is there to be searched: every ticket that the desk lists for somebody.
import type { Ticket } from "sealdesk/views";

import type { Mark } from "../queue/views.ts";

export interface Listed {
  isEmpty: boolean;
  isCustomer: boolean;
  /** Whether there are tickets that are not listed here, or not yet. */
  more: boolean;
  /** All of them; asked for once somebody searches. Another function where there are others. */
  tickets(): Iterable<Ticket>;
  /** What staff know of a ticket beside its public fields; customers have no word for it. */
  is?: Is;
}

export type Is = (ticket: string, mark: Mark) => boolean;

/** By number, the newest change first. */
export function newestFirst(tickets: Iterable<Ticket>): Map<string, Ticket> {
  const sorted = [...tickets].sort((one, other) => {
    const [at, otherAt] = [one.updated_at ?? "", other.updated_at ?? ""];
    return at < otherAt ? 1 : at > otherAt ? -1 : 0;
  });
  return new Map(sorted.map((ticket) => [ticket.ticket_id, ticket]));
}
