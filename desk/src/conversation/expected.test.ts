import type { Note } from "sealdesk/views";
import { expect, test } from "vitest";

import { client, keys } from "../queries.ts";
import { isExpected } from "./expected.ts";

const note = (why: string, more: object = {}) => ({ text: why, reader: { address: "anna", why, ticket: "TKT-1", change: null, voters: [], ...more } }) as Note;
const opened = (customer: string, previous: string[] = []) => ({ ticket: { customer_address: customer, previous_customers: previous } });

test("nobody is told that a ticket's own customer reads it; of every other new reader they are", () => {
  expect(isExpected(note("customer")), "of a ticket that this page does not know").toBe(false);
  client.setQueryData(keys.ticket("TKT-1"), opened("anna"));
  expect(isExpected(note("customer"))).toBe(true);
  for (const why of ["administrator", "assignee", "collaborator", "open-queue", "appointed", "provider", "imported", "given", "let-in"]) expect(isExpected(note(why)), why).toBe(false);
  expect(isExpected(note("customer", { address: "bert" })), "somebody else").toBe(false);
  expect(isExpected(note("customer", { ticket: null })), "one that is being written").toBe(false);
  expect(isExpected({ text: "not proven", reader: null })).toBe(false);
  client.setQueryData(keys.ticket("TKT-1"), opened("anna", ["bert"]));
  expect(isExpected(note("customer")), "whom it was given to").toBe(false);
});
