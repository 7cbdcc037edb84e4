import type { KnownName, Standing } from "sealdesk/views";
import { expect, test } from "vitest";

import { mayGoOn, teamName } from "./goesOn.ts";

const standing = (more: Partial<Standing>): Standing => ({ role: "support_agent", state: "active", in_circle: false, active_keys: 1, counts: true, ...more });

test("whoever got a key is let in as long as a signature gives them the role", () => {
  expect(mayGoOn("support_agent", standing({}))).toBe(true);
  expect(mayGoOn("support_agent", standing({ active_keys: 0 }))).toBe(false);
  expect(mayGoOn("administrator", standing({ in_circle: true, counts: false }))).toBe(true);
});

test("whoever lost the role before their key came is not taken on again unasked", () => {
  expect(mayGoOn("support_agent", standing({ role: null, counts: false }))).toBe(false);
  expect(mayGoOn("support_agent", standing({ counts: false })), "the ledger's word alone").toBe(false);
  expect(mayGoOn("administrator", standing({})), "an agent by now").toBe(false);
  expect(mayGoOn("support_agent", standing({ state: "suspended" }))).toBe(false);
});

test("only the team's own name for somebody is written into the desk book", () => {
  const known = (source: KnownName["source"]): KnownName => ({ address: "a", name: "Carol", source, like: null, shared: false });
  expect(teamName(known("desk_book"))).toBe("Carol");
  expect(teamName(known("own")), "a private nickname").toBe("");
  expect(teamName(known("said"))).toBe("");
  expect(teamName(undefined)).toBe("");
});
