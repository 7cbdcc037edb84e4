import { afterEach, beforeEach, expect, test, vi } from "vitest";

const door = { inbox: vi.fn(), keptAnswer: vi.fn(), categories: vi.fn() };
class DeskError extends Error {
  away = true;
}
vi.mock("../door.ts", () => ({ door, DeskError }));
const lookAgain = vi.fn();
vi.mock("../live.ts", () => ({ lookAgain }));
const probe = vi.fn(async () => false);
vi.mock("../../worker/away.ts", () => ({ answers: probe }));
vi.mock("../queries.ts", () => ({ client: { invalidateQueries: () => Promise.resolve() } }));
// What a component shows of it.
vi.mock("react", () => ({ useSyncExternalStore: (_: unknown, now: () => unknown) => now() }));

const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  for (const mock of [...Object.values(door), lookAgain]) mock.mockReset();
  probe.mockResolvedValue(false);
  door.keptAnswer.mockResolvedValue({ value: "kept", at: 7 });
  door.categories.mockImplementation(() => new Promise(() => undefined));
});
afterEach(() => void vi.useRealTimers());

async function away() {
  const { ask } = await import("./reach.ts");
  void ask();
  await vi.advanceTimersByTimeAsync(1);
  return import("./shown.ts");
}

test("what was kept is said to be such until the new answer is what is shown, for which all is asked again at once", async () => {
  const { orKept, useKeptAt } = await away();
  door.inbox.mockImplementationOnce(() => later(3_000, "new"));
  const shown = orKept("inbox");
  await vi.advanceTimersByTimeAsync(1_600);
  expect(await shown).toBe("kept");
  expect(useKeptAt(undefined)).toBe(7);
  await vi.advanceTimersByTimeAsync(1_600);
  // The answer came, and nobody has it before them.
  expect(useKeptAt(undefined)).toBe(7);
  expect(lookAgain).toHaveBeenCalledOnce();
  door.inbox.mockResolvedValueOnce("new");
  expect(await orKept("inbox")).toBe("new");
  expect(useKeptAt(undefined)).toBeNull();
});

test("an answer is a word of the desk's", async () => {
  const { fresh } = await away();
  const { cannotReach } = await import("./reach.ts");
  expect(cannotReach()).toBe(true);
  door.inbox.mockResolvedValueOnce("new");
  await fresh("inbox");
  expect(cannotReach()).toBe(false);
});

test("what is shown that was kept is asked for again once the desk is heard", async () => {
  const { orKept } = await away();
  door.inbox.mockRejectedValueOnce(new DeskError());
  expect(await orKept("inbox")).toBe("kept");
  expect(lookAgain).not.toHaveBeenCalled();
  const { reached } = await import("./reach.ts");
  reached();
  await vi.advanceTimersByTimeAsync(200);
  expect(lookAgain).toHaveBeenCalledOnce();
});

test("an earlier question that is answered later says nothing of what is shown", async () => {
  const { orKept, useKeptAt } = await import("./shown.ts");
  const { ask } = await import("./reach.ts");
  door.inbox.mockImplementationOnce(() => later(9_000, "new"));
  const first = orKept("inbox");
  void ask();
  await vi.advanceTimersByTimeAsync(1);
  door.inbox.mockImplementationOnce(() => new Promise(() => undefined));
  void orKept("inbox");
  await vi.advanceTimersByTimeAsync(9_000);
  expect(await first).toBe("new");
  expect(useKeptAt(undefined)).toBe(7);
});
