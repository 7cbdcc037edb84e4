import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Listener } from "./stream.ts";

let listener: Listener;
const asked = vi.hoisted(() => [] as unknown[]);
vi.mock("../worker/away.ts", () => ({ answers: async () => false }));
vi.mock("./stream.ts", () => ({
  follow(given: Listener) {
    listener = given;
    return () => undefined;
  },
}));
vi.mock("./queries.ts", () => ({ client: { invalidateQueries: ({ queryKey }: { queryKey?: unknown[] }) => (asked.push(queryKey), Promise.resolve()) }, keys: { summary: () => ["summary"], ticket: () => [], inbox: [], role: [], sharedViews: [], ownViews: [], ownDrafts: [], look: ["look"] } }));

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

async function heard() {
  const { gather, onHeard } = await import("./live.ts");
  const missed: boolean[] = [];
  onHeard((heard) => missed.push(heard.missed));
  return { missed, begin: () => gather(() => undefined) };
}

test("a stream that opens before lists are read has missed nothing", async () => {
  const { missed, begin } = await heard();
  begin();
  listener.opened(false);
  vi.advanceTimersByTime(200);
  expect(missed).toEqual([false]);
});

test("a stream that opens after lists were read without it may have missed something", async () => {
  const { missed, begin } = await heard();
  begin();
  vi.advanceTimersByTime(2_000);
  listener.opened(false);
  vi.advanceTimersByTime(200);
  expect(missed).toEqual([true]);
});

test("a change of the desk book is told as one, once", async () => {
  const { gather, onHeard } = await import("./live.ts");
  const books: boolean[] = [];
  onHeard(({ book }) => books.push(book));
  gather(() => undefined);
  listener.heard(undefined, true);
  listener.heard("TKT-00000001", false);
  vi.advanceTimersByTime(200);
  listener.heard(undefined, false);
  vi.advanceTimersByTime(200);
  expect(books).toEqual([true, false]);
});

test("name and colour are read again when their document changes, and for nothing else", async () => {
  const { gather } = await import("./live.ts");
  gather(() => undefined);
  asked.length = 0;
  listener.heard(undefined, false, false);
  vi.advanceTimersByTime(200);
  expect(asked).not.toContainEqual(["look"]);
  listener.heard(undefined, false, true);
  vi.advanceTimersByTime(200);
  expect(asked).toContainEqual(["look"]);
});

test("whatever happened while the page was locked may have been missed, also where another tab has the stream", async () => {
  const { missed, begin } = await heard();
  const stop = begin();
  listener.opened(false);
  vi.advanceTimersByTime(200);
  stop();
  begin();
  listener.state(true);
  vi.advanceTimersByTime(200);
  expect(missed).toEqual([false, true]);
});

test("an event is a word of the desk's, whatever a question of its own said", async () => {
  const { gather } = await import("./live.ts");
  const { ask, cannotReach } = await import("./offline/reach.ts");
  gather(() => undefined);
  void ask();
  await vi.advanceTimersByTimeAsync(1);
  expect(cannotReach()).toBe(true);
  listener.heard("TKT-00000001", false);
  expect(cannotReach()).toBe(false);
});
