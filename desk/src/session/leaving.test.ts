// A lock wins over what keeps the other half at that moment: else the cookie would come back after it.
import { beforeEach, expect, test, vi } from "vitest";

const shares = { here: new Uint8Array(32).fill(1), there: new Uint8Array(32).fill(2) };
const node: string[] = [];
const ours = { known: async () => null, know: async () => undefined };
let hanging: string[] = [];

/** One request after the other, as a browser's tabs get a lock; whoever waits too long is refused. */
function locks() {
  let last: Promise<unknown> = Promise.resolve();
  return {
    request(_: string, ...rest: [() => Promise<unknown>] | [{ signal: AbortSignal }, () => Promise<unknown>]) {
      const [signal, work] = rest.length === 1 ? [null, rest[0]] : [rest[0].signal, rest[1]];
      let isRefused = false;
      let isGranted = false;
      const turn = last.then(() => {
        isGranted = true;
        return isRefused ? undefined : work();
      });
      last = turn.catch(() => undefined);
      const refused = new Promise((_, reject) => {
        signal?.addEventListener("abort", () => {
          if (isGranted) return;
          isRefused = true;
          reject(signal.reason);
        });
      });
      return Promise.race([turn, refused]);
    },
  };
}

/** A node that keeps no half yet, and that answers a little later, or never. */
function answer(_: string, { method, signal }: RequestInit): Promise<Response> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  node.push(`${method} asked`);
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
    if (hanging.includes(method ?? "")) return;
    setTimeout(() => {
      if (signal?.aborted) return;
      node.push(`${method} answered`);
      resolve(new Response(null, { status: method === "POST" ? 204 : 200 }));
    }, 5);
  });
}

/** A worker of its own: one that left stays away. */
async function worker() {
  vi.resetModules();
  return import("../../worker/resume.ts");
}

beforeEach(() => {
  node.length = 0;
  hanging = [];
  vi.stubGlobal("navigator", { locks: locks() });
  vi.stubGlobal("fetch", answer);
});

test("what keeps a half while this tab locks ends first, and none is kept after that", async () => {
  const { keep, forget } = await worker();
  hanging = ["PUT"];
  const kept = keep(shares, ours).catch(() => "ended");
  await vi.waitFor(() => expect(node).toContain("PUT asked"));
  await forget();
  expect(await kept).toBe("ended");
  expect(node).not.toContain("PUT answered");
  expect(node.at(-1)).toBe("DELETE answered");
  await expect(keep(shares, ours)).rejects.toThrow();
  expect(node.at(-1)).toBe("DELETE answered");
});

test("another tab that keeps a half has its turn before the half is forgotten", async () => {
  const [other, own] = [await worker(), await worker()];
  await Promise.all([other.keep(shares, ours), own.forget()]);
  expect(node).toEqual(["POST asked", "POST answered", "PUT asked", "PUT answered", "DELETE asked", "DELETE answered"]);
});

test("another tab whose node hangs is not waited for", async () => {
  const [other, own] = [await worker(), await worker()];
  hanging = ["POST"];
  const kept = other.keep(shares, ours).catch(() => "ended");
  await vi.waitFor(() => expect(node).toEqual(["POST asked"]));
  hanging = [];
  await own.forget();
  expect(node).toEqual(["POST asked", "DELETE asked", "DELETE answered"]);
  await other.forget();
  expect(await kept).toBe("ended");
});
