import { expect, test } from "vitest";

import { fitted, fromText, toText } from "../../worker/resume.ts";

const bytes = (seed: number) => Uint8Array.from({ length: 32 }, (_, n) => (n * 37 + seed) % 256);
const joined = (here: Uint8Array, there: Uint8Array) => here.map((byte, n) => byte ^ (there[n] ?? 0));

test("a tab's half that is fitted to another tab's cookie makes the same key", () => {
  const [key, here, kept] = [bytes(1), bytes(90), bytes(200)];
  const there = joined(here, key);
  const mine = fitted({ here, there }, kept);
  expect(joined(mine, kept)).toEqual(key);
  expect(mine).not.toEqual(here);
});

test("what is not a half is none", () => {
  expect(fromText(toText(bytes(3)))).toEqual(bytes(3));
  for (const text of ["", "AAAA", "%", toText(new Uint8Array(33))]) expect(fromText(text)).toBeNull();
});
