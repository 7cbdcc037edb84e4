import { afterEach, beforeEach, expect, test, vi } from "vitest";

const asked = vi.fn<() => Promise<boolean>>();
vi.mock("../../worker/away.ts", () => ({ answers: asked }));
const again = vi.fn(() => Promise.resolve());
vi.mock("../queries.ts", () => ({ client: { invalidateQueries: again } }));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  asked.mockReset();
  again.mockClear();
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

test("what had no answer once is asked for again, though the desk was never away, and not as fast as it fails", async () => {
  const { ask } = await import("./reach.ts");
  asked.mockResolvedValue(true);
  await ask();
  expect(again).toHaveBeenCalledOnce();
  for (let n = 0; n < 20; n++) await ask();
  expect(again).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(again).toHaveBeenCalledTimes(2);
});

test("a desk that is heard while it counts as away is there at once, and what breaks then is looked into", async () => {
  const { ask, cannotReach, reached } = await import("./reach.ts");
  asked.mockResolvedValue(false);
  void ask();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(cannotReach()).toBe(true);
  reached();
  expect(cannotReach()).toBe(false);
  await vi.advanceTimersByTimeAsync(10);
  void ask();
  await vi.advanceTimersByTimeAsync(10);
  expect(cannotReach()).toBe(true);
});

test("what breaks after the desk was heard is looked into, also while a question of before is still open", async () => {
  const { ask, cannotReach, reached } = await import("./reach.ts");
  asked.mockImplementation(() => later(4_000, false));
  void ask();
  await vi.advanceTimersByTimeAsync(1_000);
  reached();
  await vi.advanceTimersByTimeAsync(1_000);
  void ask();
  await vi.advanceTimersByTimeAsync(7_000);
  expect(cannotReach()).toBe(true);
});

test("a question that waits behind a file that goes on says nothing, and a file that goes on brings nobody back", async () => {
  const { ask, cannotReach, moves } = await import("./reach.ts");
  asked.mockImplementation(() => later(5_000, false));
  void ask();
  await vi.advanceTimersByTimeAsync(3_000);
  moves();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(cannotReach()).toBe(false);
  void ask();
  await vi.advanceTimersByTimeAsync(6_000);
  expect(cannotReach()).toBe(true);
  moves();
  expect(cannotReach()).toBe(true);
});
