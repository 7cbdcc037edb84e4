import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Doing, Present } from "sealdesk/views";

import { EVERY_MS, news, stay } from "./stay.ts";

const ben: Present = { address: "desk1ben", doing: "looking" };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Somebody at a ticket: what they said, what they were shown last, and what the node does. */
function sit() {
  const seen = { said: [] as Doing[], shown: [] as Present[], isAway: false, answer: async (): Promise<Present[] | null> => [ben] };
  const staying = stay({
    say(doing) {
      seen.said.push(doing);
      return seen.answer();
    },
    show: (others) => void (seen.shown = others),
    isAway: () => seen.isAway,
  });
  return Object.assign(seen, { staying, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) });
}

test("whoever only passes by says nothing", async () => {
  const { said, staying, pass } = sit();
  await pass(900);
  staying.end();
  await pass(60_000);
  expect(said).toEqual([]);
});

test("whoever stays says so again and again until they leave", async () => {
  const here = sit();
  await here.pass(1_000 + 2 * EVERY_MS);
  expect(here.said).toEqual(["looking", "looking", "looking"]);
  expect(here.shown).toEqual([ben]);
  here.staying.end();
  await here.pass(60_000);
  expect(here.said).toHaveLength(3);
});

test("writing is said at once, not with each letter, and ends by itself", async () => {
  const here = sit();
  await here.pass(2_000);
  for (let letter = 0; letter < 20; letter++) {
    here.staying.typed(true);
    await here.pass(100);
  }
  expect(here.said).toEqual(["looking", "writing"]);
  await here.pass(3 * EVERY_MS);
  expect(here.said.at(-1)).toBe("looking");
  here.staying.typed(true);
  await here.pass(0);
  expect(here.said.at(-1)).toBe("writing");
  here.staying.typed(false);
  await here.pass(EVERY_MS);
  expect(here.said.at(-1)).toBe("looking");
});

test("what begins while the node is asked is said as soon as it has answered", async () => {
  const here = sit();
  here.answer = () => new Promise((resolve) => setTimeout(() => resolve([]), 500));
  await here.pass(1_100);
  here.staying.typed(true);
  expect(here.said).toEqual(["looking"]);
  await here.pass(500);
  expect(here.said).toEqual(["looking", "writing"]);
});

test("nothing is said for somebody who is away, and nobody is shown to them", async () => {
  const here = sit();
  await here.pass(1_000);
  expect(here.shown).toEqual([ben]);
  here.isAway = true;
  await here.pass(5 * EVERY_MS);
  expect([here.said.length, here.shown]).toEqual([1, []]);
  here.isAway = false;
  await here.pass(EVERY_MS);
  expect([here.said.length, here.shown]).toEqual([2, [ben]]);
});

test("a node that fails is asked less often, and shows nobody", async () => {
  const here = sit();
  await here.pass(1_000);
  here.answer = () => Promise.reject(new Error("status 503"));
  await here.pass(EVERY_MS);
  expect([here.said.length, here.shown]).toEqual([2, []]);
  here.staying.typed(true);
  await here.pass(5 * 60_000);
  expect(here.said.length).toBeLessThan(7);
  here.answer = async () => [ben];
  await here.pass(150_000);
  expect(here.shown).toEqual([ben]);
});

test("a node that takes no more of it is asked no more", async () => {
  const here = sit();
  here.answer = async () => null;
  await here.pass(1_000);
  here.staying.typed(true);
  await here.pass(10 * 60_000);
  expect([here.said, here.shown]).toEqual([["looking"], []]);
});

test("each thing of each person is told to listeners once in a while", () => {
  const heard = new Map<string, number>();
  const writing: Present = { ...ben, doing: "writing" };
  expect(news(heard, [ben], 0)).toEqual([ben]);
  expect(news(heard, [ben], 8_000)).toEqual([]);
  expect(news(heard, [writing], 16_000)).toEqual([writing]);
  expect(news(heard, [ben], 24_000)).toEqual([]);
  expect(news(heard, [ben], 5 * 60_000)).toEqual([ben]);
});
