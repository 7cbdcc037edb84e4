import { afterEach, expect, test, vi } from "vitest";

import { answers as deskAnswers, Away, isAway, isNobodys, unlessAway } from "../../worker/away.ts";

afterEach(() => vi.unstubAllGlobals());

const soon = () => new Promise<string>((resolve) => setTimeout(() => resolve("met"), 20));
const answers = (status: number) => vi.stubGlobal("fetch", async () => new Response(null, { status }));

test("a desk that answers is waited for, whatever it says of itself", async () => {
  for (const status of [200, 403, 404, 405, 429, 500]) {
    answers(status);
    expect(await unlessAway(soon()), String(status)).toBe("met");
  }
});

test("a desk that does not answer, or whose proxy says so, is not waited for", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(unlessAway(soon())).rejects.toBeInstanceOf(Away);
  for (const status of [502, 503, 504]) {
    answers(status);
    await expect(unlessAway(soon()), String(status)).rejects.toBeInstanceOf(Away);
  }
});

/** A network that takes what is asked, and says nothing until it is asked no more. */
const hangs = () => {
  const asked: AbortSignal[] = [];
  vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
    asked.push(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  return asked;
};

test("a network that hangs is not waited for without an end", async () => {
  hangs();
  await expect(unlessAway(new Promise(() => undefined), 20)).rejects.toBeInstanceOf(Away);
  expect(await deskAnswers(20)).toBe(false);
});

test("what was asked beside an answer is given up with it, and keeps no connection", async () => {
  const asked = hangs();
  expect(await unlessAway(soon(), 60_000)).toBe("met");
  expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
});

test("a proxy without its node is nobody's answer, and a node's own word is its own", () => {
  for (const status of [502, 503, 504]) expect(isNobodys(new Response(null, { status }))).toBe(true);
  for (const status of [200, 204, 404, 421, 500]) expect(isNobodys(new Response(null, { status }))).toBe(false);
  expect(isNobodys(new Response(null, { status: 503, headers: { "retry-after": "5" } }))).toBe(false);
});

test("only a desk that did not answer is away", () => {
  expect(isAway(new Away())).toBe(true);
  expect(isAway(Object.assign(new Error("cannot reach a node"), { away: true }))).toBe(true);
  for (const error of [new Error("contradicts what is kept"), null, undefined, "away", { away: "yes" }]) expect(isAway(error)).toBe(false);
});
