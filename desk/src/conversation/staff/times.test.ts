import { expect, test } from "vitest";

import { morningOf, timesFrom } from "./times.ts";

const said = (now: Date) => timesFrom(now).map(({ id, at }) => [id, at.toString().slice(0, 21)]);

test("times fit a working day", () => {
  // A Saturday.
  expect(said(new Date(2026, 10, 28, 10, 7))).toEqual([
    ["later", "Sat Nov 28 2026 13:15"],
    ["tomorrow", "Sun Nov 29 2026 09:00"],
    ["week", "Mon Nov 30 2026 09:00"],
  ]);
  expect(said(new Date(2026, 10, 30, 16, 30)), "in the evening nothing is later today").toEqual([
    ["tomorrow", "Tue Dec 01 2026 09:00"],
    ["week", "Mon Dec 07 2026 09:00"],
  ]);
  expect(said(new Date(2026, 10, 29, 10, 0)).map(([id]) => id), "on a Sunday next week begins tomorrow").toEqual(["later", "tomorrow"]);
});

test("a day is taken within what the ledger takes", () => {
  const now = new Date(2026, 10, 28, 10, 0);
  expect(morningOf("2026-12-24", now)).toBe(new Date(2026, 11, 24, 9).getTime() / 1000);
  expect([morningOf("2026-11-28", now), morningOf("2028-01-01", now), morningOf("", now)]).toEqual([null, null, null]);
});
