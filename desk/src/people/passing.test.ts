import { expect, test } from "vitest";
import type { KnownName } from "sealdesk/views";

import { OWN_WORDS, unmasked } from "../../worker/passing.ts";

const AGENT = "virtengine1rgmnfknsrw49ys37chcf7g23pcl9l2uuz73p3v";
const named = (name: string, source: KnownName["source"] = "said"): KnownName => ({ address: "virtengine1zzz", name, source, like: null, shared: false });
const marked = (name: string, source?: KnownName["source"]) =>
  unmasked([named(name, source), { ...named("Ada", "desk_book"), address: AGENT }], OWN_WORDS, () => new Map([["Suppοrt", "Support"]]))[0]?.like !== null;

test("a name that begins like the page's own words, or is what it shows of an address, does not stand alone", () => {
  const bad = ["Support rgmnfk…3p3v", "support: Ada", "SUPPORT", "Administrator", "You", "Sie", "Kunde 7", "Customer rgmnfk", "Suppοrt Ada", "“Agent” Smith"];
  for (const name of [...bad, "rgmnfk...3p3v", "Ada rgm nfk 3p3v", "Supportrgmnfk3p3v"]) expect(marked(name), name).toBe(true);
});

test("any other name stands as it is, and so does what the team or the reader gave", () => {
  for (const name of ["Ada", "Anna Supporta", "Siegfried", "Youssef", "Agenta", "李雷", "…"]) expect(marked(name), name).toBe(false);
  expect(marked("Support Ada", "desk_book")).toBe(false);
  expect(marked("Support Ada", "own")).toBe(false);
});
