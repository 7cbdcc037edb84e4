import { expect, test } from "vitest";

import { isFound } from "./found.ts";

const contains = (text: string, word: string) => text.toLowerCase().includes(word.toLowerCase());

test("a command is found by its words in any order, and by none that it does not have", () => {
  const finds = (typed: string) => isFound(typed, "Targets, SLA, service levels", contains);
  expect([finds("sla targets"), finds("targets  sla"), finds(" level "), finds("")]).toEqual([true, true, true, true]);
  expect([finds("sla hours"), finds("clock")]).toEqual([false, false]);
});
