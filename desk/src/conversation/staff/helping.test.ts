import { expect, test } from "vitest";

import { helping } from "./helping.ts";

test("whoever helps goes on, but for who has it now and who is no longer on the team", () => {
  expect(helping(["ada", "ben", "gone"], "ada", ["ada", "ben", "cleo"])).toEqual(["ben"]);
  expect(helping(["ada"], null, ["ada"])).toEqual(["ada"]);
});
