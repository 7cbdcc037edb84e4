// Every ticket that this person works with, by number: tens of thousands if need be, filled page by page and kept up to date by events.
import type { QueueList, QueuePart, QueueTicket, QueueRole, TicketAbout } from "sealdesk/views";

/** One ticket as lists know it. */
export interface Line {
  id: string;
  ticket: QueueTicket;
  /** Of unfinished ones: who spoke last, what is due. */
  about: TicketAbout | null;
}

/** What is there, as of one moment. `lines` changes in place; a new moment is a new object. */
export interface Queue {
  lines: ReadonlyMap<string, Line>;
  /** How far the first filling is: what is unfinished comes first. */
  filled: "nothing" | "unfinished" | "all";
  /** How many tickets there are to fill, where that is known. */
  total: number | null;
  /** Why the filling stopped. */
  error: unknown;
}

/** The lists of a role: the unfinished ones, then the finished ones. */
export function listsOf({ role, takes }: QueueRole): { unfinished: QueueList[]; finished: QueueList[] } {
  if (role === "administrator") return { unfinished: ["all"], finished: ["resolved", "closed"] };
  const open: QueueList[] = takes ? ["unassigned"] : [];
  return { unfinished: ["agent", ...open, "customer"], finished: ["agent-resolved", "agent-closed"] };
}

/** Whether a ticket stands on a list of this person's; an event may be about any ticket of the desk. */
export function isListed(ticket: QueueTicket, { role, takes }: QueueRole, me: string): boolean {
  if (role === "administrator") return true;
  const works = ticket.assigned_to === me || ticket.collaborators.includes(me);
  return works || ticket.customer_address === me || (takes && ticket.status === "open" && ticket.assigned_to === "");
}

/** Takes a part in; older news of a ticket never takes the place of newer. */
export function take(lines: Map<string, Line>, part: QueuePart, standing: QueueRole, me: string): void {
  for (const ticket of part.tickets) {
    const id = ticket.ticket_id;
    const known = lines.get(id);
    if (known && isOlder(ticket, known.ticket)) continue;
    if (isListed(ticket, standing, me)) lines.set(id, { id, ticket, about: part.about[id] ?? null });
    else lines.delete(id);
  }
}

/** By the clock of the ledger; of one second, by the number of responses. */
function isOlder(one: QueueTicket, other: QueueTicket): boolean {
  const [at, other_at] = [one.updated_at ?? "", other.updated_at ?? ""];
  return at === other_at ? one.response_count < other.response_count : at < other_at;
}

const PREFIX = "TKT-";
const DIGITS = 8;

/** A ticket's name by its number. */
export const named = (number: number): string => `${PREFIX}${String(number).padStart(DIGITS, "0")}`;
export const numberOf = (id: string): number => Number(id.slice(PREFIX.length));

/** Numbers that no list named, of a desk with so many tickets. Numbers have no gaps, so that each of these is somewhere. */
export function missing(lines: ReadonlyMap<string, Line>, count: number): string[] {
  const found: string[] = [];
  for (let number = 1; number <= count; number++) {
    const id = named(number);
    if (!lines.has(id)) found.push(id);
  }
  return found;
}
