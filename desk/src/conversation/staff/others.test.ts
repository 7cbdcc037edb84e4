import { expect, test } from "vitest";

import { meant, offered, type Other } from "./others.ts";

const other = (id: string, subject: string | null, isBeside = true): Other => ({ id, subject, isBeside });
const ALL = [other("TKT-00000009", "Printer jam", false), other("TKT-00000002", "Drucker größer"), other("TKT-00000012", "Printer burns"), other("TKT-00000003", null)];
const ids = (typed: string) => offered(typed, ALL).map(({ id }) => Number(id.slice(4)));

test("before anything is typed the customer's own are offered, then what fits by number or subject, theirs first", () => {
  expect(ids("")).toEqual([2, 12, 3]);
  expect(ids("printer")).toEqual([12, 9]);
  expect(ids("GROSSER"), "whatever case and accents").toEqual([2]);
  expect(ids("12")).toEqual([12]);
  expect(ids("tkt-3"), "also where its subject is not known").toEqual([3]);
});

test("a number is that ticket, and words are one where nothing else has them", () => {
  expect(meant("7", offered("7", ALL), true), "listed or not").toBe("TKT-00000007");
  expect(meant("burns", offered("burns", ALL), true)).toBe("TKT-00000012");
  expect(meant("printer", offered("printer", ALL), true)).toBe(null);
  expect(meant(" ", offered(" ", ALL), true), "nothing is nothing").toBe(null);
});

test("words alone mean no ticket that another one closes into: this page has not opened every subject", () => {
  expect(meant("burns", offered("burns", ALL), false)).toBe(null);
  expect(meant("12", offered("12", ALL), false)).toBe("TKT-00000012");
  expect(meant("TKT-00000012", offered("TKT-00000012", ALL), false), "what a pressed offer leaves").toBe("TKT-00000012");
});

test("digits are looked for in subjects too, behind the ticket of that number", () => {
  const all = [other("TKT-00000005", "Error 404 again"), other("TKT-00000404", "Toner", false)];
  expect(offered("404", all).map(({ id }) => id)).toEqual(["TKT-00000404", "TKT-00000005"]);
  expect(offered("404", all.slice(0, 1)).map(({ id }) => id)).toEqual(["TKT-00000005"]);
  expect(meant("404", offered("404", all), true), "a number is that ticket").toBe("TKT-00000404");
});
