import { i18n } from "@lingui/core";
import type { Look, Message } from "sealdesk/views";
import { expect, test } from "vitest";

import { keptOf } from "../../worker/search.ts";
import { tagsText } from "../../worker/tags.ts";
import { TagsFull } from "./staff/tagsFull.ts";
import { changed, changeOf, isTagsAlone, isTooMany, namedTags, type Planned, settled, TAGS_MAX, tagsAct, tagsIn, tagsOf, withTag } from "./tags.ts";

i18n.loadAndActivate({ locale: "en", messages: {} });

const note = (tags: string[] | undefined, more: object = {}) =>
  ({ internal: true, text: "", attachments: [], warned: [], ...(tags && { tags }), ...more }) as unknown as Message;

test("the newest note that names tags says which there are", () => {
  expect(tagsOf([note(undefined), note(["a", "b"]), note(undefined, { text: "c" }), note(["b"]), note(undefined)])).toEqual(["b"]);
  expect(tagsOf([])).toEqual([]);
});

test("a message that is not a note sets no tags, and a note that readers are warned of is shown whole", () => {
  const [honest, marked] = [note(["a"]), note(undefined, { text: "Tags: spam", warned: [{ kind: "key_by_ledger" }] })];
  expect(tagsOf([honest, marked, note(["spam"], { internal: false })])).toEqual(["a"]);
  expect([isTagsAlone(marked), namedTags(marked)]).toEqual([false, undefined]);
  const left = note(["b"], { text: tagsText(["b"]), warned: [{ kind: "staff_by_ledger" }] });
  expect([isTagsAlone(left), namedTags(left)]).toEqual([false, ["b"]]);
  expect(keptOf({ ticket: { updated_at: "", response_count: 2 }, messages: [honest, marked] } as unknown as Look).tags).toEqual(["a"]);
});

test("a note is one line of the desk's only where it says nothing but its tags", () => {
  for (const tags of [["a", "b"], ["a, b", "c"], []]) expect(isTagsAlone(note(tags, { text: tagsText(tags) }))).toBe(true);
  expect(isTagsAlone(note(["a", "b"], { text: "Tags: b, a" })), "in whatever order").toBe(true);
  for (const text of ["Tags: a, b. Call me: https://evil.example", "Tags: a", "Pay Mallory.", "", null]) expect(isTagsAlone(note(["a", "b"], { text }))).toBe(false);
  expect(isTagsAlone(note(["a"], { text: "Tags: a", attachments: [{}] }))).toBe(false);
  expect(isTagsAlone(note(undefined, { text: "No tags" }))).toBe(false);
});

test("what is typed becomes tags", () => {
  expect(tagsIn(" paper jam,  ,toner;\nVIP ")).toEqual(["paper jam", "toner", "VIP"]);
  expect(tagsIn("x".repeat(50))[0]).toHaveLength(32);
  expect(withTag(["b", "c"], "a")).toEqual(["a", "b", "c"]);
  expect(withTag(["a"], "a")).toEqual(["a"]);
});

test("programs without tags read them in words", () => {
  expect([tagsAct(["a", "b"]), tagsAct([])]).toMatchObject([{ message: "Tags: a, b" }, { message: "No tags" }]);
});

test("tags that were given meanwhile stay: what is sent is what was changed, over what the ledger has then", () => {
  const has = (...tags: string[]) => [{ text: "a", internal: false, attachments: [], warned: [] } as unknown as Message, note(tags)];
  const acts: Planned[] = [{ act: "retag", added: ["jam"], removed: ["new"] }, { act: "resolve", reference: "" }];
  expect(settled(acts, has("new", "paper", "vip"))).toEqual([tagsAct(["jam", "paper", "vip"]), { act: "resolve", reference: "" }]);
  expect(settled(acts, has("jam", "paper")), "it has them already").toEqual([{ act: "resolve", reference: "" }]);
  expect(settled(acts, [])).toEqual([tagsAct(["jam"]), { act: "resolve", reference: "" }]);
});

test("a tag that a ticket has no room for is refused, and takes nobody's place", () => {
  const full = Array.from({ length: TAGS_MAX }, (_, n) => `t${n}`);
  const has = (tags: string[]) => [note(tags)];
  const plan = (added: string[], removed: string[] = []): Planned[] => [{ act: "retag", added, removed }];
  expect(() => settled(plan(["a"]), has(full))).toThrow(TagsFull);
  expect(() => settled(plan(["a", "b"]), has(full.slice(1)))).toThrow(TagsFull);
  expect(settled(plan(["t3"]), has(full)), "it has that already").toEqual([]);
  expect(settled(plan(["a"], ["t0"]), has(full))).toEqual([tagsAct([...full.slice(1), "a"].sort())]);
  // Another program gave it more.
  expect(settled(plan([], ["t0"]), has([...full, "x", "y"]))).toEqual([tagsAct([...full.slice(1), "x", "y"])]);
  expect(withTag(full, "a"), "a dialog shows all of them").toHaveLength(TAGS_MAX + 1);
  expect([isTooMany(full, withTag(full, "a")), isTooMany(full, full)]).toEqual([true, false]);
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
