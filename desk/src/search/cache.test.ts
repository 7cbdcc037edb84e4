import { beforeEach, expect, test, vi } from "vitest";

import type { Kept } from "../../worker/scan.ts";
import type { Session } from "../../worker/session.ts";

const disk = new Map<string, string>();
vi.mock("../../worker/store.ts", () => ({
  store: {
    get: async (name: string) => disk.get(name),
    names: async (prefix: string) => [...disk.keys()].filter((name) => name.startsWith(prefix)),
  },
}));
vi.stubGlobal("navigator", { locks: { request: (_: string, work: () => unknown) => work() } });
const { Cache, LETTERS_MAX } = await import("../../worker/cache.ts");

let nonce = 0;
/** A tab of a browser: what it seals begins with a nonce, and opens under its name alone. */
function tab() {
  let wipe = () => undefined as void;
  const session = {
    vault: {
      open(name: string, sealed: string) {
        if (!sealed.slice(40).startsWith(`${name}|`)) throw new Error("damaged");
        return sealed.slice(40 + name.length + 1);
      },
    },
    seal: async (name: string, text: string) => void disk.set(name, `${String(++nonce).padStart(40, "0")}${name}|${text}`),
    onLock: (work: () => void) => {
      wipe = work;
    },
  } as unknown as Session;
  return { cache: new Cache(session), lock: () => wipe() };
}

const kept = (as_of: string, text: string): Kept => ({ as_of, subject: "s", said: [[null, false, text]], closed: 0, files: 0, tags: [] });
const text = (cache: InstanceType<typeof Cache>, id: string) => cache.entries.get(id)?.kept.said[0]?.[2];

beforeEach(() => disk.clear());

test("what one tab keeps, the next one opens, a hundred tickets a record", async () => {
  const { cache } = tab();
  for (const n of [7, 99, 100, 12_345]) cache.put(`TKT-${String(n).padStart(8, "0")}`, kept("1", `text ${n}`));
  await cache.save();
  expect([...disk.keys()].sort()).toEqual(["found/0", "found/1", "found/123"]);
  const other = tab().cache;
  await other.load(() => undefined);
  expect(text(other, "TKT-00012345")).toBe("text 12345");
  expect(other.entries.size).toBe(4);
});

test("two tabs that keep tickets of one record lose none, and the newer text of a ticket stays", async () => {
  const [one, other] = [tab().cache, tab().cache];
  one.put("TKT-00000001", kept("2", "newer"));
  other.put("TKT-00000001", kept("1", "older"));
  other.put("TKT-00000002", kept("1", "second"));
  await one.save();
  await other.save();
  const later = tab().cache;
  await later.load(() => undefined);
  expect([text(later, "TKT-00000001"), text(later, "TKT-00000002")]).toEqual(["newer", "second"]);
  await one.load(() => undefined);
  expect(text(one, "TKT-00000002")).toBe("second");
});

test("a damaged record is as good as none, and is written anew", async () => {
  disk.set("found/0", "x".repeat(60));
  const { cache } = tab();
  await cache.load(() => undefined);
  expect(cache.entries.size).toBe(0);
  cache.put("TKT-00000001", kept("1", "again"));
  await cache.save();
  const later = tab().cache;
  await later.load(() => undefined);
  expect(text(later, "TKT-00000001")).toBe("again");
});

test("what was kept before files and tags were is searched on, and counts as older than anything", async () => {
  const former = { as_of: "9", subject: "s", said: [[null, false, "former"]], closed: 0 };
  disk.set("found/0", `${"0".repeat(40)}found/0|${JSON.stringify({ "TKT-00000001": former })}`);
  const { cache } = tab();
  await cache.load(() => undefined);
  expect(text(cache, "TKT-00000001")).toBe("former");
  expect(cache.entries.get("TKT-00000001")?.kept).toMatchObject({ as_of: "", files: 0, tags: [] });
  cache.put("TKT-00000001", { ...kept("1", "read again"), files: 2, tags: ["refund"] });
  await cache.save();
  const later = tab().cache;
  await later.load(() => undefined);
  expect(later.entries.get("TKT-00000001")?.kept).toMatchObject({ as_of: "1", files: 2, tags: ["refund"] });
});

test("locking leaves nothing in memory, and what is locked is kept nowhere", async () => {
  const { cache, lock } = tab();
  cache.put("TKT-00000001", kept("1", "secret"));
  const before = cache.version;
  lock();
  expect(cache.entries.size).toBe(0);
  expect(cache.version).not.toBe(before);
  await cache.save();
  expect(disk.size).toBe(0);
});

test("one ticket takes no more room than its bound", () => {
  const { cache } = tab();
  cache.put("TKT-00000001", { ...kept("1", ""), said: [[null, false, "a".repeat(150_000)], [0, false, "b".repeat(150_000)], [1, true, "c"]] });
  expect(cache.entries.get("TKT-00000001")?.kept.said.map(([, , text]) => text.length)).toEqual([150_000, 50_000, 0]);
});

test("letters that fold into many take the room of many", () => {
  const { cache } = tab();
  // Eighteen letters each, as they are compared.
  cache.put("TKT-00000001", kept("1", "\ufdfa".repeat(30_000)));
  const entry = cache.entries.get("TKT-00000001");
  expect(entry?.folded.length).toBeLessThan(200_100);
  expect(entry?.kept.said[0]?.[2].length, "and its beginning is searched").toBeGreaterThan(5_000);
});

test("tickets that grow where nothing fits any more take no more than there is", () => {
  const { cache } = tab();
  const long = "x".repeat(200_000);
  const id = (n: number) => `TKT-${String(n).padStart(8, "0")}`;
  for (let n = 0; n < 200; n++) cache.put(id(n), kept("1", "short"));
  for (let n = 200; !cache.isFull; n++) cache.put(id(n), kept("1", long));
  for (let n = 0; n < 200; n++) cache.put(id(n), kept("2", long));
  const letters = [...cache.entries.values()].reduce((sum, { folded }) => sum + folded.length, 0);
  expect(letters).toBeLessThanOrEqual(LETTERS_MAX + 200 * 100);
  expect(cache.entries.get(id(0))?.kept.as_of).toBe("2");
});
