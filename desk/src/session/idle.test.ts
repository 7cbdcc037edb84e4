import { expect, test } from "vitest";

import { lastTouch } from "./idle.ts";

test("whoever works in one tab has not left the others", () => {
  expect(lastTouch(1_000, "900000", 1_000_000)).toBe(900_000);
  expect(lastTouch(950_000, "900000", 1_000_000)).toBe(950_000);
  expect(lastTouch(1_000, null, 1_000_000)).toBe(1_000);
});

test("a note that cannot be true keeps nothing open", () => {
  for (const noted of ["2000000", "Infinity", "soon", "-5"]) expect(lastTouch(1_000, noted, 1_000_000)).toBe(1_000);
});
