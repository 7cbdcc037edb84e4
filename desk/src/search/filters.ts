// What a search asks of tickets beside their words: `status:waiting from:anna -tag:spam before:2026-11`. A filter is called as the page's
// language calls it, or in English, and so is what stands behind it.
import type { Ticket, TicketPriority, TicketStatus } from "sealdesk/views";

import { fold, type Narrowing } from "../../worker/scan.ts";
import type { Mark } from "../queue/views.ts";
import type { Is } from "./listed.ts";

export const FILTERS = ["status", "priority", "category", "from", "to", "provider", "tag", "has", "is", "before", "after"] as const;
export type FilterName = (typeof FILTERS)[number];

/** What of a query is a filter. */
export interface Part {
  name: FilterName;
  /** What stands behind the colon. */
  value: string;
  /** Whether a minus stands before it: what it names is left out. */
  isNot: boolean;
  /** As it was written. */
  written: string;
}

/** What filters and their values are called here, in lower or upper case. */
export interface Spoken {
  filter: Record<FilterName, string>;
  status: Record<TicketStatus, string>;
  priority: Record<TicketPriority, string>;
  category(name: string): string;
  /** What tickets are called that are neither resolved nor closed. */
  unfinished: string;
  me: string;
  nobody: string;
  files: string;
  /** What staff know of a ticket, behind `is:`. */
  mark: Record<Mark, string>;
  /** Somebody's name as it is shown. */
  person(address: string, isStaff: boolean): string;
  myAddress: string;
}

const PART = /(?<=^|\s)(-?)(\p{L}+):(?:"([^"]*)"?|(\S*))/gu;

/** A query as its filters, and the words that are no filter. */
export function split(query: string, spoken: Spoken): { words: string; parts: Part[] } {
  const byName = new Map<string, FilterName>(FILTERS.flatMap((name) => [[fold(spoken.filter[name]), name], [name, name]] as const));
  const parts: Part[] = [];
  const words = query.replace(PART, (written: string, minus: string, called: string, quoted?: string, bare?: string) => {
    const name = byName.get(fold(called));
    // Anything else with a colon is looked for as it stands: `error:` and `https://…` are words.
    if (name === undefined) return written;
    parts.push({ name, value: (quoted ?? bare ?? "").trim(), isNot: minus !== "", written });
    return " ";
  });
  return { words: words.trim(), parts };
}

/** What a filter may be asked for, as the page calls it; empty where that is free. */
export function choices(name: FilterName, spoken: Spoken, tickets: Iterable<Ticket>): string[] {
  switch (name) {
    case "status":
      return [spoken.unfinished, ...Object.values(spoken.status)].filter((word, n, all) => all.indexOf(word) === n);
    case "priority":
      return Object.values(spoken.priority);
    case "category":
      return distinct(tickets, ({ category }) => [spoken.category(category)]);
    case "from":
      return distinct(tickets, ({ customer_address: who }) => [personWord(who, spoken, false)]);
    case "to":
      return [spoken.nobody, ...distinct(tickets, (ticket) => doing(ticket).map((who) => personWord(who, spoken, true)))];
    case "has":
      return [spoken.files];
    case "is":
      return Object.values(spoken.mark);
    default:
      return [];
  }
}

const personWord = (who: string, spoken: Spoken, isStaff: boolean): string => (who === spoken.myAddress ? spoken.me : spoken.person(who, isStaff));
const doing = ({ assigned_to, collaborators }: Ticket): string[] => [assigned_to, ...collaborators].filter((who) => who !== "");

function distinct(tickets: Iterable<Ticket>, of: (ticket: Ticket) => string[]): string[] {
  const found = new Set<string>();
  for (const ticket of tickets) for (const word of of(ticket)) found.add(word);
  return [...found].sort((one, other) => one.localeCompare(other));
}

type Test = (ticket: Ticket) => boolean;

