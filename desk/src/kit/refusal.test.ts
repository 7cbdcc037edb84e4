import { expect, test } from "vitest";

import { explained } from "./refusal.ts";

const support = (code: number, message: string) => explained({ codespace: "support", code, message });

test("a limit says which it is, its value, and when it is over", () => {
  const words = "rate limit: ticket_cooldown_seconds is 60; the next ticket is allowed at 2026-11-21 10:28:21 UTC (codespace support, code 12)";
  expect(support(12, words)).toMatchObject({ values: { value: "60" }, again: new Date("2026-11-21T10:28:21Z") });
  expect(support(12, "rate limit: max_open_tickets_per_customer is 10; the next is allowed when one of the customer's open tickets is closed")).toMatchObject({
    values: { value: "10" },
    again: null,
  });
});

test("what the page does not know is left to the ledger's own words", () => {
  expect(support(12, "rate limit: constructor is 5; later")).toBeNull();
  expect([support(999, "x"), explained({ codespace: "elsewhere", code: 7, message: "x" }), explained({ codespace: undefined, code: undefined, message: "x" })]).toEqual([null, null, null]);
});
