import { expect, test } from "vitest";
import type { Limits } from "sealdesk/views";

import { categoriesOf, collisions, differences, ledgerOf, NUMBERS, numberOf, ruled, settledRule, shownOf, typedRules } from "./rules.ts";

const LIMITS: Limits = {
  max_tickets_per_customer_per_day: 5,
  max_responses_per_ticket: 100,
  ticket_cooldown_seconds: 60,
  auto_close_after_days: 7,
  max_open_tickets_per_customer: 10,
  reopen_window_days: 30,
  allowed_categories: ["billing", "other"],
  max_envelope_bytes: 65_536,
  max_recipients: 32,
  listed_customers: false,
  max_attachment_bytes: 25 << 20,
  max_attachment_bytes_per_customer_per_day: 100 << 20,
  import_open: false,
  open_queue: false,
};

test("every limit is set in people's units, and comes back as it was", () => {
  for (const rule of NUMBERS) {
    expect(ledgerOf(rule, shownOf(rule, LIMITS[rule.name])), rule.name).toBe(LIMITS[rule.name]);
    expect(ledgerOf(rule, shownOf(rule, rule.least)), rule.name).toBe(rule.least);
    expect(ledgerOf(rule, shownOf(rule, rule.most)), rule.name).toBe(rule.most);
    expect(ledgerOf(rule, shownOf(rule, rule.most) + 1), rule.name).toBeNull();
    expect(ledgerOf(rule, shownOf(rule, rule.least) - 1), rule.name).toBeNull();
    expect(ledgerOf(rule, Number.NaN), rule.name).toBeNull();
  }
});

test("a number is typed with a point or a comma, and nothing else is one", () => {
  expect(["12", " 1.5 ", "1,5", "0"].map(numberOf)).toEqual([12, 1.5, 1.5, 0]);
  for (const text of ["", "-1", "1e3", "1.000,5", "x", "Infinity", "1 2"]) expect(numberOf(text), text).toBeNaN();
});

test("categories are a name a line, and the first wrong one is told", () => {
  expect(categoriesOf(" billing \n\nother\n")).toEqual({ categories: ["billing", "other"], wrong: null });
  for (const wrong of ["Billing", "a b", "x".repeat(33), "ä"]) expect(categoriesOf(`ok\n${wrong}`).wrong).toBe(wrong);
  expect(categoriesOf("a\nb\na").wrong).toBe("a");
  expect(categoriesOf(Array.from({ length: 33 }, (_, n) => `c${n}`).join("\n")).wrong).toBe("c32");
});

test("what changes is said before it is signed, and nothing else", () => {
  const words = { say: ({ message }: { message?: string }) => message ?? "", number: String, on: "on", off: "off", categories: "Categories" };
  expect(differences(LIMITS, LIMITS, words)).toEqual([]);
  const after = { ...LIMITS, open_queue: true, max_attachment_bytes: 0, allowed_categories: ["other"] };
  expect(differences(LIMITS, after, words)).toEqual(["The queue is open: on", "Size of one file: 25 → 0", "Categories: other"]);
});

test("what is typed is set over the rules as they are now, and what was taken back is not typed", () => {
  const shown = (rule: (typeof NUMBERS)[number]) => String(shownOf(rule, LIMITS[rule.name]));
  const typed = typedRules(LIMITS, { switches: { open_queue: true, import_open: false }, numbers: { max_attachment_bytes: "2,5", auto_close_after_days: "7" } }, shown);
  expect(typed).toEqual({ switches: { open_queue: true }, numbers: { max_attachment_bytes: "2,5" }, over: { open_queue: false, max_attachment_bytes: 25 << 20 } });
  const { next, bad, wrong } = ruled({ ...LIMITS, auto_close_after_days: 9 }, typed);
  expect({ bad, wrong, next }).toEqual({ bad: [], wrong: null, next: { ...LIMITS, auto_close_after_days: 9, open_queue: true, max_attachment_bytes: 2.5 * (1 << 20) } });
  expect(typedRules(LIMITS, { switches: { open_queue: false }, numbers: {}, categories: "billing\nother" }, shown)).toBeNull();
  expect(ruled(LIMITS, { numbers: { auto_close_after_days: "a week" }, categories: "Billing" })).toMatchObject({ bad: ["auto_close_after_days"], wrong: "Billing" });
});

test("what somebody else sets meanwhile is no collision where nothing was typed for it, or the same", () => {
  const shown = (rule: (typeof NUMBERS)[number]) => String(shownOf(rule, LIMITS[rule.name]));
  const typed = typedRules(LIMITS, { numbers: { ticket_cooldown_seconds: "0" }, switches: { open_queue: true } }, shown);
  const theirs = { ...LIMITS, auto_close_after_days: 30, open_queue: true };
  expect(collisions(theirs, typed)).toEqual([]);
  expect(ruled(theirs, typed).next, "theirs stays").toEqual({ ...theirs, ticket_cooldown_seconds: 0 });
  expect(collisions(theirs, null)).toEqual([]);
});

test("a rule that two set to two things is asked about, and either can stay", () => {
  const shown = (rule: (typeof NUMBERS)[number]) => String(shownOf(rule, LIMITS[rule.name]));
  const typed = typedRules(LIMITS, { numbers: { ticket_cooldown_seconds: "0", reopen_window_days: "x" }, categories: "billing" }, shown) ?? {};
  const theirs = { ...LIMITS, ticket_cooldown_seconds: 120, reopen_window_days: 5, allowed_categories: ["other"] };
  expect(collisions(theirs, typed)).toEqual(["ticket_cooldown_seconds", "reopen_window_days", "allowed_categories"]);
  const mine = settledRule(theirs, typed, "ticket_cooldown_seconds", true);
  expect(collisions(theirs, mine)).toEqual(["reopen_window_days", "allowed_categories"]);
  expect(collisions({ ...theirs, ticket_cooldown_seconds: 90 }, mine), "set once more").toContain("ticket_cooldown_seconds");
  const left = settledRule(theirs, settledRule(theirs, mine, "allowed_categories", false), "reopen_window_days", false);
  expect([collisions(theirs, left), ruled(theirs, left).next]).toEqual([[], { ...theirs, ticket_cooldown_seconds: 0 }]);
});
