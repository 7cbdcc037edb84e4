import { i18n } from "@lingui/core";
import { afterEach, expect, test, vi } from "vitest";

vi.mock("../door.ts", () => {
  class DeskError extends Error {
    constructor(readonly failure: { message: string; code?: number; unanswered?: boolean }) {
      super(failure.message);
    }
    get code() {
      return this.failure.code;
    }
    get unanswered() {
      return this.failure.unanswered ?? false;
    }
  }
  return { DeskError };
});

import type { Told } from "../../worker/api.ts";
import { TagsFull } from "../conversation/staff/tagsFull.ts";
import { DeskError } from "../door.ts";
import { afterReplies, type Progress, withEach } from "./bulk.ts";

const told = (rest: Partial<Told> = {}): Told => ({ proven: true, notes: [], ...rest }) as Told;
const BOB = { text: "sealed for bob", reader: null };
const shown: Progress[] = [];
// What the page itself refuses it says in its own words.
i18n.loadAndActivate({ locale: "en", messages: {} });
const WATCH = { onProgress: (progress: Progress) => void shown.push(progress), isStopped: () => false };
afterEach(() => void shown.splice(0));

test("each is tried once, and each ends in one place", async () => {
  const tried: string[] = [];
  const result = await withEach(
    ["a", "b", "c", "d", "e"],
    async (id) => {
      tried.push(id);
      if (id === "e") return null;
      if (id === "b") throw new DeskError({ message: "TKT-b is closed", codespace: "support", code: 7 });
      if (id === "c") throw new DeskError({ message: "no answer", unanswered: true });
      return told(id === "d" ? { proven: false, notes: [BOB, { ...BOB }] } : {});
    },
    WATCH,
  );
  expect(tried).toEqual(["a", "b", "c", "d", "e"]);
  expect(result.done).toEqual(["a"]);
  expect(result.unproven).toEqual(["d"]);
  expect(result.unchanged).toEqual(["e"]);
  expect(result.refused.map(({ id }) => id)).toEqual(["b"]);
  expect(result.unanswered.map(({ id }) => id)).toEqual(["c"]);
  expect(result.notes).toEqual([BOB]);
  expect(shown.at(-1)).toEqual({ done: 5, of: 5 });
});

test("whoever stops it stops before the next one, and hears what was left out", async () => {
  let count = 0;
  const result = await withEach(["a", "b", "c"], async () => told(), { ...WATCH, isStopped: () => ++count > 1 });
  expect(result).toMatchObject({ done: ["a"], untried: ["b", "c"] });
});

test("a desk that is away is not asked a thousand times", async () => {
  const work = vi.fn(async () => {
    throw new Error("cannot reach the node");
  });
  const result = await withEach(Array.from({ length: 1_000 }, (_, n) => String(n)), work, WATCH);
  expect(work).toHaveBeenCalledTimes(3);
  expect(result.untried).toHaveLength(997);
});

test("tickets with no room for a tag are refused one by one, and end nothing", async () => {
  const full = ["a", "b", "c", "d"];
  const result = await withEach(
    [...full, "e"],
    async (id) => {
      if (full.includes(id)) throw new TagsFull();
      return told();
    },
    WATCH,
  );
  expect(result).toMatchObject({ done: ["e"], refused: full.map((id) => ({ id })), untried: [] });
});

test("a ticket in which a reply is on its way stays as it is, and the others are done, however many such there are", async () => {
  const tried: string[] = [];
  const work = async (id: string) => (tried.push(id), told());
  const result = await withEach(["a", "b", "c", "d"], afterReplies(work, (id) => id !== "d", "not sent yet"), WATCH);
  expect([tried, result.done, result.untried]).toEqual([["d"], ["d"], []]);
  expect(result.refused.map(({ id, why }) => [id, (why as Error).message])).toEqual([["a", "not sent yet"], ["b", "not sent yet"], ["c", "not sent yet"]]);
});
