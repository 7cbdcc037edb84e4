import type { Message } from "sealdesk/views";
import { expect, test } from "vitest";

import { TAGS_MAX, tagsAct, tagsIn, tagsOf, withTag } from "./tags.ts";

test("the newest note that names tags says which there are", () => {
  const messages = [{}, { tags: ["a", "b"] }, { text: "c" }, { tags: ["b"] }, {}] as unknown as Message[];
  expect(tagsOf(messages)).toEqual(["b"]);
  expect(tagsOf([])).toEqual([]);
});

test("what is typed becomes tags", () => {
  expect(tagsIn(" paper jam,  ,toner;\nVIP ")).toEqual(["paper jam", "toner", "VIP"]);
  expect(tagsIn("x".repeat(50))[0]).toHaveLength(32);
  expect(withTag(["b", "c"], "a")).toEqual(["a", "b", "c"]);
  expect(withTag(["a"], "a")).toEqual(["a"]);
  expect(Array.from({ length: 40 }, (_, n) => `t${n}`).reduce(withTag, [] as string[])).toHaveLength(TAGS_MAX);
});

test("programs without tags read them in words", () => {
  expect([tagsAct(["a", "b"]), tagsAct([])]).toMatchObject([{ message: "Tags: a, b" }, { message: "No tags" }]);
});
