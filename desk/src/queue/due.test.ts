import { expect, test } from "vitest";

import { span } from "./due.ts";

const MINUTE = 60_000;

test("a time to come is said in minutes, hours or days", () => {
  expect(span(10, "en")).toBe("1 min");
  expect(span(58 * MINUTE, "en")).toBe("58 min");
  expect(span(90 * MINUTE, "en")).toBe("2 hr");
  expect(span(26 * 60 * MINUTE, "en")).toBe("26 hr");
  expect(span(72 * 60 * MINUTE, "en")).toBe("3 days");
  expect(span(58 * MINUTE, "de")).toBe("58 Min.");
});
