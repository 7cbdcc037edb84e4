// A tab that has sent a new ticket is done with it before another tab of the browser can take it for one of its own that was interrupted.
import { beforeEach, expect, test, vi } from "vitest";

let mark: { since: number } | null = null;
const door = {
  claim: async () => ((mark = { since: 1 }), "mine"),
  sending: async () => mark,
  endSending: async () => void (mark = null),
  stillSending: async () => undefined,
  dropDraft: async () => "",
  keepChosen: async () => undefined,
};
vi.mock("../door.ts", () => ({ door, DeskError: class extends Error {}, hasPassed: () => false }));
/** A lock, given to one after the other. */
let last: Promise<unknown> = Promise.resolve();
const request = (_: string, __: unknown, work: () => Promise<unknown>) => (last = last.then(work, work));
vi.stubGlobal("navigator", { locks: { request } });

const { sendHeld } = await import("./firstSent.ts");
const { settled } = await import("./draftLock.ts");

const never = () => new Error("nobody else sends it");
const source = { draft: "new", writtenIn: () => ({ subject: "", message: "" }), signer: {} as never, me: "desk1me" };
const sends = (proven: boolean) => {
  let seen: Promise<boolean> | undefined;
  const work = async () => {
    // The ledger has it; another tab has found it there, and waits.
    if (mark !== null) seen = settled("new", mark as never, "words");
    return { proven } as never;
  };
  return sendHeld(source, "words", work, { changed: never, elsewhere: never }).then(() => seen);
};

beforeEach(() => {
  mark = null;
});

test("what is proven to be there is nobody else's to find", async () => {
  expect(await sends(true)).toBe(false);
  expect(mark).toBeNull();
});

test("what is not proven is left for whoever looks at the ledger", async () => {
  expect(await sends(false)).toBe(true);
});
