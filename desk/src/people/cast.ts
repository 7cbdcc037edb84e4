// Who of the team is in what is shown. A customer knows no names of theirs: one alone is "Support", and several are told apart by their addresses.
import { createContext } from "react";
import type { Conversation } from "sealdesk/views";

const NOBODY: ReadonlySet<string> = new Set();

/** Everybody of the team who is in this part of the page. */
export const Cast = createContext<ReadonlySet<string>>(NOBODY);

/** Whoever says something in a ticket, has it, or did something with it, beside its customers. */
export function castOf({ ticket, messages, events }: Conversation): ReadonlySet<string> {
  const all = new Set([ticket.assigned_to, ...ticket.collaborators, ...messages.map(({ author }) => author)]);
  for (const event of events) {
    for (const [name, value] of Object.entries(event)) if (ACTORS.test(name) && typeof value === "string") all.add(value);
  }
  for (const one of ["", "auto", ticket.customer_address, ...ticket.previous_customers]) all.delete(one);
  return all;
}

/** Fields of events that name somebody: assigned_to, resolved_by. */
const ACTORS = /_(?:by|to)$/;
