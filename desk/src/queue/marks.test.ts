import { expect, test } from "vitest";

import { learnSaid } from "./lastSaid.ts";
import { type Line, named } from "./lines.ts";
import { firstMarks, isNews, isUnread, mark, MARKS_MAX, type Marks, marksOf, pruned, together } from "./marks.ts";

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const line = (number: number, seconds: number, by = "anna"): Line =>
  ({ id: named(number), ticket: {}, about: { last_by: by, last_at: at(seconds) } }) as unknown as Line;
const NOW = 1_800_000_000;
const EMPTY: Marks = { before: NOW, of: {} };

test("what somebody else said since is unread, until it is seen, and again when marked", () => {
  const one = line(1, NOW + 10);
  expect(isUnread(one, EMPTY, "me")).toBe(true);
  expect(isUnread(line(1, NOW + 10, "me"), EMPTY, "me"), "one's own words").toBe(false);
  expect(isUnread(line(1, NOW - 1), EMPTY, "me")).toBe(false);
  const seen = mark(EMPTY, one.id, NOW + 10, NOW + 20);
  expect(isUnread(one, seen, "me")).toBe(false);
  expect(isUnread(line(1, NOW + 30), seen, "me"), "something new").toBe(true);
  expect(isUnread(one, mark(seen, one.id, 0, NOW + 21), "me"), "marked").toBe(true);
});

test("what a customer said right before a ticket was resolved is unread, once this browser has opened it", () => {
  const resolved = (updated_at: string) => ({ id: named(7), ticket: { status: "resolved", updated_at, response_count: 3 }, about: null }) as unknown as Line;
  const one = resolved(at(NOW + 12));
  expect(isUnread(one, EMPTY, "me"), "nobody has opened it yet").toBe(false);
  expect(learnSaid(one, { by: "anna", at: at(NOW + 10) })).toBe(true);
  expect(learnSaid(one, { by: "anna", at: at(NOW + 10) }), "nothing new").toBe(false);
  expect(isUnread(one, EMPTY, "me")).toBe(true);
  expect(isUnread(one, EMPTY, "anna"), "one's own words").toBe(false);
  expect(isUnread(one, mark(EMPTY, one.id, NOW + 10, NOW + 20), "me"), "seen").toBe(false);
  expect(isUnread(resolved(at(NOW + 60)), EMPTY, "me"), "it has changed since").toBe(false);
});

test("on a first visit last week's is news, and what is older is not", () => {
  expect(isUnread(line(1, NOW - 86_400), firstMarks(NOW), "me")).toBe(true);
  expect(isUnread(line(1, NOW - 8 * 86_400), firstMarks(NOW), "me")).toBe(false);
});

test("two devices come together whatever the order, and clocks that stand still lose nothing", () => {
  const one = mark(mark(EMPTY, "TKT-00000001", NOW + 5, NOW + 5), "TKT-00000001", 0, NOW + 5);
  const other = mark(EMPTY, "TKT-00000002", NOW + 9, NOW + 9);
  expect(one.of["TKT-00000001"]).toEqual([0, NOW + 6]);
  expect(together(one, other)).toEqual(together(other, one));
  expect(together(one, together(one, other))).toEqual(together(one, other));
  expect(Object.keys(together(one, other).of)).toHaveLength(2);
});

test("marks of a long time fit one document, and what is unread stays so", () => {
  const lines = new Map(Array.from({ length: 27_000 }, (_, n) => line(n + 1, NOW + n + 1)).map((one) => [one.id, one]));
  let marks = EMPTY;
  for (let n = 1; n <= 2_000; n++) {
    // Of every hundred one is never looked at.
    if (n % 100 !== 0) marks = pruned(mark(marks, named(n), NOW + n, NOW + n), lines, "me");
    expect(Object.keys(marks.of).length).toBeLessThanOrEqual(MARKS_MAX);
  }
  const found = [100, 101, 1_000, 1_999, 2_000, 27_000].map((n) => isUnread(line(n, NOW + n), marks, "me"));
  expect(found).toEqual([true, false, true, false, true, true]);
  expect(JSON.stringify(marks).length).toBeLessThan(16_000);
}, 60_000);

test("what was never looked at stays unread when older marks go", () => {
  const lines = new Map([[named(1), line(1, NOW + 1)]]);
  let marks = EMPTY;
  for (let n = 2; n <= MARKS_MAX + 2; n++) marks = pruned(mark(marks, named(n), NOW + n, NOW + n), lines, "me");
  expect(marks.before).toBeGreaterThan(NOW + 1);
  expect(isUnread(line(1, NOW + 1), marks, "me")).toBe(true);
});

test("what is no marks is refused, and what is too much is cut", () => {
  for (const wrong of [null, 1, {}, { before: -1, of: {} }, { before: 1, of: null }, { before: "1", of: {} }]) expect(marksOf(wrong)).toBe(null);
  expect(marksOf({ before: 1, of: { "TKT-00000001": [1, 2], "__proto__x": [1, 2], "TKT-00000002": [1], "TKT-00000003": "x" } })).toEqual({
    before: 1,
    of: { "TKT-00000001": [1, 2] },
  });
});

test("what one does oneself in an open ticket takes no mark away, and what somebody else says does", () => {
  const look = { id: "TKT-00000001", heard: NOW };
  expect(isNews(undefined, look), "opened").toBe(true);
  expect(isNews(look, { ...look, id: "TKT-00000002" }), "another one").toBe(true);
  expect(isNews(look, { ...look }), "put aside, say").toBe(false);
  expect(isNews(look, { ...look, heard: 0 }), "one's own words were the last").toBe(false);
  expect(isNews(look, { ...look, heard: NOW + 1 })).toBe(true);
});
