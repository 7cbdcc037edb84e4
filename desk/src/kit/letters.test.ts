// Letters that deceive, in a line.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { fitting, oneLine } from "./letters.ts";

const { letters } = JSON.parse(readFileSync(new URL("../../test/payloads.json", import.meta.url), "utf8")) as { letters: Record<string, string[]> };

test("what turns letters is seen, and turns nothing", () => {
  expect(oneLine("invoice\u202efdp.exe")).toBe("invoice\ufffdfdp.exe");
  for (const text of letters.bidi ?? []) expect(oneLine(text), text).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
});

test("a line of which nothing can be seen is none", () => {
  for (const text of ["", "  ", "\u200b\u200b", "\ufeff", "\u3164", "\u2800", "\u202e\u2066", "\u{e0041}\u{e0042}", "\u0301"]) {
    expect(oneLine(text), JSON.stringify(text)).toBeNull();
  }
  expect(oneLine(null)).toBeNull();
});

test("letters do not pile up", () => {
  for (const text of letters.graphemes ?? []) expect(oneLine(text) ?? "", text).not.toMatch(/\p{M}{5}/u);
});

test("what people write stays as it is", () => {
  for (const text of [...(letters.input ?? []), "हिन्दी क्ष", "می\u200cخواهم", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}", "é", "1 < 2 & 3"]) {
    expect(oneLine(text), text).toBe(text);
  }
  expect(oneLine(" a\n\tb\u2028c ")).toBe("a b c");
});

test("a public text ends where the ledger's bytes do, and between letters", () => {
  expect(fitting("a".repeat(200))).toHaveLength(128);
  expect(fitting("ä".repeat(100))).toBe("ä".repeat(64));
  expect(fitting("👍".repeat(40))).toBe("👍".repeat(32));
  expect(fitting("kurz")).toBe("kurz");
});
