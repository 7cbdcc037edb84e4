import { expect, test } from "vitest";

import { isStale, keyBytes } from "./key.ts";

test("a key in base64url becomes its bytes", () => {
  expect([...keyBytes("-_8A")]).toEqual([251, 255, 0]);
});

test("a device is told of again once a month, or where browser or node have changed", () => {
  const told = { endpoint: "https://push.example/1", key: "k", at: 1_000 };
  const day = 24 * 3_600_000;
  expect(isStale(told, "k", told.endpoint, told.at + 29 * day)).toBe(false);
  expect(isStale(told, "k", told.endpoint, told.at + 31 * day)).toBe(true);
  expect(isStale(told, "other", told.endpoint, told.at)).toBe(true);
  expect(isStale(told, "k", undefined, told.at)).toBe(true);
  expect(isStale(told, "k", "https://push.example/2", told.at)).toBe(true);
  expect(isStale(told, "k", told.endpoint, 0)).toBe(true);
});
