import { expect, test } from "vitest";

import { aboutWhat, arrived } from "./about.ts";

const ids = ["a", "b", "c"];
const seen = { ids, placeOf: (id: string) => ids.indexOf(id), cursor: "b", led: "b", chosen: "c", selected: new Set<string>(), isSearching: false, isHidden: false };

test("beside a list keys are about the row that they led to, or the selection", () => {
  expect(aboutWhat(seen)).toEqual({ at: "b", isLed: true, rows: ids, isSelecting: false, ids: ["b"] });
  expect(aboutWhat({ ...seen, cursor: "gone" })).toMatchObject({ at: "c", ids: ["c"] });
  expect(aboutWhat({ ...seen, led: "c" }), "it was only ticked").toMatchObject({ at: "b", isLed: false });
  expect(aboutWhat({ ...seen, selected: new Set(["a", "c"]) })).toMatchObject({ isSelecting: true, ids: ["a", "c"] });
});

test("where a ticket has the place of the list, keys are about that ticket alone", () => {
  const hidden = { ...seen, isHidden: true, selected: new Set(["a"]) };
  expect(aboutWhat(hidden)).toEqual({ at: undefined, isLed: false, rows: [], isSelecting: false, ids: ["c"] });
});

test("while something is searched for, the list below is left alone", () => {
  expect(aboutWhat({ ...seen, isSearching: true, selected: new Set(["a"]) })).toEqual({ at: undefined, isLed: false, rows: [], isSelecting: false, ids: ["c"] });
  expect(aboutWhat({ ...seen, isSearching: true, chosen: undefined }).ids).toEqual([]);
});

test("what the list opens leaves the keys where they are, and a jump takes them along", () => {
  expect(arrived(["b"], "b")).toEqual({ asked: [], cursor: undefined });
  expect(arrived(["b", "c"], "b"), "keys are further by then").toEqual({ asked: ["c"], cursor: undefined });
  expect(arrived(["b", "c"], "c"), "one was passed").toEqual({ asked: [], cursor: undefined });
  expect(arrived(["b"], "z"), "the palette, a link").toEqual({ asked: [], cursor: "z" });
  expect(arrived([], "b"), "Back").toEqual({ asked: [], cursor: "b" });
  expect(arrived(["b"], undefined), "the list alone").toEqual({ asked: [], cursor: undefined });
});
