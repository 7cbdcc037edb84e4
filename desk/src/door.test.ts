import { beforeEach, expect, test, vi } from "vitest";

vi.mock("../worker/worker.ts?worker&url", () => ({ default: "worker.js" }));

/** The worker that the page started. */
class Played {
  static last: Played;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly asked: { id: number; method: string }[] = [];

  constructor() {
    Played.last = this;
  }

  postMessage(question: { id: number; method: string }): void {
    this.asked.push(question);
  }
}

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("window", {});
  vi.stubGlobal("Worker", Played);
});

test("what was asked of a worker that breaks may have been sent, and says so", async () => {
  const { door } = await import("./door.ts");
  const started = door.categories();
  Played.last.onmessage?.({ data: { id: Played.last.asked[0]?.id, value: [] } });
  await started;
  const sent = door.reopen("TKT-00000001", "");
  Played.last.onerror?.({ message: "unreachable" });
  await expect(sent).rejects.toMatchObject({ message: "unreachable", unanswered: true });
});

test("a worker that never ran has sent nothing", async () => {
  const { door } = await import("./door.ts");
  const asked = door.categories();
  Played.last.onerror?.({ message: "" });
  await expect(asked).rejects.toMatchObject({ unanswered: false });
});
