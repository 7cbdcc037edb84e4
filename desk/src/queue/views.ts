// The lists that staff work from: what stands in a view, and in which order. A view is data, so that people can make their own and share them.
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import type { Inbox, Ticket, TicketPriority, TicketStatus } from "sealdesk/views";

import type { Line } from "./lines.ts";

/** What has to be so of a ticket; each that is named, and of a list any. */
export interface Where {
  statuses?: TicketStatus[];
  priorities?: TicketPriority[];
  categories?: string[];
  /** Somebody's address, or one of two who are no address. */
  assignee?: string;
  customer?: string;
  provider?: string;
  /** Targets: due within four hours, missed already, or either. */
  due?: "soon" | "late" | "either";
  /** Put aside: those alone, or with the others; left out where this is not said. */
  aside?: "only" | "too";
  /** Sealed tags, of which it has any. */
  tags?: string[];
  unread?: true;
  /** Nothing happened for so many days. */
  quietDays?: number;
}

export const ORDERS = ["urgency", "waiting", "newest", "changed", "due"] as const;
export type Order = (typeof ORDERS)[number];

export const ME = "me";
export const NOBODY = "nobody";

/** What a view is looked at with. */
export interface Eyes {
  me: string;
  /** In milliseconds. */
  now: number;
  isUnread(line: Line): boolean;
  /** The tags that this browser has opened; undefined where it has not opened the ticket. */
  tagsOf(line: Line): readonly string[] | undefined;
}

export interface View {
  id: string;
  /** The desk's own, one's own, or the team's. */
  kind: "desk" | "own" | "shared";
  where: Where;
  order: Order;
  /** With a heading for each priority. */
  grouped?: true;
}

export interface DeskView extends View {
  kind: "desk";
  name: MessageDescriptor;
}

/** A view that somebody made. They chose its name, so it is shown as text of others. */
export interface MadeView extends View {
  kind: "own" | "shared";
  name: string;
  /** Places among its kind, small ones first. */
  rank: number;
}

export type AnyView = DeskView | MadeView;

const UNFINISHED: TicketStatus[] = ["open", "assigned", "in_progress", "pending_customer"];
const DESKS_TURN: TicketStatus[] = ["open", "assigned", "in_progress"];
/** What is due within so long is due soon: four hours, as in the program. */
const SOON_MS = 4 * 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

export const VIEWS: DeskView[] = [
  { id: "mine", kind: "desk", name: msg`Mine`, where: { assignee: ME, statuses: DESKS_TURN }, order: "urgency" },
  { id: "unassigned", kind: "desk", name: msg`Unassigned`, where: { assignee: NOBODY, statuses: UNFINISHED }, order: "urgency" },
  { id: "priority", kind: "desk", name: msg`Open by priority`, where: { statuses: UNFINISHED }, order: "urgency", grouped: true },
  { id: "waiting", kind: "desk", name: msg`Waiting for the customer`, where: { statuses: ["pending_customer"] }, order: "waiting" },
  { id: "due", kind: "desk", name: msg`Due and overdue`, where: { statuses: UNFINISHED, due: "either", aside: "too" }, order: "due" },
  { id: "snoozed", kind: "desk", name: msg`Put aside`, where: { statuses: UNFINISHED, aside: "only" }, order: "waiting" },
  { id: "resolved", kind: "desk", name: msg`Resolved`, where: { statuses: ["resolved"] }, order: "changed" },
  { id: "closed", kind: "desk", name: msg`Closed`, where: { statuses: ["closed"] }, order: "changed" },
];

export const isOver = (ticket: Ticket): boolean => ticket.status === "resolved" || ticket.status === "closed";

const time = (at: string | null | undefined): number => (at == null ? 0 : Date.parse(at));

/** Whether a ticket is put aside, and its time has not come. */
export function isAside({ ticket }: Line, now: number): boolean {
  return !isOver(ticket) && time(ticket.snoozed_until) > now;
}

/** When the first target is due; null where none is open. */
export function dueAt({ about }: Line): number | null {
  const due = about?.due?.due_at;
  return due == null ? null : time(due);
}

export const isLate = (line: Line, now: number): boolean => (dueAt(line) ?? Number.POSITIVE_INFINITY) < now;

function fitsDue(line: Line, due: NonNullable<Where["due"]>, now: number): boolean {
  const at = dueAt(line);
  if (at === null) return false;
  if (due === "late") return at < now;
  return at - now <= SOON_MS && (due === "either" || at >= now);
}

