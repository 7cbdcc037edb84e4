import type { Ticket } from "sealdesk/views";
import { beforeEach, expect, test, vi } from "vitest";

let record: string | null = null;
let isBroken = false;
const door = {
  async kept() {
    if (isBroken) throw new Error("away");
    return record;
  },
  keep: async (_: string, text: string) => void (record = text),
};
vi.mock("../door.ts", () => ({ door }));
vi.stubGlobal("navigator", { locks: { request: lockedOneByOne() } });
const { isAnswered, isNew } = await import("./answers.ts");

function lockedOneByOne() {
  let last: Promise<unknown> = Promise.resolve();
  return (_: string, work: () => Promise<unknown>) => (last = last.catch(() => undefined).then(work));
}

/** The module as one more tab has it. */
async function tab() {
  vi.resetModules();
  return import("./answers.ts");
}

const NOW = Date.parse("2026-11-30T12:00:00Z");
const ticket = (rest: Partial<Ticket> = {}) => ({ ticket_id: "TKT-00000001", status: "assigned", response_count: 2, updated_at: "2026-11-30T11:58:00Z", ...rest }) as Ticket;

test("a ticket in which support spoke last is answered, until the customer does, or it waits for them or is over", () => {
  expect(isAnswered(ticket(), "support", "me")).toBe(true);
  expect(isAnswered(ticket(), "me", "me")).toBe(false);
  expect(isAnswered(ticket(), null, "me")).toBe(false);
  for (const status of ["pending_customer", "resolved", "closed"] as const) expect(isAnswered(ticket({ status }), "support", "me")).toBe(false);
});

const said = (minute: number, by = "support") => ({ latestAuthor: by, lastSaid: { by, at: `2026-11-30T11:${minute}:00Z` } });
const at = (minute: number) => Date.parse(`2026-11-30T11:${minute}:00Z`);
const kept = () => JSON.parse(record ?? "{}") as unknown;

beforeEach(() => {
  record = null;
  isBroken = false;
});

test("an answer is new until its ticket was opened, and old ones are not on a first visit", () => {
  const id = "TKT-00000001";
  expect(isNew(ticket(), said(58), "me", { opened: { [id]: at(30) }, now: NOW }), "however it begins").toBe(true);
  expect(isNew(ticket(), said(58), "me", { opened: { [id]: at(58) }, now: NOW })).toBe(false);
  expect(isNew(ticket({ response_count: 9 }), said(58), "me", { opened: { [id]: at(58) }, now: NOW }), "notes of the team").toBe(false);
  expect(isNew(ticket(), said(58, "me"), "me", { opened: { [id]: at(30) }, now: NOW })).toBe(false);
  expect(isNew(ticket(), said(58), "me", { opened: {}, now: NOW })).toBe(true);
  expect(isNew(ticket({ updated_at: "2026-11-01T12:00:00Z" }), said(58), "me", { opened: {}, now: NOW })).toBe(false);
});

test("tabs keep what each of them has opened, and of one ticket what was opened last", async () => {
  const [one, other] = [await tab(), await tab()];
  await Promise.all([one.open("TKT-00000009", said(10)), other.open("TKT-00000009", said(10))]);
  await Promise.all([one.open("TKT-00000001", said(58)), other.open("TKT-00000002", said(59))]);
  expect(kept()).toEqual({ "TKT-00000001": at(58), "TKT-00000002": at(59), "TKT-00000009": at(10) });
  await other.open("TKT-00000001", said(30));
  await one.open("TKT-00000003", said(31));
  expect(kept()).toMatchObject({ "TKT-00000001": at(58), "TKT-00000003": at(31) });
});

test("where what is kept cannot be read, nothing is kept over it", async () => {
  record = JSON.stringify({ "TKT-00000001": at(58) });
  const before = record;
  isBroken = true;
  const one = await tab();
  await one.open("TKT-00000002", said(59));
  expect(record).toBe(before);
  isBroken = false;
  await one.open("TKT-00000003", said(59));
  expect(kept()).toEqual({ "TKT-00000001": at(58), "TKT-00000002": at(59), "TKT-00000003": at(59) });
});

test("a record that says how messages began counts as none", async () => {
  record = JSON.stringify({ "TKT-00000001": "It is mended.", "TKT-00000002": "Hello" });
  await (await tab()).open("TKT-00000002", said(59));
  expect(kept()).toEqual({ "TKT-00000002": at(59) });
});
