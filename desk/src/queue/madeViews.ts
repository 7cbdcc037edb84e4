// Views that people made, as they are kept in documents of the ledger, one's own and the team's. What others wrote is
// read with care: what is no view is left out, and what a view may not ask for is dropped.
import type { TicketPriority, TicketStatus } from "sealdesk/views";

import { type MadeView, type Order, ORDERS, type Where } from "./views.ts";

export const NAME_MAX = 40;
/** Of each kind. */
export const VIEWS_MAX = 50;
/** Of each list that a view names. */
const NAMED_MAX = 20;
const TEXT_MAX = 100;

const STATUSES: readonly string[] = ["open", "assigned", "in_progress", "pending_customer", "resolved", "closed"] satisfies TicketStatus[];
const PRIORITIES: readonly string[] = ["urgent", "high", "normal", "low"] satisfies TicketPriority[];

/** What of a view is written. */
export interface Written {
  name: string;
  where: Where;
  order: Order;
  rank: number;
}

export const written = ({ name, where, order, rank }: Written): Written => ({ name, where, order, rank });

const texts = (value: unknown, allowed?: readonly string[]): string[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const found = value.filter((one): one is string => typeof one === "string" && one !== "" && one.length <= TEXT_MAX && (!allowed || allowed.includes(one)));
  return found.length > 0 ? [...new Set(found)].slice(0, NAMED_MAX) : undefined;
};
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" && value.length <= TEXT_MAX ? value : undefined);
const one = <T extends string>(value: unknown, ...allowed: T[]): T | undefined => allowed.find((name) => name === value);

/** Only what is there: nothing stands as `undefined`. */
function some<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function whereOf(value: unknown): Where {
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const { quietDays } = given;
  return some<Where>({
    statuses: texts(given.statuses, STATUSES) as TicketStatus[] | undefined,
    priorities: texts(given.priorities, PRIORITIES) as TicketPriority[] | undefined,
    categories: texts(given.categories),
    assignee: text(given.assignee),
    customer: text(given.customer),
    provider: text(given.provider),
    due: one(given.due, "soon", "late", "either"),
    aside: one(given.aside, "only", "too"),
    tags: texts(given.tags),
    unread: given.unread === true ? true : undefined,
    quietDays: typeof quietDays === "number" && Number.isInteger(quietDays) && quietDays > 0 && quietDays <= 3_650 ? quietDays : undefined,
  });
}

/** A view of what was kept under this name; null for what is none. */
export function viewOf(id: string, value: unknown, kind: MadeView["kind"]): MadeView | null {
  if (typeof value !== "object" || value === null || !/^[a-z0-9-]{1,40}$/.test(id)) return null;
  const { name, where, order, rank } = value as Record<string, unknown>;
  if (typeof name !== "string") return null;
  // Letters that show nothing could make two names look alike, or a name empty.
  const shown = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").trim();
  if (shown === "") return null;
  return {
    id: `${kind}-${id}`,
    kind,
    name: [...shown].slice(0, NAME_MAX).join(""),
    where: whereOf(where),
    order: one(order, ...ORDERS) ?? "urgency",
    rank: typeof rank === "number" && Number.isFinite(rank) ? rank : 0,
  };
}

/** The views of a record, in their order. */
export function viewsOf(entries: unknown, kind: MadeView["kind"]): MadeView[] {
  if (typeof entries !== "object" || entries === null) return [];
  const found = Object.entries(entries).flatMap(([id, value]) => viewOf(id, value, kind) ?? []);
  return found.sort((one, other) => one.rank - other.rank || (one.id < other.id ? -1 : 1)).slice(0, VIEWS_MAX);
}

/** The name under which a view stands in its record. */
export const keyOf = ({ id, kind }: Pick<MadeView, "id" | "kind">): string => id.slice(kind.length + 1);

/** A view moved by one place among its kind: the ranks that have to be written for it. */
export function moved(views: readonly MadeView[], id: string, by: -1 | 1): MadeView[] {
  const from = views.findIndex((view) => view.id === id);
  const to = from + by;
  const [view, other] = [views[from], views[to]];
  if (!view || !other) return [];
  const order = views.map((one, n) => (n === from ? other : n === to ? view : one));
  return order.flatMap((one, n) => (one.rank === n ? [] : { ...one, rank: n }));
}
