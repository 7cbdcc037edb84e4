import { beforeEach, expect, test, vi } from "vitest";

const kept = new Map<string, string>();
vi.mock("../door.ts", () => ({
  door: {
    draft: async (name: string) => kept.get(name) ?? null,
    saveDraft: async (name: string, text: string) => void kept.set(name, text),
    dropDraft: async (name: string, sent: string) => {
      if (kept.get(name) === sent) kept.set(name, "");
      return kept.get(name) ?? "";
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
  expect(kept.get("new")).toBe("");
});

test("what was typed while it was sent stays", async () => {
  kept.set("new", "It does not start. Nor does the other one.");
  await dropSent("new", "It does not start.");
  expect(kept.get("new")).toBe("It does not start. Nor does the other one.");
});
