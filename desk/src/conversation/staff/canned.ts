// Canned replies and macros as the staff's documents hold them. Whatever others wrote there is read as what it can be, and no more.
import type { Act, DeskDocument, Ticket, TicketPriority, TicketStatus } from "sealdesk/views";

import { oneLine } from "../../kit/letters.ts";
import { tagsAct, tagsIn, withTag } from "../tags.ts";

export interface Reply {
  id: string;
  name: string;
  text: string;
}

export type Then = "nothing" | "wait" | "resolve";

/** A reply with what is done beside it. */
export interface Macro {
  id: string;
  name: string;
  /** May be empty: then it does only the rest. */
  text: string;
  then: Then;
  priority: TicketPriority | "";
  /** Tags to add, with commas between them. */
  tags: string;
  /** Whether whoever uses it takes the ticket. */
  takes: boolean;
}

/** As long as a name is shown, in letters. */
export const NAME_LETTERS_MAX = 80;

const THEN: readonly string[] = ["nothing", "wait", "resolve"];
const PRIORITIES: readonly string[] = ["low", "normal", "high", "urgent"];
const text = (value: unknown) => (typeof value === "string" ? value : "");

function listed<T extends { name: string }>(document: DeskDocument | undefined, read: (id: string, value: Record<string, unknown>) => T): T[] {
  const entries = Object.entries(document?.entries ?? {}).filter(([, value]) => typeof value === "object" && value !== null);
  return entries.map(([id, value]) => read(id, value as Record<string, unknown>)).sort((one, other) => one.name.localeCompare(other.name));
}

export function repliesIn(document: DeskDocument | undefined): Reply[] {
  return listed(document, (id, value) => ({ id, name: oneLine(text(value.name)) ?? "–", text: text(value.text) }));
}

export function macrosIn(document: DeskDocument | undefined): Macro[] {
  return listed(document, (id, value) => ({
    id,
    name: oneLine(text(value.name)) ?? "–",
    text: text(value.text),
    then: THEN.includes(text(value.then)) ? (text(value.then) as Then) : "nothing",
    priority: PRIORITIES.includes(text(value.priority)) ? (text(value.priority) as TicketPriority) : "",
    tags: text(value.tags),
    takes: value.takes === true,
  }));
}

/** What a variable stands for in this ticket. */
export interface Facts {
  customer: string;
  ticket: string;
  agent: string;
  subject: string;
}

export const VARIABLES = ["customer", "ticket", "agent", "subject"] as const satisfies (keyof Facts)[];

/** Puts in what the variables stand for. What is none stays as it is, so that somebody sees it before they send it. */
export function filled(text: string, facts: Facts): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => (Object.hasOwn(facts, name) ? facts[name as keyof Facts] : whole));
}

const BUSY: readonly TicketStatus[] = ["assigned", "in_progress", "pending_customer"];

/** What a macro does beside its reply, as the ticket stands, in the order in which the ledger takes it. */
export function actsOf(macro: Macro, ticket: Ticket, tags: readonly string[]): Act[] {
  const acts: Act[] = [];
  const all = tagsIn(macro.tags).reduce(withTag, [...tags]);
  if (all.length > tags.length) acts.push(tagsAct(all));
  if (macro.priority !== "" && macro.priority !== ticket.priority) acts.push({ act: "prioritize", priority: macro.priority, reason: "" });
  const isBusy = BUSY.includes(ticket.status) || macro.takes;
  if (macro.then === "resolve" && isBusy) acts.push({ act: "resolve", reference: "" });
  const isInWork = ticket.status === "in_progress" || ticket.status === "pending_customer" || macro.text.trim() !== "";
  if (macro.then === "wait" && isBusy && isInWork && ticket.status !== "pending_customer") acts.push({ act: "await_customer" });
  return acts;
}