/** What a search asks of tickets beside their public fields, by `is:`. */
export type Mark = "aside" | "due" | "late" | "unread";

export function isSo(line: Line, mark: Mark, { now, isUnread }: Pick<Eyes, "now" | "isUnread">): boolean {
  switch (mark) {
    case "aside":
      return isAside(line, now);
    case "due":
      return fitsDue(line, "either", now);
    case "late":
      return fitsDue(line, "late", now);
    case "unread":
      return isUnread(line);
  }
}

function fitsPeople({ ticket }: Line, { assignee, customer, provider }: Where, me: string): boolean {
  if (assignee !== undefined) {
    const wanted = assignee === ME ? me : assignee === NOBODY ? "" : assignee;
    const helps = wanted !== "" && ticket.collaborators.includes(wanted);
    if (ticket.assigned_to !== wanted && !helps) return false;
  }
  if (customer !== undefined && ticket.customer_address !== customer) return false;
  return provider === undefined || ticket.provider_address === provider;
}

/** Whether a ticket stands in a view. */
export function fits(line: Line, where: Where, eyes: Eyes): boolean {
  const { ticket } = line;
  const { statuses, priorities, categories, due, aside, tags, unread, quietDays } = where;
  if (statuses && !statuses.includes(ticket.status)) return false;
  if (priorities && !priorities.includes(ticket.priority)) return false;
  if (categories && !categories.includes(ticket.category)) return false;
  if (!fitsPeople(line, where, eyes.me)) return false;
  if (aside !== "too" && isAside(line, eyes.now) !== (aside === "only")) return false;
  if (due && !fitsDue(line, due, eyes.now)) return false;
  if (quietDays !== undefined && eyes.now - time(ticket.updated_at) < quietDays * DAY_MS) return false;
  if (unread && !eyes.isUnread(line)) return false;
  return !tags || (eyes.tagsOf(line)?.some((tag) => tags.includes(tag)) ?? false);
}

const URGENCY = { urgent: 0, high: 1, normal: 2, low: 3 } as const;
export const PRIORITIES = ["urgent", "high", "normal", "low"] as const satisfies TicketPriority[];

/** By text and not by a language's rules: dates and numbers of tickets sort so, and tens of thousands of them fast. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
const since = ({ ticket, about }: Line): string => about?.waits_since ?? ticket.updated_at ?? "";
const changed = ({ ticket }: Line): string => ticket.updated_at ?? "";

/** Equal ones stand by number, so that an order never depends on how the list was filled. */
const ORDERING: Record<Order, (one: Line, other: Line) => number> = {
  urgency: (one, other) => URGENCY[one.ticket.priority] - URGENCY[other.ticket.priority] || compare(since(one), since(other)),
  waiting: (one, other) => compare(since(one), since(other)),
  newest: (one, other) => compare(other.id, one.id),
  changed: (one, other) => compare(changed(other), changed(one)),
  due: (one, other) => (dueAt(one) ?? Number.POSITIVE_INFINITY) - (dueAt(other) ?? Number.POSITIVE_INFINITY),
};

/** What stands in a view, in its order. */
export function linesOf(lines: ReadonlyMap<string, Line>, view: View, eyes: Eyes): Line[] {
  const found: Line[] = [];
  for (const line of lines.values()) if (fits(line, view.where, eyes)) found.push(line);
  const order = ORDERING[view.order];
  return found.sort((one, other) => order(one, other) || compare(one.id, other.id));
}

/** How many stand in each view, in one pass. */
export function counts(lines: ReadonlyMap<string, Line>, views: readonly View[], eyes: Eyes): Map<string, number> {
  const found = new Map(views.map((view) => [view.id, 0]));
  for (const line of lines.values()) {
    for (const view of views) if (fits(line, view.where, eyes)) found.set(view.id, (found.get(view.id) ?? 0) + 1);
  }
  return found;
}

/** The view that says most about the day where none was chosen. */
export function firstView(lines: ReadonlyMap<string, Line>, eyes: Eyes): string {
  const found = counts(lines, VIEWS, eyes);
  return VIEWS.find(({ id }) => (found.get(id) ?? 0) > 0)?.id ?? "mine";
}

/** Newest first, for the customer. */
export function byChange(one: Ticket, other: Ticket): number {
  return compare(other.updated_at ?? "", one.updated_at ?? "");
}

export const isStaff = ({ role }: { role: Inbox["role"] }): boolean => role !== "customer";