/** Whether a name as somebody typed it is this one, or begins a word of it. */
function isCalled(typed: string, ...names: string[]): boolean {
  const wanted = fold(typed);
  return wanted !== "" && names.some((name) => ` ${fold(name).replace(/[_\s]+/gu, " ")}`.includes(` ${wanted.replace(/[_\s]+/gu, " ")}`));
}

function named<Name extends string>(typed: string, words: Record<Name, string>): Name[] {
  return (Object.keys(words) as Name[]).filter((name) => isCalled(typed, name, words[name]));
}

const UNFINISHED: TicketStatus[] = ["open", "assigned", "in_progress", "pending_customer"];

function ofStatus(typed: string, spoken: Spoken): Test | null {
  const isUnfinished = isCalled(typed, spoken.unfinished, "unfinished", "open");
  const wanted = isUnfinished ? UNFINISHED : named(typed, spoken.status);
  return wanted.length === 0 ? null : ({ status }) => wanted.includes(status);
}

/** What every address of a ledger begins with. */
const PREFIX = /^[a-z]+1/u;
/** Fewer letters are in too many addresses. */
const ADDRESS_LETTERS_MIN = 4;

/** Whether somebody typed an address, or enough of what sets it apart from others. */
function isAddress(typed: string, who: string): boolean {
  const wanted = typed.toLowerCase();
  const rest = wanted.replace(PREFIX, "");
  return wanted === who || (rest.length >= ADDRESS_LETTERS_MIN && who.replace(PREFIX, "").includes(rest));
}

function ofPerson(typed: string, spoken: Spoken, isStaff: boolean, whose: (ticket: Ticket) => string[]): Test {
  if (isStaff && (fold(typed) === "nobody" || fold(typed) === fold(spoken.nobody))) return (ticket) => whose(ticket).length === 0;
  if (fold(typed) === "me" || fold(typed) === fold(spoken.me)) return (ticket) => whose(ticket).includes(spoken.myAddress);
  // Asked once for each person, and not once for each ticket.
  const known = new Map<string, boolean>();
  const isMeant = (who: string) => {
    let is = known.get(who);
    if (is === undefined) known.set(who, (is = isCalled(typed, spoken.person(who, isStaff)) || isAddress(typed, who)));
    return is;
  };
  return (ticket) => whose(ticket).some(isMeant);
}

/** The first moment of a day, month or year of this place; `null` where there is no such day. */
export function beginning(typed: string): Date | null {
  const [, year, month = "01", day = "01"] = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/u.exec(typed) ?? [];
  if (year === undefined) return null;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return date.getMonth() === Number(month) - 1 && date.getDate() === Number(day) ? date : null;
}

/** What comes after a day, month or year: `after:2026-11` begins with December. */
function following(typed: string): Date | null {
  const begun = beginning(typed);
  if (begun === null) return null;
  const dashes = typed.split("-").length - 1;
  if (dashes === 0) begun.setFullYear(begun.getFullYear() + 1);
  else if (dashes === 1) begun.setMonth(begun.getMonth() + 1);
  else begun.setDate(begun.getDate() + 1);
  return begun;
}

const changed = ({ updated_at }: Ticket): number => Date.parse(updated_at ?? "");

/** What a filter asks of a ticket's public fields; null where nothing is called so. */
function testOf({ name, value }: Part, spoken: Spoken, is: Is | undefined): Test | null {
  switch (name) {
    case "is": {
      const wanted = named(value, spoken.mark);
      return is === undefined || wanted.length === 0 ? null : ({ ticket_id }) => wanted.some((mark) => is(ticket_id, mark));
    }
    case "status":
      return ofStatus(value, spoken);
    case "priority": {
      const wanted = named(value, spoken.priority);
      return wanted.length === 0 ? null : ({ priority }) => wanted.includes(priority);
    }
    case "category":
      return ({ category }) => isCalled(value, category, spoken.category(category));
    case "from":
      return ofPerson(value, spoken, false, ({ customer_address }) => [customer_address]);
    case "to":
      return ofPerson(value, spoken, true, doing);
    case "provider":
      return ofPerson(value, spoken, true, ({ provider_address }) => [provider_address].filter((who) => who !== ""));
    case "before": {
      const end = beginning(value)?.getTime();
      return end === undefined ? null : (ticket) => changed(ticket) < end;
    }
    case "after": {
      const begin = following(value)?.getTime();
      return begin === undefined ? null : (ticket) => changed(ticket) >= begin;
    }
    default:
      return null;
  }
}

