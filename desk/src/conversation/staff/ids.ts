// Tickets by their names, and how they stand to each other.
import type { Act, TicketLink } from "sealdesk/views";

/** The ticket that somebody means by "TKT-00000007", "tkt-7" or "7"; null where it is none. */
export function ticketIn(typed: string): string | null {
  const digits = /^(?:tkt-?)?0*([1-9][0-9]{0,15})$/i.exec(typed.trim())?.[1];
  return digits === undefined ? null : `TKT-${digits.padStart(8, "0")}`;
}

/** The act that takes a link of a ticket back, from whichever side it was made. */
export function backOf(ticket: string, { kind, ticket_id: other }: TicketLink): Act {
  switch (kind) {
    case "duplicated_by":
      return { act: "unlink", ticket: other, kind: "duplicate_of", other: ticket };
    case "followed_up_by":
      return { act: "unlink", ticket: other, kind: "follows_up", other: ticket };
    default:
      return { act: "unlink", ticket, kind, other };
  }
}
