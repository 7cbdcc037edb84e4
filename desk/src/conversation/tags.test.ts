import type { Message } from "sealdesk/views";
import { expect, test } from "vitest";

import { changed, changeOf, type Planned, settled, TAGS_MAX, tagsAct, tagsIn, tagsOf, withTag } from "./tags.ts";

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

test("tags that were given meanwhile stay: what is sent is what was changed, over what the ledger has then", () => {
  const has = (...tags: string[]) => [{ text: "a" }, { tags }] as unknown as Message[];
  const acts: Planned[] = [{ act: "retag", added: ["jam"], removed: ["new"] }, { act: "resolve", reference: "" }];
  expect(settled(acts, has("new", "paper", "vip"))).toEqual([tagsAct(["jam", "paper", "vip"]), { act: "resolve", reference: "" }]);
  expect(settled(acts, has("jam", "paper")), "it has them already").toEqual([{ act: "resolve", reference: "" }]);
  expect(settled(acts, [])).toEqual([tagsAct(["jam"]), { act: "resolve", reference: "" }]);
});

test("a second change begins with the held one, takes its place, and says all of both, also where the first was sent meanwhile", () => {
  const first = changeOf(["vip"], ["vip"], ["paper", "vip"]);
  const shown = changed(["vip"], first);
  const second = changeOf(["vip"], shown, ["jam", "paper", "vip"]);
  expect(changed(["vip"], second)).toEqual(["jam", "paper", "vip"]);
  expect(changed(["paper", "vip"], second)).toEqual(["jam", "paper", "vip"]);
  const back = changeOf(["vip"], shown, ["vip"]);
  expect([changed(["vip"], back), changed(["paper", "vip"], back)]).toEqual([["vip"], ["vip"]]);
});
