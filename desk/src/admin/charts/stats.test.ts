import { expect, test } from "vitest";

import { csv } from "./csv.ts";
import { ended, took } from "./words.ts";
import { answers, byState, type Counted, promises, quantile, resolutions, scores, spread, WEEK, weeks } from "./stats.ts";

/** A Wednesday: 2026-11-25 12:00 UTC. */
const NOW = Date.UTC(2026, 10, 25, 12) / 1000;
const STARTS = weeks(NOW, 4);
const [FIRST = 0, SECOND = 0, THIRD = 0, LAST = 0] = STARTS;

const ticket = (change: Partial<Counted>): Counted => ({
  id: "TKT-1",
  created: FIRST + 10,
  over: null,
  steps: [{ at: FIRST + 10, status: "open" }],
  ratings: [],
  ...change,
});

test("weeks begin on Monday, and the last one is now", () => {
  expect(STARTS.map((start) => new Date(start * 1000).toISOString())).toEqual([
    "2026-11-02T00:00:00.000Z",
    "2026-11-09T00:00:00.000Z",
    "2026-11-16T00:00:00.000Z",
    "2026-11-23T00:00:00.000Z",
  ]);
  expect(weeks(LAST, 1)).toEqual([LAST]);
  expect(weeks(LAST - 1, 1)).toEqual([THIRD]);
});

test("a ticket is counted in the state in which a week left it, and not once it is closed", () => {
  const steps = [
    { at: FIRST + 10, status: "open" as const },
    { at: SECOND + 10, status: "assigned" as const },
    { at: THIRD + 10, status: "resolved" as const },
    { at: LAST + 10, status: "closed" as const },
  ];
  const counts = byState([ticket({ steps }), ticket({})], STARTS, NOW);
  expect(counts.map(({ open, assigned, resolved }) => [open, assigned, resolved])).toEqual([
    [2, 0, 0],
    [1, 1, 0],
    [1, 0, 1],
    [1, 0, 0],
  ]);
  const later = ticket({ created: NOW + 5, steps: [{ at: NOW + 5, status: "open" }] });
  expect(byState([later], STARTS, NOW).at(-1)?.open).toBe(0);
});

test("a spread is that of its values, and of none it is nothing", () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(spread([5])).toEqual({ count: 1, low: 5, quarter: 5, median: 5, most: 5, high: 5 });
  expect(spread([])).toEqual({ count: 0, low: null, quarter: null, median: null, most: null, high: null });
});

test("answers count where the ticket was written, resolutions where they happened", () => {
  const one = ticket({ answered: FIRST + 3_610, over: THIRD + 10 });
  const tickets = [one, ticket({ answered: null }), ticket({})];
  expect(answers(tickets, STARTS).map(({ count, median }) => [count, median])).toEqual([[1, 3_600], [0, null], [0, null], [0, null]]);
  expect(resolutions(tickets, STARTS).map(({ count, median }) => [count, median])).toEqual([[0, null], [0, null], [1, 2 * WEEK], [0, null]]);
});

test("promises and scores fall into the week in which they were decided or given", () => {
  const kept = promises([{ kind: "resolution", isMet: true, at: SECOND }, { kind: "first_response", isMet: false, at: SECOND + 1 }, { kind: "resolution", isMet: true, at: FIRST - 1 }], STARTS);
  expect(kept).toEqual([{ met: 0, missed: 0 }, { met: 1, missed: 1 }, { met: 0, missed: 0 }, { met: 0, missed: 0 }]);
  const given = scores([ticket({ ratings: [{ score: 5, at: LAST }, { score: 2, at: LAST + 1 }] })], STARTS);
  expect(given.at(-1)).toEqual({ counts: [0, 1, 0, 0, 1], mean: 3.5 });
  expect(given[0]?.mean).toBeNull();
});

test("nothing in a file runs where a spreadsheet opens it", () => {
  const lines = csv(["week", "=1+1"], [["=HYPERLINK(\"http://x\")", -1.5], ["@SUM(A1)", null], ["  +1", 2], ["a,b", 3], ["\t=1", Number.NaN], ["plain", 4]]).split("\r\n");
  expect(lines).toEqual([
    "\ufeffweek,\"'=1+1\"",
    "\"'=HYPERLINK(\"\"http://x\"\")\",-1.5",
    "\"'@SUM(A1)\",",
    "\"'  +1\",2",
    '"a,b",3',
    "\"'\t=1\",",
    "plain,4",
    "",
  ]);
});

test("a sentence ends with one full stop, also behind a unit that brings one", () => {
  expect(ended(`Im Median ${took(120, "de")}`)).toBe("Im Median 2 Min.");
  expect(ended(`In the median ${took(120, "en")}`)).toBe("In the median 2 min.");
});
