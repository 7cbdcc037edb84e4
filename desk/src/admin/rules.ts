// The desk's limits: in which units people set them, between which bounds, and what a change of each means.
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import type { Limits } from "sealdesk/views";

export type NumberName = { [Name in keyof Limits]: Limits[Name] extends number ? Name : never }[keyof Limits];
export type SwitchName = { [Name in keyof Limits]: Limits[Name] extends boolean ? Name : never }[keyof Limits];

export interface NumberRule {
  name: NumberName;
  label: MessageDescriptor;
  /** What follows from it. */
  means: MessageDescriptor;
  /** In which unit people set it, and how many of the ledger's are one. */
  unit?: MessageDescriptor;
  size: number;
  /** In the ledger's own unit; both are possible. */
  least: number;
  most: number;
}

export interface SwitchRule {
  name: SwitchName;
  label: MessageDescriptor;
  on: MessageDescriptor;
  off: MessageDescriptor;
}

const MIB = 1 << 20;
const KIB = 1 << 10;

export const NUMBERS: NumberRule[] = [
  { name: "max_tickets_per_customer_per_day", label: msg`Tickets a customer may write in a day`, means: msg`More are refused, with the time when the next one is possible. This keeps one account from flooding the desk.`, size: 1, least: 1, most: 10_000 },
  { name: "max_open_tickets_per_customer", label: msg`Open tickets a customer may have`, means: msg`Counts every ticket that is not closed. At the limit, a customer must close one first.`, size: 1, least: 1, most: 10_000 },
  { name: "ticket_cooldown_seconds", label: msg`Pause between two tickets`, unit: msg`seconds`, means: msg`How long a customer must wait before writing the next ticket. 0 = no wait.`, size: 1, least: 0, most: 86_400 },
  { name: "max_responses_per_ticket", label: msg`Replies and notes in a ticket`, means: msg`The last fifth is kept for the team, so a customer cannot fill a ticket up.`, size: 1, least: 5, most: 10_000 },
  { name: "auto_close_after_days", label: msg`Days until a resolved ticket closes by itself`, unit: msg`days`, means: msg`A reply from the customer before then reopens it.`, size: 1, least: 1, most: 3_650 },
  { name: "reopen_window_days", label: msg`Days in which a closed ticket can be reopened`, unit: msg`days`, means: msg`Ratings are possible for the same time. 0 = closed tickets can't be reopened.`, size: 1, least: 0, most: 3_650 },
  { name: "max_recipients", label: msg`Most readers of a message`, means: msg`Limits how many administrators and agents there can be: each message is sealed for each of them. Above 32, the size of a message has to be at least 64 KiB.`, size: 1, least: 3, most: 128 },
  { name: "max_envelope_bytes", label: msg`Size of one message`, unit: msg`KiB`, means: msg`Seals and padding count. With a smaller size, long texts that used to fit are refused.`, size: KIB, least: 16 * KIB, most: 128 * KIB },
  { name: "max_attachment_bytes", label: msg`Size of one file`, unit: msg`MiB`, means: msg`0 turns files off. One message can carry up to 64 MiB in all.`, size: MIB, least: 0, most: 1 << 30 },
  { name: "max_attachment_bytes_per_customer_per_day", label: msg`Files of a customer in a day`, unit: msg`MiB`, means: msg`Files from the team do not count.`, size: MIB, least: 0, most: 1 << 30 },
];

export const SWITCHES: SwitchRule[] = [
  {
    name: "listed_customers",
    label: msg`Only listed customers write tickets`,
    on: msg`Customers who are not on the list are refused. An administrator or a gateway adds them.`,
    off: msg`Anyone who starts here may write.`,
  },
  {
    name: "open_queue",
    label: msg`The queue is open`,
    on: msg`Every appointed agent can read unassigned tickets and take them.`,
    off: msg`Agents read what is assigned to them. Administrators assign.`,
  },
  {
    name: "import_open",
    label: msg`Allow imports`,
    on: msg`Administrators may import tickets from another system on behalf of customers. Turn this off when you are done.`,
    off: msg`Nobody can import tickets from elsewhere.`,
  },
];

/** What a person reads and types, of what the ledger has. */
export const shownOf = (rule: NumberRule, value: number): number => value / rule.size;

/** A number as people type it, with a point or a comma; not a number where it is anything else. */
export const numberOf = (text: string): number => (/^\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(",", ".")) : Number.NaN);

/** What a person typed, for the ledger; null where it is not a number that it takes. */
export function ledgerOf(rule: NumberRule, typed: number): number | null {
  const value = Math.round(typed * rule.size);
  return Number.isFinite(typed) && value >= rule.least && value <= rule.most ? value : null;
}

const CATEGORY = /^[a-z0-9_-]{1,32}$/;
export const CATEGORIES_MAX = 32;

/** Categories from what a person typed, a name each line; the first line that is wrong, where one is. */
export function categoriesOf(text: string): { categories: string[]; wrong: string | null } {
  const categories = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const wrong = categories.find((name, n) => !CATEGORY.test(name) || categories.indexOf(name) !== n) ?? null;
  return { categories, wrong: categories.length > CATEGORIES_MAX ? (categories[CATEGORIES_MAX] ?? null) : wrong };
}

