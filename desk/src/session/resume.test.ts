import { expect, test, vi } from "vitest";

import { fitted, fromText, keep, toText } from "../../worker/resume.ts";

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

test("a half that no tab of this browser brought is not taken over", async () => {
  const [key, here, planted] = [bytes(1), bytes(90), bytes(7)];
  const shares = { here, there: joined(here, key) };
  let cookie: Uint8Array = planted;
  vi.stubGlobal("navigator", { locks: { request: (_: string, work: () => unknown) => work() } });
  vi.stubGlobal("fetch", async (_: string, { method, body }: { method: string; body?: Uint8Array }) => {
    if (method === "PUT" && body) cookie = body;
    return new Response(method === "POST" ? cookie.slice() : null);
  });
  let digest: string | null = null;
  const ours = { known: async () => digest, know: async (now: string) => void (digest = now) };
  expect(await keep(shares, ours)).toEqual(here);
  expect(cookie).toEqual(shares.there);
  // The next tab finds the half of this one, and fits its own to it.
  const other = { here: bytes(11), there: joined(bytes(11), key) };
  expect(joined(await keep(other, ours), cookie)).toEqual(key);
  expect(cookie).toEqual(shares.there);
});
