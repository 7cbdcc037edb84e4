import type { QueuePart, QueueRole, QueueTicket } from "sealdesk/views";
import { expect, test } from "vitest";

import { type Line, listsOf, missing, named, take } from "./lines.ts";
import { all, extended, NONE, range, toggle } from "./selection.ts";
import { neighbour, NOTHING_WAITS, onward, waiting, waits } from "./listSnapshot.ts";

const ADMINISTRATOR: QueueRole = { role: "administrator", active: true, takes: false };
const AGENT: QueueRole = { role: "support_agent", active: true, takes: true };

const ticket = (number: number, rest: Partial<QueueTicket> = {}): QueueTicket =>
  ({ ticket_id: named(number), status: "open", assigned_to: "", collaborators: [], customer_address: "anna", updated_at: "2026-01-01T00:00:00Z", response_count: 0, ...rest }) as QueueTicket;
const part = (...tickets: QueueTicket[]): QueuePart => ({ tickets, about: {}, next: [], ticket_count: tickets.length });

test("an event about a ticket of somebody else brings no line, and one that was passed on goes", () => {
  const lines = new Map<string, Line>();
  take(lines, part(ticket(1), ticket(2, { assigned_to: "bob", status: "assigned" }), ticket(3, { assigned_to: "bob", collaborators: ["me"] })), AGENT, "me");
  expect([...lines.keys()]).toEqual([named(1), named(3)]);
  take(lines, part(ticket(1, { assigned_to: "bob", status: "assigned", updated_at: "2026-01-02T00:00:00Z" })), AGENT, "me");
  expect([...lines.keys()]).toEqual([named(3)]);
  take(lines, part(ticket(4, { assigned_to: "bob" })), ADMINISTRATOR, "me");
  expect(lines.has(named(4))).toBe(true);
});

test("a page that comes late does not take back what an event said", () => {
  const lines = new Map<string, Line>();
  take(lines, part(ticket(1, { status: "resolved", updated_at: "2026-01-02T00:00:00Z" })), ADMINISTRATOR, "me");
  take(lines, part(ticket(1)), ADMINISTRATOR, "me");
  expect(lines.get(named(1))?.ticket.status).toBe("resolved");
});

test("numbers have no gaps: what no list named is known", () => {
  const lines = new Map<string, Line>();
  take(lines, part(ticket(1), ticket(3)), ADMINISTRATOR, "me");
  expect(missing(lines, 4)).toEqual([named(2), named(4)]);
  expect(listsOf(ADMINISTRATOR).unfinished).toEqual(["all"]);
  expect(listsOf({ ...AGENT, takes: false }).unfinished).toEqual(["agent", "customer"]);
});

test("a list says what waits to be shown, and shows it when asked", () => {
  expect(waiting(["a", "b"], ["a", "b"])).toEqual(NOTHING_WAITS);
  expect(waiting(["a", "b"], ["c", "a", "b"])).toEqual({ added: 1, gone: 0, moved: false });
  expect(waiting(["a", "b"], ["b"])).toEqual({ added: 0, gone: 1, moved: false });
  expect(waiting(["a", "b"], ["b", "a"])).toEqual({ added: 0, gone: 0, moved: true });
  expect(waits(waiting(["a"], ["a"]))).toBe(false);
  const many = Array.from({ length: 27_000 }, (_, n) => named(n + 1));
  expect(waiting(many, ["new", ...many.slice(1)])).toEqual({ added: 1, gone: 1, moved: false });
});

test("J and K walk the rows, and go on where a row was that is gone", () => {
  const rows = ["a", "b", "c"];
  expect(neighbour(rows, undefined, 1, 0)).toBe("a");
  expect(neighbour(rows, "a", 1, 0)).toBe("b");
  expect(neighbour(rows, "c", 1, 2)).toBe("c");
  expect(neighbour(rows, "a", -1, 0)).toBe("a");
  expect(neighbour(rows, "gone", 1, 1), "whoever took its place").toBe("b");
  expect(neighbour(rows, "gone", -1, 1)).toBe("a");
  expect(neighbour([], "gone", 1, 0)).toBe(undefined);
});

test("a selection: one by one, from one to another, all", () => {
  const rows = ["a", "b", "c", "d"];
  let now = toggle(NONE, "b");
  now = range(now, "d", rows);
  expect([...now.ids]).toEqual(["b", "c", "d"]);
  now = toggle(now, "c");
  expect([...now.ids]).toEqual(["b", "d"]);
  expect([...range(now, "a", rows).ids].sort()).toEqual(["a", "b", "c", "d"]);
  expect(all(rows).ids.size).toBe(4);
});

test("Shift with J and K selects on from a row, and gives back what it leaves", () => {
  const rows = ["a", "b", "c", "d"];
  const walk = (...ways: [string | undefined, string][]) => ways.reduce((before, [from, to]) => extended(before, from, to, rows), NONE);
  const ids = (...ways: [string | undefined, string][]) => [...walk(...ways).ids].sort().join("");
  expect(ids([undefined, "a"]), "whoever has no place begins with the first").toBe("a");
  expect(ids(["b", "c"]), "and who has one with it").toBe("bc");
  expect(ids(["b", "c"], ["c", "d"], ["d", "c"])).toBe("bc");
  expect(ids(["b", "c"], ["c", "b"], ["b", "a"]), "across where it began").toBe("ab");
  expect(ids(["c", "d"], ["d", "d"]), "at the end").toBe("cd");
  expect([...extended({ ids: new Set(["a"]), anchor: "a" }, "c", "d", rows).ids], "what was selected stays").toEqual(["a", "c", "d"]);
  expect([...extended({ ids: new Set(["x"]), anchor: "x" }, "x", "b", rows).ids], "from a row that is gone").toEqual(["x", "b"]);
});

test("from what is done it goes on to the next, and nowhere where there is none", () => {
  const rows = ["a", "b", "c"];
  expect(rows.map((row) => onward(rows, row))).toEqual(["b", "c", "b"]);
  expect([onward(["a"], "a"), onward(rows, "elsewhere"), onward([], "a")]).toEqual([undefined, undefined, undefined]);
});
