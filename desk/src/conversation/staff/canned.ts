// Canned replies and macros as the staff's documents hold them. Whatever others wrote there is read as what it can be, and no more.
import type { DeskDocument, Ticket, TicketPriority, TicketStatus } from "sealdesk/views";

import { oneLine } from "../../kit/letters.ts";
import { type Planned, tagsIn } from "../tags.ts";

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
  /** Tags to add, separated by commas. */
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
  /** Empty where nobody knows a name of theirs. */
  customer: string;
  ticket: string;
  agent: string;
  subject: string;
}

export const VARIABLES = ["customer", "ticket", "agent", "subject"] as const satisfies (keyof Facts)[];

/** What looks like a variable: a name in braces, and behind a bar what stands there where it has nothing to stand for. */
const VARIABLE = String.raw`\{\s*(?<name>\p{L}[\p{L}\p{N}_ .-]{0,40})(?:\|(?<otherwise>[^{}\n]*))?\}`;
/** Braces that are a text: in fenced code and code spans, as Markdown has them, and those of other languages, `{{…}}` and `${…}`. */
const FENCED = "^ {0,3}(?<fence>`{3,}(?=[^`\\n]*$)|~{3,})[^]*?(?:^ {0,3}\\k<fence>[^\\n]*$|(?![^]))";
const SPAN = "(?<![`\\\\])(?<ticks>`+)(?!`)(?:(?!\\n[ \\t]*\\n)[^])*?(?<!`)\\k<ticks>(?!`)";
const OTHERS = String.raw`\{\{[^{}]*\}\}|\$\{[^{}]*\}`;
const PARTS = new RegExp(`${FENCED}|${SPAN}|${OTHERS}|${VARIABLE}`, "gmu");

/** Each variable of a text, as it is written and by its name. */
const found = (text: string) => [...text.matchAll(PARTS)].flatMap(({ 0: written, groups }) => (groups?.name === undefined ? [] : [{ written, name: groups.name.trim() }]));

/** Puts in what the variables stand for, or else what their author wrote for that. What has neither stays as it is, and is not sent unseen. */
export function filled(text: string, facts: Facts): string {
  return text.replace(PARTS, (whole: string, ...rest: unknown[]) => {
    const { name, otherwise } = rest.at(-1) as Record<string, string | undefined>;
    const known = name?.trim();
    if (known === undefined || !Object.hasOwn(facts, known)) return whole;
    return facts[known as keyof Facts] || (otherwise ?? whole);
  });
}

/** What looks like a variable in a text, each once and as it is written. */
export const variablesIn = (text: string): string[] => [...new Set(found(text).map(({ written }) => written))];

/** Those that stand for nothing, whatever the ticket. */
export const unknownIn = (text: string): string[] => [...new Set(found(text).flatMap(({ written, name }) => ((VARIABLES as readonly string[]).includes(name) ? [] : [written])))];

/** What was left of canned replies in a text that somebody is about to send. What they typed themselves is theirs, whatever it looks like. */
export function leftIn(text: string, canned: readonly { text: string }[]): string[] {
  // Wherever it stands: what somebody typed around it may have made code of it.
  const written = new Set(text.match(new RegExp(VARIABLE, "gu")));
  if (written.size === 0) return [];
  const theirs = new Set(canned.flatMap((one) => variablesIn(one.text)));
  return [...written].filter((one) => theirs.has(one));
}

/** What somebody is asked about before a text is sent. As long as it is not known what is a canned reply's, each variable could be. */
export function toAsk(text: string, replies: DeskDocument | undefined, macros: DeskDocument | undefined): string[] {
  return replies && macros ? leftIn(text, [...repliesIn(replies), ...macrosIn(macros)]) : variablesIn(text);
}

const BUSY: readonly TicketStatus[] = ["assigned", "in_progress", "pending_customer"];

/** What a macro does beside its reply, as the ticket stands, in the order in which the ledger takes it. */
export function actsOf(macro: Macro, ticket: Ticket, tags: readonly string[]): Planned[] {
  const acts: Planned[] = [];
  const added = tagsIn(macro.tags);
  if (added.some((tag) => !tags.includes(tag))) acts.push({ act: "retag", added, removed: [] });
  if (macro.priority !== "" && macro.priority !== ticket.priority) acts.push({ act: "prioritize", priority: macro.priority, reason: "" });
  const isBusy = BUSY.includes(ticket.status) || macro.takes;
  if (macro.then === "resolve" && isBusy) acts.push({ act: "resolve", reference: "" });
  const isInWork = ticket.status === "in_progress" || ticket.status === "pending_customer" || macro.text.trim() !== "";
  if (macro.then === "wait" && isBusy && isInWork && ticket.status !== "pending_customer") acts.push({ act: "await_customer" });
  return acts;
}

/** Fields of an entry, as they stand in its form. */
export const ENTRY_FIELDS = ["name", "text", "then", "priority", "tags", "takes"] as const;
export type EntryField = (typeof ENTRY_FIELDS)[number];

/** The fields in which two versions of a reply or macro differ; of one that was deleted, `theirs` is null, and all of mine that say something. */
export function differing(of: "replies" | "macros", mine: Record<string, unknown>, theirs: Record<string, unknown> | null): EntryField[] {
  const reads = of === "macros" ? macrosIn : repliesIn;
  const read = (value: Record<string, unknown>) => reads({ entries: { one: value } } as unknown as DeskDocument)[0] as Partial<Macro>;
  const [one, other] = [read(mine), read(theirs ?? {})];
  const names = ENTRY_FIELDS.filter((name) => name in one);
  return names.filter((name) => (theirs === null && name === "name") || one[name] !== other[name]);
}
