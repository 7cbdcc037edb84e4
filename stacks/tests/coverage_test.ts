// Every line of the contract is executed by the shared scenarios and by what they have no words for: keys, grants, the owner,
// pages. A line that nothing here reaches is one that nobody needs.

import { expect, test } from "vitest";
import { call, DEPLOYER, freshSession, must, person, read, READ_ONLY, sealed, simnet, withTracking, type ReadOnlyName } from "./desk.ts";
import { playAll, scenarios } from "./play.ts";

const [ALICE, BOB] = [person(1), person(2)];

function theRest(): void {
  must(ALICE, "create-ticket", "other", 2, ...sealed(1));
  call(BOB, "grant-access", 1, "0a");
  must(ALICE, "grant-access", 1, "0a");
  must(ALICE, "register-key", "11".repeat(32), "22".repeat(32), "33".repeat(64));
  must(ALICE, "revoke-key", 1);
  must(DEPLOYER, "propose-owner", BOB);
  must(BOB, "accept-owner");
  const reads: { [name in ReadOnlyName]?: [string | number, number] } = { "get-tickets-by-owner-page": [ALICE, 1], "get-key": [ALICE, 1] };
  for (const name of Object.keys(READ_ONLY) as ReadOnlyName[]) {
    const args = reads[name] ?? READ_ONLY[name].map((kind) => (kind === "uint" ? 1 : ALICE));
    read(name, ...args);
  }
}

/** Adds a report's counts to what was executed before: a record for the deployment and one for the calls, lines as `DA:line,count`. */
function add(lines: Map<number, number>): void {
  const report = simnet().collectReport(false, "").coverage;
  for (const record of report.split("end_of_record").filter((part) => part.includes("ticket-system.clar")))
    for (const [, line, count] of record.matchAll(/^DA:(\d+),(\d+)$/gm))
      lines.set(Number(line), (lines.get(Number(line)) ?? 0) + Number(count));
}

test("every line of the contract is executed", async () => {
  const lines = new Map<number, number>();
  await withTracking("coverage", async () => {
    for (const play of [...scenarios.map((scenario) => () => playAll(scenario)), theRest]) {
      await freshSession();
      simnet().setCurrentTestName("coverage");
      play();
      add(lines);
    }
  });
  expect(lines.size).toBeGreaterThan(150);
  expect([...lines].filter(([, count]) => count === 0).map(([line]) => line)).toEqual([]);
});
