import { afterEach, beforeEach, expect, test, vi } from "vitest";

let reach: () => void = () => undefined;
let isAway = false;
vi.mock("./reach.ts", () => ({ LIVE: "live", cannotReach: () => isAway, onReach: (heard: () => void) => (reach = heard) }));
vi.mock("react", () => ({ useSyncExternalStore: (_: unknown, now: () => unknown) => now(), lazy: (load: unknown) => load, createElement: () => null, useEffect: () => undefined, useReducer: () => [] }));

const OWN = { default_csp: "", files: { "/index.html": "own", "/assets/page-1.js": "a" } };
/** A page of which only a style has changed: its scripts have the same names. */
const STYLED = { default_csp: "", files: { "/index.html": "styled", "/assets/page-1.js": "a" } };
const NEXT = { default_csp: "", files: { "/index.html": "next", "/assets/page-2.js": "b" } };
let manifest: unknown = OWN;
let status = 200;
const fetched = vi.fn(async () => new Response(JSON.stringify(manifest), { status }));
const page = Object.assign(new EventTarget(), { visibilityState: "visible", querySelectorAll: () => [{ src: "https://desk.example/assets/page-1.js" }] });
let channel: { onmessage?: (event: { data: object }) => void } = {};

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  fetched.mockClear();
  [manifest, status, isAway, page.visibilityState] = [OWN, 200, false, "visible"];
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("fetch", fetched);
  vi.stubGlobal("BroadcastChannel", class {
    constructor() {
      channel = this;
    }
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function opened() {
  const [renewed, lost] = [await import("./renewed.ts"), await import("../kit/lost.ts")];
  renewed.begin();
  await vi.advanceTimersByTimeAsync(1);
  return { ...renewed, ...lost };
}

test("a page that the node serves says nothing, and one that it serves no more says so, by itself in half an hour", async () => {
  const { useNewer, MOST_MS } = await opened();
  expect([fetched.mock.calls.length, useNewer()]).toEqual([1, null]);
  manifest = NEXT;
  await vi.advanceTimersByTimeAsync(MOST_MS - 60_000);
  expect([fetched.mock.calls.length, useNewer()]).toEqual([1, null]);
  await vi.advanceTimersByTimeAsync(MOST_MS / 10 + 60_000);
  expect([fetched.mock.calls.length, useNewer()]).toEqual([2, "newer"]);
  // Behind a proxy of several nodes the next answer may be of one that has this page still.
  manifest = OWN;
  await vi.advanceTimersByTimeAsync(2 * MOST_MS);
  expect(useNewer()).toBeNull();
});

test("it is looked at once the desk is there again, and when somebody comes back, and never more often than it may be", async () => {
  const { useNewer, LEAST_MS } = await opened();
  manifest = STYLED;
  for (let times = 0; times < 50; times++) {
    reach();
    page.dispatchEvent(new Event("visibilitychange"));
    channel.onmessage?.({ data: { kind: "opened" } });
    await vi.advanceTimersByTimeAsync(100);
  }
  expect([fetched.mock.calls.length, useNewer()]).toEqual([1, null]);
  await vi.advanceTimersByTimeAsync(LEAST_MS);
  expect([fetched.mock.calls.length, useNewer()]).toEqual([2, "newer"]);
});

test("who is away, hidden, or answers something else says nothing of this page", async () => {
  const { useNewer, LEAST_MS, MOST_MS } = await opened();
  manifest = NEXT;
  isAway = true;
  reach();
  await vi.advanceTimersByTimeAsync(2 * MOST_MS);
  [isAway, page.visibilityState] = [false, "hidden"];
  reach();
  await vi.advanceTimersByTimeAsync(2 * MOST_MS);
  expect(fetched).toHaveBeenCalledOnce();
  page.visibilityState = "visible";
  for (const answer of [null, [], {}, { files: null }, { files: {} }, "no page", 7]) {
    manifest = answer;
    reach();
    await vi.advanceTimersByTimeAsync(LEAST_MS);
    expect(useNewer(), JSON.stringify(answer)).toBeNull();
  }
  [manifest, status] = [NEXT, 404];
  reach();
  await vi.advanceTimersByTimeAsync(LEAST_MS);
  expect(useNewer()).toBeNull();
  expect(fetched.mock.calls.length).toBe(9);
});

test("a part that cannot be had is said, and what it is about as soon as that is known", async () => {
  const { useNewer, lazy, LEAST_MS } = await opened();
  const gone = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
  const instead = () => null;
  const part = lazy(gone, instead) as unknown as () => Promise<{ default: unknown }>;
  expect((await part()).default).toBe(instead);
  expect(useNewer()).toBe("lost");
  manifest = NEXT;
  reach();
  await vi.advanceTimersByTimeAsync(LEAST_MS);
  expect(useNewer()).toBe("newer");
});

test("where nobody could say so it is an error", async () => {
  const { lazy } = await import("../kit/lost.ts");
  const part = lazy(() => Promise.reject(new Error("gone"))) as unknown as () => Promise<unknown>;
  await expect(part()).rejects.toThrow("gone");
});
