import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { given, Patience } from "./given.ts";

beforeEach(() => {
  vi.useFakeTimers();
  stop.mockReset();
});
afterEach(() => void vi.useRealTimers());

const ASSET = "/assets/page-1.js";
const answer = (text: string, status = 200, headers = {}) => new Response(text, { status, headers });
const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));
const never = new Promise<null>(() => undefined);
const copy = async () => answer("kept");
const none = async () => undefined;
const stop = vi.fn();

/** What is given, and after how many milliseconds. */
async function asked(network: Promise<Response | null>, kept: () => Promise<Response | undefined>, name = "/") {
  const began = Date.now();
  const waiting = given({ name, network, kept, stop, patience: 4_000 }).then(async (given) => ({ text: await given.answer.text(), isLate: given.isLate, ms: Date.now() - began }));
  await vi.advanceTimersByTimeAsync(60_000);
  return Promise.race([waiting, Promise.resolve("nothing")]);
}

test("the network is waited for a few seconds, and what it says in them counts", async () => {
  expect(await asked(after(3_900, answer("new")), copy)).toEqual({ text: "new", isLate: false, ms: 3_900 });
  expect(await asked(after(10, answer("refused", 403)), copy)).toEqual({ text: "refused", isLate: false, ms: 10 });
  expect(await asked(after(10, answer("busy", 503, { "retry-after": "5" })), copy)).toEqual({ text: "busy", isLate: false, ms: 10 });
});

test("a network that hangs is answered for by the copy, and a late answer changes nothing", async () => {
  expect(await asked(never, copy)).toEqual({ text: "kept", isLate: true, ms: 4_000 });
  expect(await asked(after(4_100, answer("new")), copy)).toEqual({ text: "kept", isLate: true, ms: 4_000 });
});

test("nobody's answer is not waited for", async () => {
  expect(await asked(after(10, null), copy)).toEqual({ text: "kept", isLate: false, ms: 10 });
  expect(await asked(after(10, answer("gateway", 502)), copy)).toEqual({ text: "kept", isLate: false, ms: 10 });
});

test("without a copy the network is waited for, as browsers do", async () => {
  expect(await asked(after(30_000, answer("new")), none)).toEqual({ text: "new", isLate: false, ms: 30_000 });
  expect(await asked(never, none)).toBe("nothing");
});

test("a file of a page that the node serves no more is the copy's, and a page that it does not have is its own word", async () => {
  expect(await asked(after(10, answer("gone", 404)), copy, ASSET)).toEqual({ text: "kept", isLate: false, ms: 10 });
  expect(await asked(after(10, answer("gone", 404)), copy)).toEqual({ text: "gone", isLate: false, ms: 10 });
  expect(await asked(after(10, answer("gone", 404)), none, ASSET)).toEqual({ text: "gone", isLate: false, ms: 10 });
});

test("a network whose answer nobody waits for is asked no longer, and one that somebody waits for is", async () => {
  await asked(never, copy, ASSET);
  expect(stop).toHaveBeenCalledOnce();
  await asked(never, none, ASSET);
  await asked(after(10, answer("new")), copy, ASSET);
  expect(stop).toHaveBeenCalledOnce();
});

test("a browser whose storage is out of order is one without a copy", async () => {
  const broken = () => Promise.reject(new Error("the disk"));
  expect(await asked(after(5_000, answer("new")), broken)).toEqual({ text: "new", isLate: false, ms: 5_000 });
});

test("files follow a page that was given from the copy for a while, and not each other", async () => {
  await vi.advanceTimersByTimeAsync(100_000);
  const patience = new Patience();
  expect(patience.of(ASSET)).toBe(4_000);
  // A file that came late says nothing of the page that asked for it.
  patience.gave(ASSET, true);
  expect(patience.of(ASSET)).toBe(4_000);
  patience.gave("/", true);
  expect([patience.of("/"), patience.of(ASSET)]).toEqual([4_000, 500]);
  await vi.advanceTimersByTimeAsync(29_000);
  patience.gave(ASSET, true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(patience.of(ASSET)).toBe(4_000);
  patience.gave("/", true);
  // The network gives a page again, and waits for its files as well.
  patience.gave("/", false);
  expect(patience.of(ASSET)).toBe(4_000);
});
