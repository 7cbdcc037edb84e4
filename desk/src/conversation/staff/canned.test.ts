import type { DeskDocument, Ticket } from "sealdesk/views";
import { expect, test } from "vitest";

import { actsOf, differing, filled, leftIn, toAsk, type Macro, macrosIn, repliesIn, unknownIn, variablesIn } from "./canned.ts";

const FACTS = { customer: "Anna {agent}", ticket: "TKT-00000007", agent: "Carol", subject: "Printer" };
const document = (entries: Record<string, unknown>) => ({ entries }) as DeskDocument;
const macro = (more: Partial<Macro>): Macro => ({ id: "m", name: "m", text: "Hello", then: "nothing", priority: "", tags: "", takes: false, ...more });
const ticket = (more: Partial<Ticket>) => ({ status: "in_progress", priority: "normal", ...more }) as Ticket;

test("variables become what they stand for, once", () => {
  expect(filled("Hello {customer}, {ticket} is {unknown}. {agent}", FACTS)).toBe("Hello Anna {agent}, TKT-00000007 is {unknown}. Carol");
  expect(filled("{constructor} {toString} {}", FACTS)).toBe("{constructor} {toString} {}");
});

test("without a name a text has what its author wrote for that, and is not sent unseen where they wrote nothing", () => {
  const nameless = { ...FACTS, customer: "" };
  expect(filled("Hello {customer|there}, {ticket|it}.", nameless)).toBe("Hello there, TKT-00000007.");
  expect(filled("Hello {customer|there},", { ...FACTS, customer: "Anna" })).toBe("Hello Anna,");
  expect(filled("Hello{customer|},", nameless), "which may be nothing").toBe("Hello,");
  const said = filled("Hello {customer}, {company|we}", nameless);
  expect(said).toBe("Hello {customer}, {company|we}");
  const canned = [{ text: "Hello {customer}, {company|we}" }, { text: "{ticket}" }];
  expect(leftIn(said, canned)).toEqual(["{customer}", "{company|we}"]);
  expect(leftIn("The path is /tickets/{id}, the body {\"a\": {b: 1}}.", canned), "what somebody typed is theirs").toEqual([]);
});

test("a canned reply is not kept with a name that stands for nothing", () => {
  expect(unknownIn("{customer}, {customer|there}, {ticket}, {agent}, {subject}")).toEqual([]);
  expect(unknownIn("{company} {company} {Customer} {first name} {größe|x}")).toEqual(["{company}", "{Customer}", "{first name}", "{größe|x}"]);
  expect(unknownIn("{ customer } {customer } { customer |there}"), "spaces around a name are no part of it").toEqual([]);
  expect(unknownIn("p { color: red } {} {1} { \"a\": 1 } {\n}"), "what is no name").toEqual([]);
});

test("braces in code, and those of other languages, are a text", () => {
  const code = ["Call `GET /users/{id}` with ``a ` {b}``.", "```sh\necho {home}\n```", "~~~\n{left}\n~~~", "    ${HOME}/x and {{ customer.name }}"].join("\n\n");
  expect(variablesIn(code)).toEqual([]);
  expect(filled(`${code} {customer}`, FACTS)).toBe(`${code} Anna {agent}`);
  expect(filled("`{customer}` is { customer }", { ...FACTS, customer: "Anna" })).toBe("`{customer}` is Anna");
  expect(variablesIn("it`s {order}\n\nand ` there, \\`{ticket}\\`"), "a lone tick makes no code of another paragraph").toEqual(["{order}", "{ticket}"]);
  expect(variablesIn("```\n{a}\n```\n{b}\n```\n{c}"), "a fence that nobody closes goes to the end").toEqual(["{b}"]);
});

test("code that somebody typed around a canned reply hides nothing of it", () => {
  expect(leftIn("```\nHello {order}", [{ text: "Hello {order}" }])).toEqual(["{order}"]);
});

test("as long as the canned replies are not here, everything that could be of one is asked about", () => {
  const none = document({});
  expect(toAsk("Your {order} is on its way.", undefined, none)).toEqual(["{order}"]);
  expect(toAsk("Your {order} is on its way.", none, undefined)).toEqual(["{order}"]);
  expect(toAsk("Your {order} is on its way.", none, none), "somebody typed it").toEqual([]);
  expect(toAsk("Your {order} is on its way.", document({ a: { name: "A", text: "{order}" } }), none)).toEqual(["{order}"]);
});

test("what others wrote is read as what it can be", () => {
  const entries = { b: { name: "B", text: "b" }, a: { name: "A" }, c: "text", d: null, e: { name: 5, text: ["x"] } };
  expect(repliesIn(document(entries))).toEqual([
    { id: "e", name: "–", text: "" },
    { id: "a", name: "A", text: "" },
    { id: "b", name: "B", text: "b" },
  ]);
  expect(macrosIn(document({ a: { name: "A", then: "explode", priority: "huge", takes: "yes" } }))).toEqual([
    { id: "a", name: "A", text: "", then: "nothing", priority: "", tags: "", takes: false },
  ]);
  expect(repliesIn(undefined)).toEqual([]);
});

test("a macro does what the ticket still lacks, status last", () => {
  const all = macro({ tags: "paper, jam", priority: "high", then: "resolve" });
  expect(actsOf(all, ticket({}), ["jam"]).map((act) => act.act)).toEqual(["retag", "prioritize", "resolve"]);
  expect(actsOf(all, ticket({ priority: "high" }), ["jam", "paper"]).map((act) => act.act)).toEqual(["resolve"]);
  expect(actsOf(all, ticket({ status: "resolved", priority: "high" }), ["jam", "paper"])).toEqual([]);
});

test("the ledger is not told what it would refuse", () => {
  expect(actsOf(macro({ then: "wait" }), ticket({ status: "pending_customer" }), [])).toEqual([]);
  expect(actsOf(macro({ then: "wait" }), ticket({ status: "assigned" }), []), "the reply itself begins the work").toHaveLength(1);
  expect(actsOf(macro({ then: "wait", text: "" }), ticket({ status: "assigned" }), [])).toEqual([]);
  expect(actsOf(macro({ then: "resolve" }), ticket({ status: "open" }), [])).toEqual([]);
  expect(actsOf(macro({ then: "resolve", takes: true }), ticket({ status: "open" }), [])).toHaveLength(1);
});

test("two versions of a macro differ in each field that says something else, its name too", () => {
  const { id: _, ...mine } = macro({ name: "Done", text: "Hello", tags: "solved", then: "resolve" });
  expect(differing("macros", mine, { ...mine, then: "wait", takes: true })).toEqual(["then", "takes"]);
  expect(differing("macros", mine, { name: "Solved", text: "Hello" })).toEqual(["name", "then", "tags"]);
  expect(differing("replies", { name: "Hi", text: "Hello" }, { name: "Hi", text: "Hello!", then: "resolve" }), "a reply has no more than these").toEqual(["text"]);
  expect(differing("macros", mine, null), "it was deleted").toEqual(["name", "text", "then", "tags"]);
});
