import type { TicketPriority, TicketStatus } from "sealdesk/views";
import { expect, test } from "vitest";

import { type Line, named, numberOf } from "./lines.ts";
import { counts, type Eyes, firstView, fits, linesOf, type View, VIEWS, type Where } from "./views.ts";

const NOW = Date.parse("2026-11-28T12:00:00Z");
const EYES: Eyes = { me: "me", now: NOW, isUnread: ({ id }) => id.endsWith("7"), tagsOf: ({ id }) => (id.endsWith("1") ? ["refund"] : undefined) };
let last = 0;

function line(status: TicketStatus, rest: Partial<Line["ticket"]> = {}, about: Partial<NonNullable<Line["about"]>> = {}): Line {
  const id = named(++last);
  const ticket = {
    ticket_id: id,
    status,
    priority: "normal",
    category: "technical",
    assigned_to: "",
    collaborators: [],
    customer_address: "anna",
    provider_address: "",
    updated_at: "2026-11-28T10:00:00Z",
    snoozed_until: null,
    ...rest,
  } as unknown as Line["ticket"];
  return { id, ticket, about: { due: null, last_by: null, last_at: null, waits_since: null, ...about } as Line["about"] };
}

const view = (id: string) => VIEWS.find((view) => view.id === id) as View;
const has = (id: string, one: Line) => fits(one, view(id).where, EYES);
const due = (due_at: string) => ({ due: { target: "resolution", due_at, late: false } });

test("each ticket stands where somebody looks for it", () => {
  expect(has("mine", line("assigned", { assigned_to: "me" }))).toBe(true);
  expect(has("mine", line("assigned", { assigned_to: "other", collaborators: ["me"] })), "beside somebody").toBe(true);
  expect(has("mine", line("pending_customer", { assigned_to: "me" })), "the customer has to answer").toBe(false);
  expect(has("mine", line("assigned", { assigned_to: "other" }))).toBe(false);
  expect(has("mine", line("resolved", { assigned_to: "me" }))).toBe(false);
  expect(has("unassigned", line("open"))).toBe(true);
  expect(has("priority", line("open", { priority: "low" }))).toBe(true);
  expect(has("waiting", line("pending_customer"))).toBe(true);
  expect(has("closed", line("closed"))).toBe(true);
});

test("what is put aside is back when its time has come", () => {
  const aside = line("open", { snoozed_until: "2026-11-28T12:00:01Z" });
  expect(has("snoozed", aside)).toBe(true);
  expect(has("unassigned", aside)).toBe(false);
  expect(fits(aside, view("unassigned").where, { ...EYES, now: NOW + 2000 })).toBe(true);
  expect(fits(aside, view("snoozed").where, { ...EYES, now: NOW + 2000 })).toBe(false);
});

test("due is what is late, and what will be within four hours", () => {
  expect(has("due", line("open", {}, due("2026-11-28T11:00:00Z")))).toBe(true);
  expect(has("due", line("open", {}, due("2026-11-28T16:00:00Z")))).toBe(true);
  expect(has("due", line("open", {}, due("2026-11-28T16:00:01Z")))).toBe(false);
  expect(has("due", line("open"))).toBe(false);
  const late: Where = { due: "late" };
  expect(fits(line("open", {}, due("2026-11-28T11:00:00Z")), late, EYES)).toBe(true);
  expect(fits(line("open", {}, due("2026-11-28T13:00:00Z")), late, EYES)).toBe(false);
});

test("a view of one's own asks for any public field, sealed tags and marks", () => {
  const one = line("open", { category: "billing", customer_address: "bob", provider_address: "acme", priority: "high", assigned_to: "carol" });
  const wheres: [Where, boolean][] = [
    [{ categories: ["billing", "other"] }, true],
    [{ categories: ["other"] }, false],
    [{ priorities: ["high"], statuses: ["open"] }, true],
    [{ priorities: ["low"], statuses: ["open"] }, false],
    [{ customer: "bob", provider: "acme", assignee: "carol" }, true],
    [{ customer: "anna" }, false],
    [{ provider: "other" }, false],
    [{ quietDays: 1 }, false],
  ];
  for (const [where, expected] of wheres) expect(fits(one, where, EYES), JSON.stringify(where)).toBe(expected);
  const old = line("open", { updated_at: "2026-11-20T10:00:00Z" });
  expect(fits(old, { quietDays: 7 }, EYES)).toBe(true);
  expect(fits({ ...one, id: named(17) }, { unread: true }, EYES)).toBe(true);
  expect(fits({ ...one, id: named(11) }, { tags: ["refund", "vip"] }, EYES)).toBe(true);
  expect(fits({ ...one, id: named(12) }, { tags: ["refund"] }, EYES), "not opened here: not known to have it").toBe(false);
});

test("no unfinished ticket is in no view", () => {
  for (const status of ["open", "assigned", "in_progress", "pending_customer", "resolved", "closed"] as const) {
    for (const snoozed_until of [null, "2027-01-01T00:00:00Z"]) {
      if (snoozed_until && (status === "resolved" || status === "closed")) continue;
      const one = line(status, { snoozed_until });
      expect(VIEWS.some((view) => fits(one, view.where, EYES)), `${status} ${snoozed_until}`).toBe(true);
    }
  }
});

test("the most urgent comes first, then who waits longest", () => {
  const lines = [
    line("open", {}, { waits_since: "2026-11-28T09:00:00Z" }),
    line("open", { priority: "urgent" }, { waits_since: "2026-11-28T11:00:00Z" }),
    line("open", {}, { waits_since: "2026-11-27T09:00:00Z" }),
  ];
  const order = linesOf(new Map(lines.map((line) => [line.id, line])), view("unassigned"), EYES).map(({ id }) => id);
  expect(order).toEqual([lines[1], lines[2], lines[0]].map((line) => line?.id));
});

test("the first view is one with something in it", () => {
  const of = (...lines: Line[]) => firstView(new Map(lines.map((line) => [line.id, line])), EYES);
  expect(of()).toBe("mine");
  expect(of(line("open"))).toBe("unassigned");
  expect(of(line("open"), line("assigned", { assigned_to: "me" }))).toBe("mine");
});

test("27,000 tickets are counted, filtered and sorted within a frame or two", () => {
  const lines = new Map<string, Line>();
  const priorities: TicketPriority[] = ["low", "normal", "high", "urgent"];
  for (let n = 1; n <= 27_000; n++) {
    const status = n % 9 === 0 ? "open" : n % 13 === 0 ? "resolved" : "closed";
    const at = new Date(NOW - (n % 5_003) * 60_000).toISOString().replace(".000Z", "Z");
    const one = { ...line(status, { priority: priorities[n % 4] ?? "low", updated_at: at }), id: named(n) };
    lines.set(one.id, one);
  }
  // The first time is a compiler's.
  counts(lines, VIEWS, EYES);
  const begun = performance.now();
  const found = counts(lines, VIEWS, EYES);
  const closed = linesOf(lines, view("closed"), EYES);
  const took = performance.now() - begun;
  expect(found.get("priority")).toBe(3_000);
  expect(closed.length).toBe(found.get("closed"));
  expect(numberOf(closed[0]?.id ?? "")).toBeGreaterThan(0);
  // Tens of milliseconds alone; this machine does much else meanwhile.
  expect(took).toBeLessThan(3_000);
});
