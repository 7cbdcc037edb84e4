import { expect, test, vi } from "vitest";

import { type Act, createOutbox, type Found, UNDO_MS, type Writer } from "./outbox.ts";
import { rested } from "./rested.ts";

const ANNA: Writer = { by: "anna", isStaff: false };
const BEN: Writer = { by: "ben", isStaff: true };
const NOBODY: Found = { met: [], count: 1 };

/** A ticket with one response when an act begins, and those who wrote into it since. */
function ticket() {
  const wrote: Writer[] = [];
  const look = vi.fn(async (since = 1): Promise<Found> => ({ met: wrote.slice(since - 1), count: 1 + wrote.length }));
  return { wrote, look };
}

function world() {
  let now = 0;
  let timers: { at: number; work: () => void }[] = [];
  const sent: string[] = [];
  const outbox = createOutbox({
    now: () => now,
    later(work, ms) {
      const timer = { at: now + ms, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  });
  const pass = async (ms: number) => {
    now += ms;
    const due = timers.filter((timer) => timer.at <= now);
    timers = timers.filter((timer) => timer.at > now);
    for (const timer of due) timer.work();
    for (let turns = 0; turns < 8; turns++) await Promise.resolve();
  };
  const act = (key: string, more: Partial<Act> = {}): Act => ({
    key,
    ticket: "TKT-1",
    label: key,
    run: async () => void sent.push(key),
    ...more,
  });
  return { outbox, sent, pass, act };
}

test("nothing is sent before its time, and then once", async () => {
  const { outbox, sent, pass, act } = world();
  outbox.hold(act("reply"), UNDO_MS);
  await pass(UNDO_MS - 1);
  expect(sent).toEqual([]);
  await pass(1);
  await pass(UNDO_MS);
  expect(sent).toEqual(["reply"]);
  expect(outbox.list()).toEqual([]);
});

test("what was taken back is never sent", async () => {
  const { outbox, sent, pass, act } = world();
  let undone = 0;
  outbox.hold(act("one"), UNDO_MS);
  outbox.hold(act("two", { onUndo: () => undone++ }), UNDO_MS);
  expect(outbox.undoLast()).toBe(true);
  await pass(UNDO_MS);
  expect([sent, undone]).toEqual([["one"], 1]);
  expect(outbox.undoLast(), "what is sent cannot be taken back").toBe(false);
});

test("the same is not done twice meanwhile", async () => {
  const { outbox, sent, pass, act } = world();
  expect(outbox.hold(act("reply"), UNDO_MS)).toBe(true);
  expect(outbox.hold(act("reply"), UNDO_MS)).toBe(false);
  const [entry] = outbox.list();
  outbox.sendNow(entry?.id ?? 0);
  outbox.sendNow(entry?.id ?? 0);
  await pass(UNDO_MS);
  expect(sent).toEqual(["reply"]);
});

test("what failed stays until it was read, and can be done again", async () => {
  const { outbox, sent, pass, act } = world();
  outbox.hold(act("reply", { run: () => Promise.reject(new Error("refused")) }), 0);
  await pass(0);
  expect(outbox.list()[0]).toMatchObject({ state: "failed", label: "reply" });
  expect(outbox.hold(act("reply"), 0)).toBe(true);
  await pass(0);
  expect([sent, outbox.list()]).toEqual([["reply"], []]);
});

test("who leaves waits until nothing is held or on its way", async () => {
  const { outbox, pass, act } = world();
  await rested(outbox);
  outbox.hold(act("refused", { isKept: true, run: () => Promise.reject(new Error("refused")) }), 0);
  await pass(0);
  outbox.hold(act("reply"), UNDO_MS);
  outbox.hold(act("note"), 2 * UNDO_MS);
  let isRested = false;
  void rested(outbox).then(() => (isRested = true));
  await pass(UNDO_MS);
  expect(isRested).toBe(false);
  outbox.undoLast();
  await pass(0);
  expect([isRested, outbox.list().map(({ key }) => key)]).toEqual([true, ["refused"]]);
});

test("who leaves is told first where an act failed that nothing keeps: its person may want to send it again", async () => {
  const { outbox, pass, act } = world();
  let isAway = true;
  outbox.hold(act("resolve", { run: async () => (isAway ? Promise.reject(new Error("away")) : undefined) }), UNDO_MS);
  const left = rested(outbox);
  const said = expect(left).rejects.toThrow("away");
  await pass(UNDO_MS);
  await said;
  await expect(rested(outbox), "also where it failed before").rejects.toThrow("away");
  isAway = false;
  outbox.again(outbox.list()[0]?.id ?? 0);
  await rested(outbox);
});

test("what failed is sent again when somebody says so, once at a time, and in the same place", async () => {
  const { outbox, sent, pass, act } = world();
  let isAway = true;
  outbox.hold(act("reply", { run: async () => (isAway ? Promise.reject(new Error("away")) : void sent.push("reply")) }), UNDO_MS);
  const id = outbox.list()[0]?.id ?? 0;
  outbox.again(id);
  expect(outbox.list()[0]?.state, "it still waits").toBe("held");
  await pass(UNDO_MS);
  expect(outbox.list()[0]).toMatchObject({ id, state: "failed", error: new Error("away") });
  outbox.again(id);
  await pass(0);
  expect(outbox.list()[0]?.state, "it is away still").toBe("failed");
  isAway = false;
  outbox.again(id);
  expect(outbox.list()[0]).toMatchObject({ id, state: "sending", error: undefined });
  outbox.again(id);
  await pass(0);
  expect([sent, outbox.list()]).toEqual([["reply"], []]);
});

test("what somebody wrote into meanwhile is held until its person has seen that, and is sent when they say so", async () => {
  const { outbox, sent, pass, act } = world();
  const { wrote, look } = ticket();
  outbox.hold(act("resolve", { look }), UNDO_MS);
  wrote.push(ANNA);
  await pass(UNDO_MS);
  await pass(10 * UNDO_MS);
  expect(sent).toEqual([]);
  const [entry] = outbox.list();
  expect(entry).toMatchObject({ state: "held", met: [ANNA] });
  outbox.sendNow(entry?.id ?? 0);
  await pass(0);
  expect([sent, outbox.list(), look.mock.calls], "they know, and nothing came since").toEqual([["resolve"], [], [[undefined], [2]]]);
});

test("what came after somebody was told is told before it is sent, too", async () => {
  const { outbox, sent, pass, act } = world();
  const { wrote, look } = ticket();
  outbox.hold(act("resolve", { look }), UNDO_MS);
  const id = outbox.list()[0]?.id ?? 0;
  wrote.push(ANNA);
  await pass(UNDO_MS);
  wrote.push(BEN);
  outbox.sendNow(id);
  await pass(0);
  expect(sent).toEqual([]);
  expect(outbox.list()).toMatchObject([{ state: "held", met: [BEN], count: 3 }]);
  outbox.sendNow(id);
  await pass(0);
  expect(sent).toEqual(["resolve"]);
});

test("what its person knew is not told again where sending failed after that", async () => {
  const { outbox, sent, pass, act } = world();
  const { wrote, look } = ticket();
  let isAway = true;
  outbox.hold(act("resolve", { look, run: async () => (isAway ? Promise.reject(new Error("away")) : void sent.push("resolve")) }), UNDO_MS);
  const id = outbox.list()[0]?.id ?? 0;
  wrote.push(ANNA);
  await pass(UNDO_MS);
  outbox.sendNow(id);
  await pass(0);
  expect(outbox.list()[0]?.state).toBe("failed");
  isAway = false;
  outbox.again(id);
  await pass(0);
  expect([sent, outbox.list()]).toEqual([["resolve"], []]);
});

test("what was met can be taken back, and who leaves the page is told of it instead of waiting for ever", async () => {
  const { outbox, sent, pass, act } = world();
  const look = async () => ({ met: [ANNA], count: 2 });
  outbox.hold(act("reply", { look, isKept: true }), UNDO_MS);
  outbox.hold(act("close", { look, label: "Closing TKT-1" }), UNDO_MS);
  const left = expect(rested(outbox)).rejects.toThrow("Closing TKT-1");
  await pass(UNDO_MS);
  await pass(0);
  await left;
  expect(outbox.undoLast()).toBe(true);
  await rested(outbox);
  expect([sent, outbox.list().map(({ key }) => key)]).toEqual([[], ["reply"]]);
});

test("now is the end of the time, too: whoever presses it may not have seen what came", async () => {
  const { outbox, sent, pass, act } = world();
  outbox.hold(act("resolve", { look: async () => ({ met: [ANNA], count: 2 }) }), UNDO_MS);
  outbox.sendNow(outbox.list()[0]?.id ?? 0);
  await pass(0);
  expect([sent, outbox.list()[0]?.met]).toEqual([[], [ANNA]]);
});

test("where it cannot be told who wrote, nothing is sent, and the next time it is asked again", async () => {
  const { outbox, sent, pass, act } = world();
  let isAway = true;
  outbox.hold(act("resolve", { look: async () => (isAway ? Promise.reject(new Error("away")) : NOBODY) }), 0);
  await pass(0);
  await pass(0);
  expect([sent, outbox.list()[0]?.state]).toEqual([[], "failed"]);
  isAway = false;
  outbox.again(outbox.list()[0]?.id ?? 0);
  await pass(0);
  await pass(0);
  expect([sent, outbox.list()]).toEqual([["resolve"], []]);
});

test("what was said last of one kind of act counts, from then on for the whole time, and nothing of what is on its way is replaced", async () => {
  const { outbox, sent, pass, act } = world();
  const assign = (to: string) => outbox.hold(act("assign", { label: to, given: to, replaces: true, run: async () => void sent.push(to) }), UNDO_MS);
  expect(assign("anna")).toBe(true);
  await pass(UNDO_MS - 1);
  expect(assign("ben")).toBe(true);
  expect(outbox.list()).toMatchObject([{ label: "ben", given: "ben", state: "held" }]);
  await pass(UNDO_MS - 1);
  expect(sent).toEqual([]);
  await pass(1);
  expect([sent, outbox.list()]).toEqual([["ben"], []]);
  outbox.hold(act("assign", { replaces: true, run: () => new Promise(() => undefined) }), 0);
  expect(assign("carl"), "it is on its way").toBe(false);
});

/** A reply, and a resolution that comes after it. */
function replyFirst(reply: Partial<Act> = {}, wait = UNDO_MS) {
  const all = world();
  const { outbox, act } = all;
  outbox.hold(act("reply", reply), wait);
  outbox.hold(act("resolve", { after: "reply" }), wait);
  const entry = (key: string) => outbox.list().find((one) => one.key === key);
  const id = (key: string) => entry(key)?.id ?? 0;
  return { ...all, entry, id };
}

test("what comes after a reply is sent after it, with or without time to take it back", async () => {
  for (const wait of [UNDO_MS, 0]) {
    const { outbox, sent, pass } = replyFirst({}, wait);
    await pass(wait);
    expect([sent, outbox.list()]).toEqual([["reply", "resolve"], []]);
  }
});

test("what comes after a reply waits as long as that is on its way: its files may take minutes", async () => {
  for (const wait of [UNDO_MS, 0]) {
    let arrives = () => {};
    const { outbox, sent, pass, entry, id } = replyFirst({ run: () => new Promise((done) => (arrives = done)) }, wait);
    await pass(wait);
    await pass(2 * UNDO_MS);
    outbox.sendNow(id("resolve"));
    await pass(0);
    expect([sent, entry("resolve")?.state, entry("resolve")?.behind]).toEqual([[], "held", "goes"]);
    arrives();
    await pass(0);
    expect([sent, outbox.list()]).toEqual([["resolve"], []]);
  }
});

test("a reply that somebody wrote into holds what comes after it, until its person sends it or takes it back", async () => {
  const { wrote, look } = ticket();
  wrote.push(ANNA);
  const { outbox, sent, pass, entry, id } = replyFirst({ look });
  await pass(UNDO_MS);
  await pass(2 * UNDO_MS);
  outbox.sendNow(id("resolve"));
  await pass(0);
  expect([sent, entry("resolve")?.behind]).toEqual([[], "stays"]);
  outbox.sendNow(id("reply"));
  await pass(0);
  expect([sent, outbox.list()]).toEqual([["reply", "resolve"], []]);
});

test("a reply that failed holds what comes after it; both go once it is sent again", async () => {
  for (const wait of [UNDO_MS, 0]) {
    let isAway = true;
    const { outbox, sent, pass, entry, id } = replyFirst({ run: async () => (isAway ? Promise.reject(new Error("refused")) : undefined) }, wait);
    await pass(wait);
    await pass(2 * UNDO_MS);
    outbox.sendNow(id("resolve"));
    await pass(0);
    expect([sent, entry("reply")?.state, entry("resolve")?.behind]).toEqual([[], "failed", "stays"]);
    isAway = false;
    outbox.again(id("reply"));
    expect(entry("resolve")?.behind, "it goes by itself again").toBe("goes");
    await pass(0);
    expect([sent, outbox.list()]).toEqual([["resolve"], []]);
  }
});

test("without its reply it is sent only by its person", async () => {
  const undone = replyFirst();
  undone.outbox.undo(undone.id("reply"));
  const dismissed = replyFirst({ run: () => Promise.reject(new Error("refused")) });
  await dismissed.pass(UNDO_MS);
  dismissed.outbox.dismiss(dismissed.id("reply"));
  const stopped = replyFirst({ run: async () => false });
  await stopped.pass(UNDO_MS);
  for (const { outbox, sent, pass, entry, id } of [undone, dismissed, stopped]) {
    await pass(2 * UNDO_MS);
    expect([sent, outbox.list().length, entry("resolve")?.behind]).toEqual([[], 1, "gone"]);
    await expect(rested(outbox), "who leaves is told").rejects.toThrow("resolve");
    outbox.sendNow(id("resolve"));
    await pass(0);
    expect(sent).toEqual(["resolve"]);
  }
});

test("whoever takes a reply back to go on writing, and sends that, has both in their order", async () => {
  const { outbox, sent, pass, act, entry, id } = replyFirst();
  outbox.undo(id("reply"));
  outbox.hold(act("reply"), UNDO_MS);
  expect(entry("resolve")?.behind).toBe("goes");
  await pass(UNDO_MS);
  expect([sent, outbox.list()]).toEqual([["reply", "resolve"], []]);
});

test("now sends what goes first, too, and before it", async () => {
  const { outbox, sent, pass, id } = replyFirst();
  outbox.sendNow(id("resolve"));
  await pass(0);
  expect([sent, outbox.list()]).toEqual([["reply", "resolve"], []]);
});

test("who leaves waits for what follows a reply that is on its way", async () => {
  let arrives = () => {};
  const { outbox, sent, pass } = replyFirst({ run: () => new Promise((done) => (arrives = done)) });
  await pass(UNDO_MS);
  let isRested = false;
  void rested(outbox).then(() => (isRested = true));
  await pass(0);
  expect(isRested).toBe(false);
  arrives();
  await pass(0);
  expect([isRested, sent]).toEqual([true, ["resolve"]]);
});
