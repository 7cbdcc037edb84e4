import type { Ticket, TicketPriority, TicketStatus } from "sealdesk/views";
import { expect, test } from "vitest";

import { byUrgency, firstView, VIEWS } from "./views.ts";

const ME = "me";
let last = 0;

function ticket(status: TicketStatus, priority: TicketPriority = "normal", assigned = "", changed = "2026-11-28T10:00:00Z"): Ticket {
  return { ticket_id: `TKT-${++last}`, status, priority, assigned_to: assigned, updated_at: changed } as Ticket;
}

const has = (view: string, one: Ticket) => VIEWS.find(({ id }) => id === view)?.has(one, ME);

test("each ticket stands where somebody looks for it", () => {
  expect(has("mine", ticket("assigned", "low", ME))).toBe(true);
  expect(has("mine", ticket("pending_customer", "low", ME)), "the customer has to answer").toBe(false);
  expect(has("mine", ticket("assigned", "low", "other"))).toBe(false);
  expect(has("mine", ticket("resolved", "low", ME))).toBe(false);
  expect(has("unassigned", ticket("open"))).toBe(true);
  expect(has("urgent", ticket("open", "high"))).toBe(true);
  expect(has("urgent", ticket("closed", "urgent"))).toBe(false);
  expect(has("waiting", ticket("pending_customer"))).toBe(true);
});

test("no unfinished ticket is in no view", () => {
  const statuses: TicketStatus[] = ["open", "assigned", "in_progress", "pending_customer", "resolved"];
  for (const status of statuses) expect(VIEWS.some((view) => view.has(ticket(status), ME)), status).toBe(true);
});

test("the most urgent comes first, then who waits longest", () => {
  const tickets = [
    ticket("open", "normal", "", "2026-11-28T09:00:00Z"),
    ticket("open", "urgent", "", "2026-11-28T11:00:00Z"),
    ticket("open", "normal", "", "2026-11-27T09:00:00Z"),
  ];
  const order = [...tickets].sort(byUrgency).map(({ ticket_id }) => ticket_id);
  expect(order).toEqual([tickets[1], tickets[2], tickets[0]].map((one) => one?.ticket_id));
});

test("the first view is one with something in it", () => {
  expect(firstView([], ME)).toBe("mine");
  expect(firstView([ticket("open")], ME)).toBe("unassigned");
  expect(firstView([ticket("open"), ticket("assigned", "low", ME)], ME)).toBe("mine");
});
