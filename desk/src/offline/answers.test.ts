import { expect, test } from "vitest";

import { nameOf, tooMany } from "../../worker/answers.ts";

test("what the first pages ask is kept, each ticket by its number, and nothing that decides", () => {
  expect(nameOf("read", ["TKT-00000001"])).toBe("answer/read/TKT-00000001");
  expect(nameOf("inbox", [])).toBe("answer/inbox");
  expect(nameOf("readDocument", ["staff", "replies"])).toBe("answer/readDocument/staff/replies");
  for (const [method, args] of [["readDocument", ["own", "read-marks"]], ["document", ["public", "page"]], ["sequence", []], ["act", ["TKT-00000001", []]], ["revealPhrase", []], ["receipt", ["TKT-00000001"]]] as const) {
    expect(nameOf(method, [...args]), method).toBeNull();
  }
});

test("of a list the first page is kept", () => {
  expect(nameOf("queuePage", ["all", []])).toBe("answer/queuePage/all");
  expect(nameOf("queuePage", ["all", [1, 2]])).toBeNull();
});

test("the oldest go, and first those that nobody knows the time of", () => {
  const times = { a: 3, b: 1, c: 2 };
  expect(tooMany(["a", "b", "c", "d"], times, 4)).toEqual([]);
  expect(tooMany(["a", "b", "c", "d"], times, 2)).toEqual(["d", "b"]);
});
