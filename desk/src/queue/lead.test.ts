import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { act, actOnOpen, bind, isBoundByOpen, leadBy, subscribe } from "../keyboard/actions.ts";
import { createLead, leaderOf, opensFirst } from "./lead.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("J and then E is about the ticket that J led to, which is opened first", () => {
  expect(opensFirst("resolve", { at: "b", isLed: true, isSelecting: false }, "a")).toBe("b");
  expect(opensFirst("reply", { at: "b", isLed: true, isSelecting: false }, "a")).toBe("b");
  expect(opensFirst("resolve", { at: "a", isLed: true, isSelecting: false }, "a"), "it is open").toBeUndefined();
  expect(opensFirst("resolve", { at: "b", isLed: true, isSelecting: true }, "a"), "it is about the selection").toBeUndefined();
  expect(opensFirst("resolve", { at: "b", isLed: false, isSelecting: false }, "a"), "it was only ticked").toBeUndefined();
  expect(opensFirst("resolve", { at: undefined, isLed: true, isSelecting: false }, "a"), "no row is to be seen").toBeUndefined();
  expect(opensFirst("send", { at: "b", isLed: true, isSelecting: false }, "a"), "what was written is the open one's").toBeUndefined();
  expect(opensFirst("next", { at: "b", isLed: true, isSelecting: false }, "a")).toBeUndefined();
});

function stage() {
  const done: string[] = [];
  const bound = new Set<string>(["resolve"]);
  let hear = () => {};
  const isAtOnce = () => false;
  const lost = vi.fn();
  const lead = createLead({ isBound: (id) => bound.has(id), act: (id) => done.push(id), isAtOnce, subscribe: (listener) => ((hear = listener), () => (hear = () => {})), open() {}, lost, done() {} });
  const bind = (id: string, isThere: boolean) => {
    if (isThere) bound.add(id);
    else bound.delete(id);
    hear();
    vi.advanceTimersByTime(1);
  };
  const opened = (ticket: string) => (lead.opened(ticket), void vi.advanceTimersByTime(1));
  opened("a");
  return { done, bind, lead, opened, lost };
}

test("the act waits for its ticket, and for what can be done there", () => {
  const { done, bind, lead, opened } = stage();
  lead.wait("resolve", "b");
  bind("resolve", true);
  expect(done, "the one before is still open").toEqual([]);
  bind("resolve", false);
  opened("b");
  expect(done, "it is not there yet").toEqual([]);
  bind("resolve", true);
  bind("resolve", true);
  expect(done).toEqual(["resolve"]);
});

test("what cannot be done there is forgotten, and so is what was pressed before", () => {
  const { done, bind, lead, opened, lost } = stage();
  lead.wait("snooze", "b");
  opened("b");
  vi.advanceTimersByTime(5_000);
  expect(lost.mock.calls, "and it is said").toEqual([[["b"], true]]);
  bind("snooze", true);
  lead.wait("resolve", "c");
  lead.wait("snooze", "d");
  opened("c");
  opened("d");
  expect(done).toEqual(["snooze"]);
});

/** A list with a ticket open beside it, and the keys of the page. */
function list() {
  const here = { at: "a", chosen: "a" };
  const done: string[] = [];
  const opens: string[] = [];
  const lost = vi.fn();
  const lead = createLead({
    isBound: isBoundByOpen,
    act: (id) => void actOnOpen(id),
    isAtOnce: (id) => id === "take",
    subscribe,
    open: (ticket) => opens.push(ticket),
    lost,
    done: () => here.at !== here.chosen && opens.push(here.at),
  });
  const ends = [leadBy(leaderOf(lead, () => ({ about: { at: here.at, isLed: true, isSelecting: false }, chosen: here.chosen })))];
  const opened = (ticket: string) => {
    here.chosen = ticket;
    for (const id of ["take", "resolve"] as const) ends.push(bind(id, { run: { current: () => done.push(`${id} ${ticket}`) }, goesFirst: false }));
    lead.opened(ticket);
    vi.advanceTimersByTime(1);
  };
  return { here, done, opens, lost, lead, opened, end: () => ends.forEach((end) => end()) };
}

test("an act is done where it was pressed, however far the keys are when that is open", () => {
  const { here, done, opens, lead, opened, end } = list();
  here.at = "b";
  act("take");
  expect([opens, lead.isWaiting()]).toEqual([["b"], true]);
  here.at = "c";
  opened("b");
  expect([done, lead.isWaiting()]).toEqual([["take b"], false]);
  expect(opens, "what the keys led to since is opened after that").toEqual(["b", "c"]);
  end();
});

test("what asks for something is left open, though the keys are further", () => {
  const { here, done, opens, opened, end } = list();
  here.at = "b";
  act("resolve");
  here.at = "c";
  opened("b");
  expect([done, opens]).toEqual([["resolve b"], ["b"]]);
  end();
});

test("J, act, J, act does both, each in its ticket", () => {
  const { here, done, opens, opened, end } = list();
  here.at = "b";
  act("take");
  here.at = "c";
  act("take");
  act("take");
  expect(opens).toEqual(["b"]);
  opened("b");
  expect([done, opens]).toEqual([["take b"], ["b", "c"]]);
  opened("c");
  expect([done, opens]).toEqual([["take b", "take c"], ["b", "c"]]);
  end();
});

test("where a ticket does not open in time nothing is done, and it is said of which", () => {
  const { here, done, lost, lead, opened, end } = list();
  here.at = "b";
  act("take");
  here.at = "c";
  act("resolve");
  vi.advanceTimersByTime(3_000);
  expect([lost.mock.calls, lead.isWaiting()]).toEqual([[[["b", "c"], false]], false]);
  opened("b");
  expect(done).toEqual([]);
  end();
});

test("what would ask for something gives way to what was pressed in another ticket, and that is said", () => {
  const { here, done, opens, lost, opened, end } = list();
  here.at = "b";
  act("resolve");
  here.at = "c";
  act("resolve");
  expect([lost.mock.calls, opens]).toEqual([[[["b"], false]], ["b", "c"]]);
  opened("c");
  expect(done).toEqual(["resolve c"]);
  end();
});

test("what is selected meanwhile gets nothing of it", () => {
  const { here, done, opened, end } = list();
  here.at = "b";
  act("resolve");
  const selection = bind("resolve", { run: { current: () => done.push("selection") }, goesFirst: true });
  opened("b");
  selection();
  expect(done).toEqual(["resolve b"]);
  end();
});
