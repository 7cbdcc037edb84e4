import { expect, test } from "vitest";

import { act, bind, canAct, leadBy } from "./actions.ts";

test("whoever goes first does it, then whoever came last; what is gone does nothing", () => {
  const done: string[] = [];
  const one = (name: string, goesFirst = false) => bind("resolve", { run: { current: () => done.push(name) }, goesFirst });
  expect(act("resolve")).toBe(false);
  const ticket = one("ticket");
  const selection = one("selection", true);
  const other = one("another ticket");
  act("resolve");
  selection();
  act("resolve");
  other();
  act("resolve");
  ticket();
  expect(canAct("resolve")).toBe(false);
  expect(done).toEqual(["selection", "another ticket", "ticket"]);
});

test("an act about what is not open yet is led there first, whoever has bound it", () => {
  const done: string[] = [];
  const gone = bind("resolve", { run: { current: () => done.push("the ticket before") }, goesFirst: false });
  const end = leadBy({ leads: (id) => id === "resolve" || id === "snooze", lead: (id) => done.push(`led ${id}`) });
  expect([canAct("resolve"), canAct("snooze"), canAct("assign")]).toEqual([true, true, false]);
  act("resolve");
  act("snooze");
  end();
  act("resolve");
  gone();
  expect(done).toEqual(["led resolve", "led snooze", "the ticket before"]);
});
