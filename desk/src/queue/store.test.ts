import type { QueuePart, QueueRole, QueueTicket } from "sealdesk/views";
import { beforeEach, expect, test, vi } from "vitest";

import type { Heard } from "../live.ts";

const ADMINISTRATOR: QueueRole = { role: "administrator", active: true, takes: false };
const ticket = (id: string, rest: Partial<QueueTicket> = {}): QueueTicket =>
  ({ ticket_id: id, status: "open", assigned_to: "", collaborators: [], customer_address: "anna", updated_at: "2026-01-01T00:00:00Z", response_count: 0, ...rest }) as QueueTicket;
const part = (...tickets: QueueTicket[]): QueuePart => ({ tickets, about: {}, next: [], ticket_count: tickets.length });

const hearers = new Set<(heard: Heard) => void>();
const door = { queuePage: vi.fn(), queueTickets: vi.fn() };
vi.mock("../door.ts", () => ({ door }));
vi.mock("../live.ts", () => ({
  onHeard(hearer: (heard: Heard) => void) {
    hearers.add(hearer);
    return () => hearers.delete(hearer);
  },
  streaming: () => Promise.resolve(),
}));
// Outside React the queue is what it is at the moment of asking.
vi.mock("react", () => ({ useSyncExternalStore: <T>(_: unknown, get: () => T) => get() }));

const tell = (heard: Partial<Heard>) => {
  for (const hearer of hearers) hearer({ tickets: [], others: false, book: false, missed: false, ...heard });
};
const ONE = "TKT-00000001";
const TWO = "TKT-00000002";

beforeEach(() => {
  hearers.clear();
  vi.resetModules();
  door.queuePage.mockReset().mockImplementation(async (list: string) => part(...(list === "all" ? [ticket(ONE)] : [])));
  door.queueTickets.mockReset();
});

async function filled(me = "me") {
  const store = await import("./store.ts");
  store.begin(ADMINISTRATOR, me);
  await vi.waitFor(() => expect(store.useQueue().filled).toBe("all"));
  return store;
}

test("the queue hears what happens while it is not shown, and once however often it is shown", async () => {
  const store = await filled();
  // What React calls when the list goes away.
  (store.begin(ADMINISTRATOR, "me") as unknown as (() => void) | undefined)?.();
  expect(hearers.size).toBe(1);
  door.queueTickets.mockResolvedValue(part(ticket(TWO)));
  tell({ tickets: [TWO] });
  await vi.waitFor(() => expect([...store.useQueue().lines.keys()]).toEqual([ONE, TWO]));
  store.begin(ADMINISTRATOR, "me");
  expect(hearers.size).toBe(1);
});

test("somebody else begins with nothing of whoever was here before", async () => {
  const store = await filled();
  door.queuePage.mockResolvedValue(part());
  store.begin(ADMINISTRATOR, "else");
  expect(store.useQueue()).toMatchObject({ filled: "nothing", total: null });
  expect(store.useQueue().lines.size).toBe(0);
  expect(hearers.size).toBe(1);
});

test("what is heard while all is read again stays, and what went away does not come back", async () => {
  const store = await filled();
  let answer: (part: QueuePart) => void = () => undefined;
  door.queuePage.mockImplementation((list: string) => (list === "all" ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(part())));
  tell({ missed: true });
  await vi.waitFor(() => expect(door.queuePage).toHaveBeenCalledTimes(4));
  door.queueTickets.mockResolvedValue(part(ticket(TWO), ticket(ONE, { status: "closed", updated_at: "2026-01-02T00:00:00Z" })));
  tell({ tickets: [ONE, TWO] });
  await vi.waitFor(() => expect(store.useQueue().lines.size).toBe(2));
  const before = store.useQueue().lines;
  answer({ ...part(ticket(ONE)), ticket_count: 1 });
  await vi.waitFor(() => expect(store.useQueue().lines).not.toBe(before));
  expect(store.useQueue().lines.get(ONE)?.ticket.status).toBe("closed");
  expect(store.useQueue().lines.has(TWO)).toBe(true);
});

test("an agent's ticket that was passed on meanwhile stays gone", async () => {
  const store = await import("./store.ts");
  const agent: QueueRole = { role: "support_agent", active: true, takes: false };
  let answer: (part: QueuePart) => void = () => undefined;
  door.queuePage.mockImplementation((list: string) => (list === "agent" ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(part())));
  store.begin(agent, "me");
  await vi.waitFor(() => expect(door.queuePage).toHaveBeenCalled());
  door.queueTickets.mockResolvedValue(part(ticket(ONE, { assigned_to: "bob", updated_at: "2026-01-02T00:00:00Z" })));
  tell({ tickets: [ONE] });
  await vi.waitFor(() => expect(door.queueTickets).toHaveBeenCalled());
  await Promise.resolve();
  answer(part(ticket(ONE, { assigned_to: "me" })));
  await vi.waitFor(() => expect(store.useQueue().filled).toBe("all"));
  expect(store.useQueue().lines.has(ONE)).toBe(false);
});
