// The lists that an agent works from, as filters over what the ledger says of tickets.
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import type { Inbox, Ticket } from "sealdesk/views";

export interface View {
  id: string;
  name: MessageDescriptor;
  /** What stands in it, of everything that this person works with. */
  has(ticket: Ticket, me: string): boolean;
}

const isOver = (ticket: Ticket) => ticket.status === "resolved" || ticket.status === "closed";

export const VIEWS: View[] = [
  { id: "mine", name: msg`Mine`, has: (ticket, me) => ticket.assigned_to === me && !isOver(ticket) && ticket.status !== "pending_customer" },
  { id: "unassigned", name: msg`Unassigned`, has: (ticket) => ticket.status === "open" },
  { id: "urgent", name: msg`Urgent and high`, has: (ticket) => !isOver(ticket) && (ticket.priority === "urgent" || ticket.priority === "high") },
  { id: "waiting", name: msg`Waiting for the customer`, has: (ticket) => ticket.status === "pending_customer" },
  { id: "team", name: msg`All in work`, has: (ticket) => !isOver(ticket) },
  { id: "resolved", name: msg`Resolved`, has: (ticket) => ticket.status === "resolved" },
  { id: "closed", name: msg`Closed`, has: (ticket) => ticket.status === "closed" },
];

const URGENCY = { urgent: 0, high: 1, normal: 2, low: 3 } as const;

/** Most urgent first, then whoever waits longest. */
export function byUrgency(one: Ticket, other: Ticket): number {
  return URGENCY[one.priority] - URGENCY[other.priority] || (one.updated_at ?? "").localeCompare(other.updated_at ?? "");
}

/** Newest first, for the customer. */
export function byChange(one: Ticket, other: Ticket): number {
  return (other.updated_at ?? "").localeCompare(one.updated_at ?? "");
}

/** Every ticket that this person works with, once. */
export function everything(inbox: Inbox): Ticket[] {
  return [...new Map([...inbox.tickets, ...inbox.closed].map((ticket) => [ticket.ticket_id, ticket])).values()];
}

export const isStaff = (inbox: Inbox): boolean => inbox.role !== "customer";

/** The view that says most about the day where none was chosen. */
export function firstView(tickets: Ticket[], me: string): string {
  return VIEWS.find((view) => tickets.some((ticket) => view.has(ticket, me)))?.id ?? "mine";
}
