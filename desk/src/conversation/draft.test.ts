import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.mock("../door.ts", () => ({
  door: {
    draft: async (name: string) => kept.get(name) ?? null,
    async dropDraft(name: string, sent: string) {
      if (kept.get(name) === sent) kept.delete(name);
      return kept.get(name) ?? null;
    },
  },
}));
vi.stubGlobal("BroadcastChannel", class {
  postMessage(): void {}
});

const { dropSent } = await import("./draft.ts");

beforeEach(() => kept.clear());

test("what was sent is put aside", async () => {
  kept.set("new", "It does not start.");
  await dropSent("new", "It does not start.");
  expect(kept.has("new")).toBe(false);
});

test("what was typed while it was sent stays", async () => {
  kept.set("new", "It does not start. Nor does the other one.");
  await dropSent("new", "It does not start.");
  expect(kept.get("new")).toBe("It does not start. Nor does the other one.");
});
