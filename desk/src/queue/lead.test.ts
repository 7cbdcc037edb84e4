import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { createLead, opensFirst } from "./lead.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("J and then E is about the ticket that J led to, which is opened first", () => {
  expect(opensFirst("resolve", { at: "b", isSelecting: false }, "a")).toBe("b");
  expect(opensFirst("reply", { at: "b", isSelecting: false }, "a")).toBe("b");
  expect(opensFirst("resolve", { at: "a", isSelecting: false }, "a"), "it is open").toBeUndefined();
  expect(opensFirst("resolve", { at: "b", isSelecting: true }, "a"), "it is about the selection").toBeUndefined();
  expect(opensFirst("resolve", { at: undefined, isSelecting: false }, "a"), "no row is to be seen").toBeUndefined();
  expect(opensFirst("send", { at: "b", isSelecting: false }, "a"), "what was written is the open one's").toBeUndefined();
  expect(opensFirst("next", { at: "b", isSelecting: false }, "a")).toBeUndefined();
});

function stage() {
  const done: string[] = [];
  const bound = new Set<string>(["resolve"]);
  let hear = () => {};
  const lead = createLead({ isBound: (id) => bound.has(id), act: (id) => done.push(id), subscribe: (listener) => ((hear = listener), () => (hear = () => {})) });
  const bind = (id: string, isThere: boolean) => {
    if (isThere) bound.add(id);
    else bound.delete(id);
    hear();
    vi.advanceTimersByTime(1);
  };
  const opened = (ticket: string) => (lead.opened(ticket), void vi.advanceTimersByTime(1));
  opened("a");
  return { done, bind, lead, opened };
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
  const { done, bind, lead, opened } = stage();
  lead.wait("snooze", "b");
  opened("b");
  vi.advanceTimersByTime(5_000);
  bind("snooze", true);
  lead.wait("resolve", "c");
  lead.wait("snooze", "d");
  opened("c");
  opened("d");
  expect(done).toEqual(["snooze"]);
});