export interface Asked {
  words: string;
  /** Null where nothing but words is asked for. */
  narrowing: Narrowing | null;
  /** Filters that name nothing; the search does without them. */
  wrong: Part[];
  /** The filter that the query ends with, as far as it was written. */
  last: Part | null;
}

/** Who asks twice for the same thing means either; of different things a ticket has to have all. */
export function asked(query: string, tickets: ReadonlyMap<string, Ticket>, spoken: Spoken, is?: Is): Asked {
  const { words, parts } = split(query, spoken);
  const either = new Map<FilterName, Test[]>();
  const tests: Test[] = [];
  const wrong: Part[] = [];
  const narrowing: Narrowing = { within: null, tags: [], withoutTags: [], hasFiles: null };
  for (const part of parts) {
    const { name, value, isNot } = part;
    if (value === "") continue;
    if (name === "tag") (isNot ? narrowing.withoutTags : narrowing.tags).push(fold(value));
    else if (name === "has") {
      if (isCalled(value, spoken.files, "files")) narrowing.hasFiles = !isNot;
      else wrong.push(part);
    } else {
      const test = testOf(part, spoken, is);
      if (test === null) wrong.push(part);
      else if (isNot) tests.push((ticket) => !test(ticket));
      // Between two days, and not before or after either; late and unread.
      else if (name === "before" || name === "after" || name === "is") tests.push(test);
      else either.set(name, [...(either.get(name) ?? []), test]);
    }
  }
  for (const any of either.values()) tests.push((ticket) => any.some((test) => test(ticket)));
  if (tests.length > 0) narrowing.within = [...tickets.values()].filter((ticket) => tests.every((test) => test(ticket))).map(({ ticket_id }) => ticket_id);
  const { within, tags, withoutTags, hasFiles } = narrowing;
  const isNarrowed = within !== null || tags.length > 0 || withoutTags.length > 0 || hasFiles !== null;
  const end = parts.at(-1);
  return { words, narrowing: isNarrowed ? narrowing : null, wrong, last: end && query.endsWith(end.written) ? end : null };
}

/** A value as it is typed behind a filter. */
export const quoted = (value: string): string => (/[\s"]/u.test(value) ? `"${value.replaceAll('"', "")}"` : value);

/** A query whose last filter, or which itself, goes on with this. */
export function withEnding(query: string, last: Part | null, ending: string): string {
  const before = last ? query.slice(0, query.length - last.written.length) : query;
  return `${before}${last === null && before !== "" && !/\s$/u.test(before) ? " " : ""}${ending}`;
}

/** How many letters have to be changed, put in, left out or exchanged with the next one to make a word of another one. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isTurned = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const steps = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1), ...(isTurned ? [(before[j - 2] ?? 0) + 1] : [])];
      next.push(Math.min(...steps));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}

/** What was written as a filter that there is not, and the one that is nearest to it. */
export interface Near {
  written: string;
  filter: string;
}

/** Of words with a colon, which were looked for as they stand: what was likely meant. */
export function nearest(words: string, spoken: Spoken, offered: readonly FilterName[]): Near | null {
  for (const [, , called = ""] of words.matchAll(PART)) {
    const typed = fold(called);
    // Of a short word all letters would be others.
    const far = typed.length < 5 ? 1 : 2;
    const near = offered
      .flatMap((name) => [spoken.filter[name], name].map((word) => ({ name, far: distance(typed, fold(word)) })))
      .sort((one, other) => one.far - other.far)[0];
    if (near && near.far <= far) return { written: `${called}:`, filter: `${spoken.filter[near.name]}:` };
  }
  return null;
}
