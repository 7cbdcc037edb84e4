// What a browser keeps of somebody who is unlocked, while it changes, and after the browser threw it away.
import { beforeEach, expect, test, vi } from "vitest";

const disk = new Map<string, string>();
vi.mock("../../worker/store.ts", () => ({
  store: {
    get: async (name: string) => disk.get(name),
    put: async (name: string, value: string) => void disk.set(name, value),
    remove: async (name: string) => void disk.delete(name),
    clear: async () => disk.clear(),
  },
}));
vi.mock("sealdesk", () => {
  interface Document {
    fingerprint: string;
    passphrase: string;
    passkeys: string[];
  }
  class Vault {
    constructor(readonly kept: Document) {}
    static make = (fingerprint: string, passphrase: string) => new Vault({ fingerprint, passphrase, passkeys: [] });
    static unlock(document: string, passphrase: string) {
      const kept = JSON.parse(document) as Document;
      if (kept.passphrase !== passphrase) throw new Error("wrong passphrase");
      return new Vault(kept);
    }
    static resume = (document: string) => new Vault(JSON.parse(document) as Document);
    static passkeys = (document: string) => (JSON.parse(document) as Document).passkeys;
    changePassphrase(next: string) {
      this.kept.passphrase = next;
    }
    addPasskey(credential: string) {
      this.kept.passkeys.push(credential);
    }
    removePasskey(credential: string) {
      this.kept.passkeys = this.kept.passkeys.filter((one) => one !== credential);
    }
    document = () => JSON.stringify(this.kept);
    split = () => new Uint8Array(64);
    seal = (_: string, text: string) => text;
    open = (_: string, text: string) => text;
    identity = () => ({ address: () => "seal1me", free: () => undefined });
    free = () => undefined;
  }
  const desk = { remember: () => "what was learned", absorb: () => undefined };
  return { Vault, Desk: { open: async () => desk }, Identity: class {} };
});
vi.stubGlobal("navigator", { locks: { request: (_: string, work: () => unknown) => work() } });
vi.stubGlobal("self", { location: { origin: "https://desk.example" } });
const { Session } = await import("../../worker/session.ts");

beforeEach(() => disk.clear());

async function unlocked() {
  const session = new Session();
  await session.start(null);
  await session.make("me", "first");
  return session;
}

/** The browser needs room; then this tab has something to keep. */
async function evicted(session: InstanceType<typeof Session>) {
  disk.clear();
  await session.remember();
  return JSON.parse(disk.get("vault") ?? "null") as unknown;
}

test("a browser that threw everything away gets the new passphrase back, and no passkey that was removed", async () => {
  const session = await unlocked();
  await session.changeVault({ passphrase: "first" }, (vault) => vault.addPasskey("key", new Uint8Array(32)));
  await session.changeVault({ passphrase: "first" }, (vault) => vault.changePassphrase("second"));
  expect(await evicted(session)).toEqual({ fingerprint: "me", passphrase: "second", passkeys: ["key"] });
  await session.removePasskey("key");
  expect(await evicted(session)).toEqual({ fingerprint: "me", passphrase: "second", passkeys: [] });
});

test("what another tab changed is kept again too, once this one has seen it", async () => {
  const session = await unlocked();
  disk.set("vault", JSON.stringify({ fingerprint: "me", passphrase: "another tab's", passkeys: [] }));
  await session.remember();
  expect(await evicted(session)).toMatchObject({ passphrase: "another tab's" });
});

test("a tab that has not heard of it keeps nothing of somebody who signed out, though the browser cleared the mark", async () => {
  const [here, there] = [await unlocked(), new Session()];
  await there.start(null);
  await there.unlock({ passphrase: "first" });
  let left = -1;
  await here.signOut(async () => {
    left = disk.size;
    disk.clear();
  });
  expect(left).toBe(1);
  await expect(there.remember()).rejects.toThrow("locked");
  expect([...disk.keys()]).toEqual(["signed-out"]);
});
