import { beforeEach, expect, test, vi } from "vitest";

/** A stream as the browser has it, which the test opens and breaks. */
class Stream {
  static readonly CLOSED = 2;
  static opened: Stream[] = [];
  readyState = 0;
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;
  onmessage: (event: { data: string; lastEventId: string }) => void = () => undefined;
  constructor(readonly url: string) {
    Stream.opened.push(this);
  }
  addEventListener(): void {}
  close(): void {
    this.readyState = Stream.CLOSED;
  }
}

class Channel {
  onmessage: unknown;
  postMessage(): void {}
  close(): void {}
}

beforeEach(() => {
  vi.useFakeTimers();
  Stream.opened = [];
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.stubGlobal("navigator", { locks: { request: (_name: string, _options: unknown, lead: () => Promise<void>) => lead() } });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

async function followed() {
  const { follow } = await import("./stream.ts");
  const goesOn: boolean[] = [];
  const stop = follow({ heard: () => undefined, opened: (on) => goesOn.push(on), state: () => undefined });
  const stream = () => Stream.opened[Stream.opened.length - 1]!;
  stream().onopen();
  stream().onmessage({ data: "{}", lastEventId: "AAAAAAAAAG______" });
  return { goesOn, stop, stream };
}

test("a stream whose connection broke goes on after the last event", async () => {
  const { goesOn, stop, stream } = await followed();
  stream().onerror();
  vi.advanceTimersByTime(60_000);
  expect(stream().url).toContain("cursor=AAAAAAAAAG______");
  stream().onopen();
  expect(goesOn).toEqual([false, true]);
  stop();
});

test("an event says whether it is of the document by which the desk has its name and colour", async () => {
  const { follow } = await import("./stream.ts");
  const looks: (boolean | undefined)[] = [];
  const stop = follow({ heard: (_ticket, _isBook, isLook) => looks.push(isLook), opened: () => undefined, state: () => undefined });
  const document = (shelf: string, name: string) => JSON.stringify({ type: "support.v1.EventDocumentChanged", attributes: { shelf, name, version: "2" } });
  for (const data of [document("public", "desk"), document("own", "desk"), document("public", "sla")]) {
    Stream.opened.at(-1)?.onmessage({ data, lastEventId: "A" });
  }
  expect(looks).toEqual([true, false, false]);
  stop();
});

test("a desk that refuses the place, as one that was restored from a backup does, is followed from now on, and everything is read again", async () => {
  const { goesOn, stop, stream } = await followed();
  stream().readyState = Stream.CLOSED;
  stream().onerror();
  vi.advanceTimersByTime(5_000);
  expect(stream().url).toBe("/api/v1/events");
  stream().onopen();
  expect(goesOn).toEqual([false, false]);
  stop();
});
