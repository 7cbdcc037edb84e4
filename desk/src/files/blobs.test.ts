import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Away } from "../../worker/away.ts";
import { bring, fetched } from "../../worker/blobs.ts";

/** A request that goes as a test says. */
class Request {
  static all: Request[] = [];
  upload: { onprogress?: () => void; onload?: () => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onloadend?: () => void;
  status = 0;
  responseText = "";
  isAborted = false;
  constructor() {
    Request.all.push(this);
  }
  open() {}
  setRequestHeader() {}
  send() {}
  abort() {
    this.isAborted = true;
  }
  answer(status: number, text = "") {
    this.status = status;
    this.responseText = text;
    this.onload?.();
  }
}

const PIECE = () => ({ name: "aa", takeBytes: () => new Uint8Array(5) }) as unknown as Parameters<typeof bring>[0];
const last = () => Request.all.at(-1) as Request;
const told = vi.fn();
const never = () => new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
  Request.all = [];
  vi.stubGlobal("XMLHttpRequest", Request);
  vi.stubGlobal("self", { postMessage: told });
  told.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a piece that moves is waited for, however long it takes", async () => {
  const brought = bring(PIECE(), async () => "signed", never());
  for (let n = 0; n < 20; n++) {
    await vi.advanceTimersByTimeAsync(25_000);
    last().upload.onprogress?.();
  }
  expect(Request.all.length).toBe(1);
  last().answer(204);
  await brought;
});

test("a piece of which nothing moves is brought once more, and then the desk does not answer", async () => {
  const brought = bring(PIECE(), async () => "signed", never()).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(70_000);
  expect(await brought).toBeInstanceOf(Away);
  expect(Request.all.map(({ isAborted }) => isAborted)).toEqual([true, true]);
});

test("a piece that all left this browser at once is waited for longer, and the page knows that it goes on", async () => {
  const brought = bring(PIECE(), async () => "signed", never());
  await vi.advanceTimersByTimeAsync(10);
  last().upload.onprogress?.();
  last().upload.onload?.();
  await vi.advanceTimersByTimeAsync(110_000);
  expect(Request.all.map(({ isAborted }) => isAborted)).toEqual([false]);
  last().answer(204);
  await brought;
  expect(told).toHaveBeenCalledWith({ moves: true });
});

test("whoever stops during a pause is heard at once", async () => {
  const stop = new AbortController();
  const brought = bring(PIECE(), async () => "signed", stop.signal).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(0);
  last().answer(503);
  await vi.advanceTimersByTimeAsync(100);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(await Promise.race([brought, Promise.resolve("waits")])).toBe(stop.signal.reason);
});

test("a refusal is final, and a busy node is asked again", async () => {
  const refused = bring(PIECE(), async () => "signed", never()).catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(0);
  last().answer(413, '{"detail":"too large"}');
  expect(await refused).toBe("the desk does not take the file: too large");
  const busy = bring(PIECE(), async () => "signed", never());
  await vi.advanceTimersByTimeAsync(0);
  last().answer(503);
  await vi.advanceTimersByTimeAsync(300);
  last().answer(204);
  await busy;
  expect(Request.all.length).toBe(3);
});

test("whoever stops it is waited for no longer", async () => {
  const stop = new AbortController();
  const brought = bring(PIECE(), async () => "signed", stop.signal).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(0);
  stop.abort();
  expect(await brought).toBe(stop.signal.reason);
  expect(last().isAborted).toBe(true);
});

test("a piece comes whole, and no more than a piece has is taken", async () => {
  const parts = (...sizes: number[]) =>
    vi.stubGlobal("fetch", async () => new Response(new ReadableStream({ start: (it) => (sizes.forEach((size) => it.enqueue(new Uint8Array(size).fill(size % 7))), it.close()) })));
  parts(3, 5);
  expect(await fetched("aa", never())).toEqual(Uint8Array.of(3, 3, 3, 5, 5, 5, 5, 5));
  parts(1_048_576, 17);
  await expect(fetched("aa", never())).rejects.toThrow("something else than a piece");
});
