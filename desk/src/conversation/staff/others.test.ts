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
  expect(meant("7", offered("7", ALL)), "listed or not").toBe("TKT-00000007");
  expect(meant("burns", offered("burns", ALL))).toBe("TKT-00000012");
  expect(meant("printer", offered("printer", ALL))).toBe(null);
  expect(meant(" ", offered(" ", ALL)), "nothing is nothing").toBe(null);
});
