import type { Message } from "sealdesk/views";
import { expect, test } from "vitest";

import { fate, MAY_ARRIVE_MS } from "./sending.ts";

const NOW = 1_000_000_000;
const said = (index: number, text: string, author = "me", internal = false) => ({ response_index: index, text, author, internal }) as Message;
const sending = { text: "Hello", count: 2, since: NOW };

test("a message that stands on the ledger has arrived", () => {
  expect(fate(sending, [said(2, "Hello")], "me", false, NOW)).toBe("arrived");
  expect(fate(sending, [said(5, "Hello")], "me", false, NOW + MAY_ARRIVE_MS)).toBe("arrived");
});

test("the same words from before, of others, or as a note are another message", () => {
  const others = [said(1, "Hello"), said(2, "Hello", "you"), said(3, "Hello", "me", true), said(4, "Hello!")];
  expect(fate(sending, others, "me", false, NOW)).toBe("underway");
});

test("it is sent again only when it can no longer arrive", () => {
  expect(fate(sending, [], "me", false, NOW + MAY_ARRIVE_MS - 1)).toBe("underway");
  expect(fate(sending, [], "me", false, NOW + MAY_ARRIVE_MS)).toBe("lost");
});
