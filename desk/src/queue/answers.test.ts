import type { Ticket } from "sealdesk/views";
import { expect, test, vi } from "vitest";

vi.mock("../door.ts", () => ({ door: {} }));
const { isAnswered, isNew } = await import("./answers.ts");

const NOW = Date.parse("2026-11-30T12:00:00Z");
const ticket = (rest: Partial<Ticket> = {}) => ({ ticket_id: "TKT-00000001", status: "assigned", response_count: 2, updated_at: "2026-11-30T11:58:00Z", ...rest }) as Ticket;

test("a ticket in which support spoke last is answered, until the customer does, or it waits for them or is over", () => {
  expect(isAnswered(ticket(), "support", "me")).toBe(true);
  expect(isAnswered(ticket(), "me", "me")).toBe(false);
  expect(isAnswered(ticket(), null, "me")).toBe(false);
  for (const status of ["pending_customer", "resolved", "closed"] as const) expect(isAnswered(ticket({ status }), "support", "me")).toBe(false);
});

test("an answer is new until its ticket was opened, and old ones are not on a first visit", () => {
  const said = { latest: "It is mended.", latestAuthor: "support" };
  const before = { "TKT-00000001": "It burns." };
  expect(isNew(ticket(), said, "me", { opened: before, now: NOW })).toBe(true);
  expect(isNew(ticket(), said, "me", { opened: { "TKT-00000001": "It is mended." }, now: NOW })).toBe(false);
  expect(isNew(ticket({ response_count: 9 }), said, "me", { opened: { "TKT-00000001": "It is mended." }, now: NOW }), "notes of the team").toBe(false);
  expect(isNew(ticket(), { ...said, latestAuthor: "me" }, "me", { opened: before, now: NOW })).toBe(false);
  expect(isNew(ticket(), said, "me", { opened: {}, now: NOW })).toBe(true);
  expect(isNew(ticket({ updated_at: "2026-11-01T12:00:00Z" }), said, "me", { opened: {}, now: NOW })).toBe(false);
});
