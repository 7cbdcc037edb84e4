import type { Ticket } from "sealdesk/views";
import { expect, test } from "vitest";

import { asksName } from "./asksName.ts";

const NONE = { own: [], closed: [] };
const SOME = { own: [], closed: [{} as Ticket] };

test("whoever has no ticket is asked for a name at once, and whoever has one once it is known to say none", () => {
  expect(asksName({ ownName: undefined, inbox: NONE, typed: "" })).toBe(true);
  for (const inbox of [undefined, SOME]) expect(asksName({ ownName: undefined, inbox, typed: "" })).toBe(false);
  expect(asksName({ ownName: null, inbox: SOME, typed: "" })).toBe(true);
  expect(asksName({ ownName: "Anna", inbox: NONE, typed: "" })).toBe(false);
});

test("the field stays for whoever is writing in it", () => {
  expect(asksName({ ownName: "Anna", inbox: SOME, typed: "An" })).toBe(true);
});
