import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createResting, pressIfThere } from "./resting.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("only what keys rest at is opened, and nothing once they are stopped", () => {
  const opened: string[] = [];
  const resting = createResting();
  resting.soon(() => opened.push("passed"));
  vi.advanceTimersByTime(100);
  resting.soon(() => opened.push("rested at"));
  vi.advanceTimersByTime(1_000);
  resting.soon(() => opened.push("left"));
  resting.stop();
  vi.advanceTimersByTime(1_000);
  expect(opened).toEqual(["rested at"]);
});

test("a result that is gone by then is not pressed", () => {
  const click = vi.fn();
  pressIfThere({ isConnected: false, click });
  expect(click).not.toHaveBeenCalled();
  pressIfThere({ isConnected: true, click });
  expect(click).toHaveBeenCalledOnce();
});
