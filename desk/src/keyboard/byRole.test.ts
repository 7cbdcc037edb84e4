import { expect, test } from "vitest";

import { nameFor } from "./byRole.ts";
import { shortcut } from "./table.ts";

const as = (role: "customer" | "support_agent" | "administrator", takes = false) => ({ role, active: true, takes });

test("a row is called what it does for whoever reads it, and is not there where it does nothing", () => {
  expect(nameFor("assign", as("administrator"))).toBe(shortcut("assign").name);
  expect(nameFor("assign", as("support_agent"))).toBe(null);
  expect(nameFor("assign", as("support_agent", true))).toBe(shortcut("take").name);
  expect(nameFor("take", as("administrator"))?.message).toBe("Assign to me");
  expect(nameFor("take", as("support_agent"))).toBe(null);
  expect(nameFor("take", as("support_agent", true))).toBe(shortcut("take").name);
  expect(nameFor("newTicket", as("customer"))).toBe(shortcut("newTicket").name);
  expect(nameFor("newTicket", as("support_agent"))?.message).toBe("A ticket for a caller");
  expect(nameFor("newTicket", undefined)).toBe(shortcut("newTicket").name);
});
