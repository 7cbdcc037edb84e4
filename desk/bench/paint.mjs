// How long until something is painted, and until a reply can be typed, as ratios to a page of React that shows one empty field: both from the
// same machine in one run, in turns, by a phone's processor (a quarter of this one) and line (10 Mbit, 40 ms). Prints what docs/benchmarks.md has.
//   node bench/paint.mjs   ROUNDS=9
import { cpus, loadavg } from "node:os";

import { manyPeople, Person } from "../test/browser.mjs";
import { Desk } from "../test/desk.mjs";
import { restore } from "../test/people.mjs";
import { emptyPage, ms, ratio, slow, visit, watch } from "./empty.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 9);

const desk = await Desk.start();
const empty = await emptyPage();
await desk.key("anna");
await desk.ask("new", "--from", "anna", "--category", "technical", "--subject", "A printer", "--message", "It burns.");
const browser = await manyPeople();
const anna = await Person.sit(desk.origin, { name: "anna", browser });
await restore(anna, desk, await desk.phrase("anna"));
await anna.page.addInitScript(watch);
await anna.open("/tickets/TKT-00000001");
await anna.field("Your reply").waitFor();
await slow(anna.page);

const found = { empty: [], field: [], desk: [], again: [] };
const loads = [];
for (let round = 0; round < ROUNDS; round++) {
  const theirs = await visit(browser, empty.origin, true);
  const ours = await visit(browser, desk.origin, false);
  // Somebody who was here before, with what their browser has in its cache, until their reply can be typed.
  await anna.page.reload();
  const again = await (await anna.page.waitForFunction(() => globalThis.usable)).jsonValue();
  found.empty.push(theirs.paint);
  found.field.push(theirs.field);
  found.desk.push(ours.paint);
  found.again.push(again);
  loads.push(loadavg()[0]);
}
console.log(`first paint of a first visit: ${ratio(found.desk, found.empty)} (${ms(found.desk)}; empty page ${ms(found.empty)})`);
console.log(`a reply can be typed, of a later visit: ${ratio(found.again, found.field)} (${ms(found.again)}; the field of the empty page ${ms(found.field)})`);
console.log(`${ROUNDS} rounds, ${cpus().length} cores, load ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`);
await browser.close();
empty.end();
await desk.end();
