import { expect, test } from "vitest";

import { aboutWhat } from "./about.ts";
import { selecting, unselected, wentTo } from "./cursor.ts";
import { leaderOf } from "./lead.ts";
import { extended, NONE, toggle } from "./selection.ts";
import type { State } from "./state.ts";

const ids = ["a", "b", "c"];

/** A list beside a ticket that is open, if any. */
function list(chosen: string | undefined) {
  let state = { cursor: chosen, place: 0, led: chosen, selection: NONE } as Pick<State, "cursor" | "place" | "led" | "selection">;
  const change = (part: Partial<State>) => void (state = { ...state, ...part });
  const about = () => aboutWhat({ ids, placeOf: (id) => ids.indexOf(id), cursor: state.cursor, led: state.led, chosen, selected: state.selection.ids, isSearching: false, isHidden: false });
  const leader = leaderOf({ wait() {} }, () => ({ about: about(), chosen }));
  return {
    about,
    leads: () => leader.leads("take"),
    move: (to: string) => change(wentTo(to, ids)),
    tick: (id: string) => change(selecting(toggle(state.selection, id), id, state, chosen, ids)),
    extend: (to: string) => change(selecting(extended(state.selection, state.cursor, to, ids), to, state, chosen, ids)),
    clear: () => change(unselected(NONE, state, chosen, ids)),
  };
}

test("what was ticked and is not any more leads no act away from what is open", () => {
  const { tick, leads, about } = list("a");
  tick("b");
  expect([leads(), about().ids], "acts are about the selection").toEqual([false, ["b"]]);
  tick("b");
  expect([leads(), about().at, about().ids]).toEqual([false, "a", ["a"]]);
});

test("nor does what was passed to be selected, however the selection ends", () => {
  const { extend, clear, leads, about } = list("a");
  extend("b");
  extend("c");
  clear();
  expect([leads(), about().at]).toEqual([false, "a"]);
});

test("what somebody went to leads, and does again once what was ticked beside it is given free", () => {
  const { move, tick, clear, leads, about } = list("a");
  move("b");
  expect(leads()).toBe(true);
  tick("c");
  clear();
  expect([leads(), about().at]).toEqual([true, "b"]);
});

test("where nothing is open keys stay at the row that was ticked", () => {
  const { tick, clear, about } = list(undefined);
  tick("b");
  tick("b");
  expect(about().at).toBe("b");
  tick("c");
  clear();
  expect(about().at).toBe("c");
});
