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

const { dropSent, shows, typedIn } = await import("./draft.ts");

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

test("what is typed where a draft is shown twice in a tab is shown in both, and in no other draft", () => {
  const shower = () => ({ typed: () => null, keep: async () => undefined, again: () => undefined, show: vi.fn<(text: string) => void>() });
  const [composer, dialog, other] = [shower(), shower(), shower()];
  shows("reply/TKT-1", composer);
  const closed = shows("reply/TKT-1", dialog);
  shows("reply/TKT-2", other);
  typedIn("reply/TKT-1", dialog, "It is mended.");
  expect(composer.show).toHaveBeenCalledExactlyOnceWith("It is mended.");
  closed();
  typedIn("reply/TKT-1", composer, "It is mended now.");
  expect([dialog.show.mock.calls, other.show.mock.calls], "nor in one that is closed").toEqual([[], []]);
});
