import { expect, test } from "vitest";

import { act, bind, canAct } from "./actions.ts";

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
