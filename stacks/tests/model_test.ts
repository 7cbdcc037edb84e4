// The contract against the naive model of docs/spec/clarity.md: 200 walks of 40 steps, always the same ones unless SEED says otherwise;
// and the contract with a fault planted in it, which such walks must find.

import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PUBLIC } from "./desk.ts";
import { run, walks, type Seen, type Start } from "./walk.ts";

/** More with RUNS, for a campaign. */
const RUNS = Number(process.env.RUNS ?? 200);
const seed = Number(process.env.SEED ?? 20261121);
const SOURCE = readFileSync("contracts/ticket-system.clar", "utf8");

/** Faults as replacements of text that stands in the source once; some show from a certain beginning alone, and are sought from there. */
const FAULTS: Record<string, [from: string, to: string, start?: Start]> = {
  "anyone may set the status": [
    "(serves (get assignee ticket) contract-caller)) ERR-NOT-AUTHORIZED)\n      (asserts! (or reopens",
    "true) ERR-NOT-AUTHORIZED)\n      (asserts! (or reopens",
  ],
  "anyone may close and reopen": ["(or (is-eq contract-caller (get owner ticket)) (is-administrator contract-caller))\n        (serves", "true\n        (serves"],
  "anyone may assign": ["(from (get status ticket)))\n    (asserts! (is-administrator contract-caller) ERR-NOT-AUTHORIZED)", "(from (get status ticket)))"],
  "anyone may comment": ["(asserts! (if mine (not internal) (serves (get assignee ticket) contract-caller)) ERR-NOT-AUTHORIZED)", ""],
  "anyone may make administrators": ["(asserts! (or (is-administrator contract-caller) (is-eq contract-caller (var-get contract-owner))) ERR-NOT-AUTHORIZED)", ""],
  "anyone may take the contract over": ["(asserts! (is-eq (some contract-caller) (var-get proposed-owner)) ERR-NOT-AUTHORIZED)", ""],
  "a removed agent still serves": ["(match (map-get? roles user) role\n    (or (is-eq role ADMINISTRATOR) (is-eq (some user) assignee)) false)", "(or (is-eq (map-get? roles user) (some ADMINISTRATOR)) (is-eq (some user) assignee))", "removed agent"],
  "whoever signs is trusted": ["(or (is-eq contract-caller (get owner ticket)) (is-administrator contract-caller))\n        (serves", "(or (is-eq tx-sender (get owner ticket)) (is-administrator tx-sender))\n        (serves"],
  "no transition is refused": ["(asserts! (leads from new-status) ERR-INVALID-TRANSITION)", ""],
  "an open ticket can wait for its customer": ["(if (is-eq to PENDING-CUSTOMER) (is-eq from IN-PROGRESS)", "(if (is-eq to PENDING-CUSTOMER) (<= from IN-PROGRESS)"],
  "a closed ticket moves": ["(asserts! (or reopens (< from CLOSED)) ERR-TICKET-CLOSED)", ""],
  "any hash will do": ["(is-eq (sha256 payload) payload-hash)", "true"],
  "the last administrator goes": ["(asserts! (> (var-get administrators) u1) ERR-LAST-ADMINISTRATOR)", ""],
  "a payload comes twice": ["(map-insert seen ", "(map-set seen "],
  "closing makes no room": ["open: (- (get open counts) u1)", "open: (get open counts)", "ten tickets"],
  "reopening keeps the assignee": ["(if reopens none (get assignee ticket))", "(get assignee ticket)"],
  "the window ends a block early": ["(<= burn-block-height (+ closed-at REOPEN-WINDOW))", "(< burn-block-height (+ closed-at REOPEN-WINDOW))", "closed thirty days ago"],
  "a ticket expires a block early": ["(> burn-block-height (+ (unwrap! ", "(>= burn-block-height (+ (unwrap! ", "resolved a week ago"],
  "the customer takes the staff's share of comments": ["(if mine CUSTOMER-COMMENTS-MAX COMMENTS-MAX)", "COMMENTS-MAX", "eighty comments"],
  "an eleventh open ticket": ["(asserts! (< (get open mine) OPEN-TICKETS-MAX) ERR-TOO-MANY-OPEN)", "", "ten tickets"],
  "a customer's answer leaves a ticket resolved": ["(or (is-eq from PENDING-CUSTOMER) (is-eq from RESOLVED))", "(is-eq from PENDING-CUSTOMER)"],
  "a customer writes a note": ["(if mine (not internal) (serves", "(if mine true (serves"],
};

const parameters = { seed, numRuns: RUNS, endOnFailure: true };
const property = (seen: Seen, source?: string, start?: Start) =>
  fc.asyncProperty(walks(start), (walk) => run(walk, seen, source));

describe("the contract and the model of docs/spec/clarity.md", () => {
  test(`agree on ${RUNS} walks, which are not vacuous`, async () => {
    const seen: Seen = new Map();
    await fc.assert(property(seen), parameters);
    const codes = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116];
    const wanted = [...Object.keys(PUBLIC), ...codes.map((code) => `u${code}`), ...[1, 2, 3, 4, 5, 6].map((s) => `status ${s}`)];
    expect(wanted.filter((what) => (seen.get(what) ?? 0) < 3)).toEqual([]);
  });
});

describe("a planted fault is found by such walks:", () => {
  test.each(Object.entries(FAULTS))("%s", async (_, [from, to, start]) => {
    expect(SOURCE.split(from)).toHaveLength(2);
    const mutant = SOURCE.replace(from, () => to);
    const details = await fc.check(property(new Map(), mutant, start), parameters);
    expect(details.failed, `${RUNS} walks did not find it`).toBe(true);
    // Found by what it answered or stored, and not because the mutant is no contract.
    expect(String(details.errorInstance)).toContain("deeply equal");
  });
});
