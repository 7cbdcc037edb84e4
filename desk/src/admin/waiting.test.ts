import { expect, test, vi } from "vitest";

const records = new Map<string, string>();
const counting = new Set<string>();
vi.mock("../door.ts", () => ({
  door: {
    standing: async (address: string) => ({ in_circle: false, counts: counting.has(address) }),
    kept: async (name: string) => records.get(name) ?? null,
    keep: async (name: string, text: string) => void (text === "" ? records.delete(name) : records.set(name, text)),
  },
}));
vi.mock("./asked.ts", () => ({ adminKeys: { waiting: ["waiting"] } }));
const { forgetGone, setWaits, withWaiting } = await import("./waiting.ts");

test("whoever waits stands there once, and no more once they do not", () => {
  expect(withWaiting(null, "a", true)).toBe("a");
  expect(withWaiting("a b", "a", true)).toBe("b a");
  expect(withWaiting("a b", "a", false)).toBe("b");
  expect(withWaiting(null, "a", false)).toBe("");
});

test("addresses of colleagues are kept by the door, which seals them, and are gone with the last one", async () => {
  await setWaits("a", true);
  expect([...records.values()]).toEqual(["a"]);
  await setWaits("a", false);
  expect(records.size).toBe(0);
});

test("whoever was taken off the team is forgotten, also where somebody else did it", async () => {
  for (const address of ["here", "former", "gone", "just-added"]) await setWaits(address, true);
  counting.add("here").add("just-added");
  await forgetGone(["here", "former", "gone", "just-added"], [
    { address: "here", former: false },
    { address: "former", former: true },
  ]);
  expect([...records.values()]).toEqual(["here just-added"]);
});
