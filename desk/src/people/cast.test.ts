import type { Conversation } from "sealdesk/views";
import { expect, test } from "vitest";

import { castOf } from "./cast.ts";

const opened = (change: { messages?: string[]; events?: object[]; assigned_to?: string; collaborators?: string[] }) =>
  ({
    ticket: { customer_address: "c", previous_customers: ["before"], assigned_to: change.assigned_to ?? "", collaborators: change.collaborators ?? [] },
    messages: (change.messages ?? []).map((author) => ({ author })),
    events: change.events ?? [],
  }) as unknown as Conversation;

test("who of the team is in a ticket is found wherever they are named, and its customers are not", () => {
  expect([...castOf(opened({ messages: ["c", "a", "before"], assigned_to: "a" }))]).toEqual(["a"]);
  const events = [{ type: "x", assigned_by: "b", assigned_to: "a" }, { type: "x", closed_by: "auto", customer: "c" }, { resolved_by: "d", resolution: "e" }];
  expect([...castOf(opened({ events, collaborators: ["h"] }))].sort()).toEqual(["a", "b", "d", "h"]);
});
