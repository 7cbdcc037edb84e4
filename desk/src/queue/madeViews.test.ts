import { expect, test } from "vitest";

import { keyOf, moved, NAME_MAX, viewOf, VIEWS_MAX, viewsOf, written } from "./madeViews.ts";

const VIEW = { name: "Fires", where: { priorities: ["urgent"], unread: true, quietDays: 3 }, order: "due", rank: 2 };

test("a view comes back as it was written", () => {
  const view = viewOf("a-1", VIEW, "shared");
  expect(view).toMatchObject({ id: "shared-a-1", kind: "shared", ...VIEW });
  expect(view && written(view)).toEqual(VIEW);
  expect(view && keyOf(view)).toBe("a-1");
});

test("what a colleague wrote is read with care", () => {
  for (const wrong of [null, 1, "x", [], {}, { name: 1 }, { name: " " }, { name: "\u202e\u200b\u0007" }]) expect(viewOf("a", wrong, "shared"), JSON.stringify(wrong)).toBe(null);
  for (const id of ["", "../x", "A", "__proto__", "x".repeat(41)]) expect(viewOf(id, VIEW, "shared"), id).toBe(null);
  const odd = viewOf(
    "a",
    {
      name: `<b>\u202egnp.exe${"x".repeat(100)}`,
      where: { statuses: ["open", "nonsense", 7], priorities: [], categories: ["a".repeat(101), "billing"], assignee: { toString: 1 }, due: "never", aside: true, tags: Array(100).fill("t"), unread: "yes", quietDays: -1, other: 1 },
      order: "constructor",
      rank: Number.NaN,
    },
    "shared",
  );
  expect(odd?.where).toEqual({ statuses: ["open"], categories: ["billing"], tags: ["t"] });
  expect(odd?.name.startsWith("<b>gnp.exe"), "text, without letters that turn it around").toBe(true);
  expect([...(odd?.name ?? "")]).toHaveLength(NAME_MAX);
  expect(odd).toMatchObject({ order: "urgency", rank: 0 });
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`v${n}`, VIEW]));
  expect(viewsOf(many, "shared")).toHaveLength(VIEWS_MAX);
  expect(viewsOf(null, "own")).toEqual([]);
});

test("views are put in order, and only ranks that changed are written", () => {
  const views = viewsOf({ a: { ...VIEW, rank: 0 }, b: { ...VIEW, rank: 1 }, c: { ...VIEW, rank: 2 } }, "own");
  expect(moved(views, "own-b", -1).map(({ id, rank }) => [id, rank])).toEqual([["own-b", 0], ["own-a", 1]]);
  expect(moved(views, "own-a", -1)).toEqual([]);
  expect(moved(views, "own-c", 1)).toEqual([]);
});
