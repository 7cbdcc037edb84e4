import { afterEach, beforeEach, expect, test, vi } from "vitest";

const asked = vi.fn<() => Promise<boolean>>();
vi.mock("../../worker/away.ts", () => ({ answers: asked }));
vi.mock("../queries.ts", () => ({ client: { invalidateQueries: () => Promise.resolve() } }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  asked.mockReset();
});
afterEach(() => void vi.useRealTimers());

const later = (ms: number, isThere: boolean) => new Promise<boolean>((resolve) => setTimeout(() => resolve(isThere), ms));

test("one question that has no answer is looked into, and a desk that answers is there", async () => {
  const { ask, cannotReach } = await import("./reach.ts");
  asked.mockResolvedValue(true);
  await ask();
  expect(cannotReach()).toBe(false);
});

test("a desk that does not answer is asked until it does, by one question at a time", async () => {
  const { ask, cannotReach } = await import("./reach.ts");
  asked.mockResolvedValue(false);
  void ask();
  void ask();
  await vi.advanceTimersByTimeAsync(12_000);
  expect(cannotReach()).toBe(true);
  expect(asked).toHaveBeenCalledTimes(3);
  asked.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(cannotReach()).toBe(false);
  const before = asked.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveBeenCalledTimes(before);
});

test("what was heard meanwhile counts more than a question that had no answer", async () => {
  const { ask, cannotReach, reached } = await import("./reach.ts");
  asked.mockImplementation(() => later(4_000, false));
  void ask();
  await vi.advanceTimersByTimeAsync(2_000);
  reached();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(cannotReach()).toBe(false);
});

test("a desk that was heard a moment ago is not asked", async () => {
  const { askIfQuiet, reached } = await import("./reach.ts");
  asked.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(100_000);
  reached();
  askIfQuiet(30_000);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(31_000);
  askIfQuiet(30_000);
  expect(asked).toHaveBeenCalledOnce();
});
