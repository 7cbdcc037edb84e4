// What a press opens comes while nobody waits for it, and never where somebody pays for each byte.
import { afterEach, expect, test, vi } from "vitest";

import { ahead } from "./ahead.ts";

const rests: (() => void)[] = [];
const rest = async () => {
  rests.shift()?.();
  await new Promise((resolve) => setTimeout(resolve));
};

function browser(navigator: { onLine: boolean; connection?: { saveData: boolean } }) {
  rests.length = 0;
  vi.stubGlobal("navigator", navigator);
  vi.stubGlobal("requestIdleCallback", (work: () => void) => rests.push(work));
}

afterEach(() => vi.unstubAllGlobals());

test("one after another, and the next one where one cannot be fetched", async () => {
  browser({ onLine: true });
  const came: string[] = [];
  ahead([async () => came.push("first"), () => Promise.reject(new Error("no connection")), async () => came.push("third")]);
  expect(came).toEqual([]);
  await rest();
  expect(came).toEqual(["first"]);
  await rest();
  await rest();
  expect(came).toEqual(["first", "third"]);
  expect(rests).toEqual([]);
});

test("nothing more once the page is another one", async () => {
  browser({ onLine: true });
  const load = vi.fn(async () => undefined);
  const end = ahead([load, load]);
  await rest();
  end();
  await rest();
  expect(load).toHaveBeenCalledTimes(1);
});

test("nothing where somebody saves bytes, or there is no connection", () => {
  const load = vi.fn(async () => undefined);
  browser({ onLine: true, connection: { saveData: true } });
  ahead([load]);
  browser({ onLine: false });
  ahead([load]);
  expect(rests).toEqual([]);
  expect(load).not.toHaveBeenCalled();
});