/** What a person changed of the rules, and did not set yet: as they typed it. */
export interface TypedRules {
  switches?: Partial<Record<SwitchName, boolean>> | undefined;
  numbers?: Partial<Record<NumberName, string>> | undefined;
  categories?: string;
  /** What stood there when each of these was first typed: where it stands there no more, somebody else has set it meanwhile. */
  over?: Partial<Limits> | undefined;
}

export type RuleName = NumberName | SwitchName | "allowed_categories";

/** Which rules somebody typed something for. */
const typedNames = ({ switches, numbers, categories }: TypedRules): RuleName[] => [
  ...(Object.keys(switches ?? {}) as SwitchName[]),
  ...(Object.keys(numbers ?? {}) as NumberName[]),
  ...(categories === undefined ? [] : (["allowed_categories"] as const)),
];

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Rules that somebody typed and somebody else has set meanwhile, to something else than what was typed. */
export function collisions(now: Limits, typed: TypedRules | null): RuleName[] {
  const { over } = typed ?? {};
  if (!typed || !over) return [];
  const { next, bad, wrong } = ruled(now, typed);
  const isWrong = (name: RuleName) => (name === "allowed_categories" ? wrong !== null : bad.some((one) => one === name));
  return typedNames(typed).filter((name) => over[name] !== undefined && !isSame(over[name], now[name]) && (isWrong(name) || !isSame(next[name], now[name])));
}

/** The same with one's own value of a rule, though somebody else has set another; or with theirs. */
export function settledRule(now: Limits, typed: TypedRules, name: RuleName, isMine: boolean): TypedRules {
  if (isMine) return { ...typed, over: { ...typed.over, [name]: now[name] } };
  const without = <Values extends object>(values: Values | undefined) => values && (Object.fromEntries(Object.entries(values).filter(([one]) => one !== name)) as Values);
  const { categories, ...rest } = typed;
  const left = { ...rest, switches: without(typed.switches), numbers: without(typed.numbers), over: without(typed.over) };
  return name === "allowed_categories" || categories === undefined ? left : { ...left, categories };
}

/** The same without what is as it was; null where all of it is. `shown` is a number as its field shows it. */
export function typedRules(now: Limits, typed: TypedRules, shown: (rule: NumberRule) => string): TypedRules | null {
  const switches = Object.fromEntries(SWITCHES.flatMap(({ name }) => (typed.switches?.[name] ?? now[name]) === now[name] ? [] : [[name, !now[name]]]));
  const numbers = Object.fromEntries(NUMBERS.flatMap((rule) => {
    const text = typed.numbers?.[rule.name] ?? shown(rule);
    return text === shown(rule) ? [] : [[rule.name, text]];
  }));
  const { categories } = typed;
  const hasCategories = categories !== undefined && categories !== now.allowed_categories.join("\n");
  if (!hasCategories && Object.keys({ ...switches, ...numbers }).length === 0) return null;
  const left: TypedRules = { switches, numbers, ...(hasCategories ? { categories } : {}) };
  const over = Object.fromEntries(typedNames(left).map((name) => [name, typed.over?.[name] ?? now[name]]));
  return { ...left, over };
}

/** The rules as they would be set, the numbers that are none, and the first category that is not possible. */
export function ruled(now: Limits, typed: TypedRules | null): { next: Limits; bad: NumberName[]; wrong: string | null } {
  const next: Limits = { ...now };
  for (const { name } of SWITCHES) next[name] = typed?.switches?.[name] ?? now[name];
  const bad: NumberName[] = [];
  for (const rule of NUMBERS) {
    const text = typed?.numbers?.[rule.name];
    const value = text === undefined ? now[rule.name] : ledgerOf(rule, numberOf(text));
    if (value === null) bad.push(rule.name);
    else next[rule.name] = value;
  }
  const { categories, wrong } = typed?.categories === undefined ? { categories: now.allowed_categories, wrong: null } : categoriesOf(typed.categories);
  return { next: { ...next, allowed_categories: categories }, bad, wrong };
}

interface Words {
  say(message: MessageDescriptor): string;
  number(value: number): string;
  on: string;
  off: string;
  categories: string;
}

/** What a person changed, a line each. */
export function differences(before: Limits, after: Limits, words: Words): string[] {
  const switched = SWITCHES.filter(({ name }) => before[name] !== after[name]);
  const lines = switched.map(({ name, label }) => `${words.say(label)}: ${after[name] ? words.on : words.off}`);
  for (const rule of NUMBERS) {
    const [one, other] = [shownOf(rule, before[rule.name]), shownOf(rule, after[rule.name])];
    if (one !== other) lines.push(`${words.say(rule.label)}: ${words.number(one)} → ${words.number(other)}`);
  }
  const [had, has] = [before.allowed_categories.join(", "), after.allowed_categories.join(", ")];
  if (had !== has) lines.push(`${words.categories}: ${has}`);
  return lines;
}
