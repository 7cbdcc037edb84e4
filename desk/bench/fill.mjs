// How long an administrator's browser takes for a desk of so many tickets: until the list has all of them, and until it has opened the text of
// each for searching; what a search costs then, as somebody types, and what the page's own thread notices of it. Beside them the page of React
// that shows one empty field, from the same machine in the same run. Prints what docs/benchmarks.md has.
//   node bench/fill.mjs   TICKETS=1000
import { cpus, loadavg } from "node:os";
import { Desk as Client, Identity, load } from "sealdesk";

import { manyPeople, Person, until } from "../test/browser.mjs";
import { Desk } from "../test/desk.mjs";
import { restore } from "../test/people.mjs";
import { emptyPage, median, visit } from "./empty.mjs";

const TICKETS = Number(process.env.TICKETS ?? 1_000);
/** How many people write at once: a ticket waits for its block and its proof. */
const WRITERS = 8;
const PAUSE_MS = 60;
const TYPED = ["boiler", "number 17", "0x80070005", "kettle", "zzz is nowhere", "e"];
const REPEATS = 5;

async function fill(desk) {
  await load();
  const write = async (from) => {
    const client = await Client.open(desk.origin);
    client.agree();
    const customer = new Identity(Identity.newPhrase(false));
    for (let n = from; n < TICKETS; n += WRITERS) {
      const words = `The boiler number ${n} does not heat, and shows 0x${(n * 7_919).toString(16)}. `;
      await client.createTicket(customer, { category: "technical", priority: "normal", subject: `Boiler ${n}`, message: words.repeat(6) });
    }
    customer.free();
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => write(n)));
}

/** Types a query as a person does, and gives how long after its last letter the answer to it was there. */
async function typed(page, query) {
  // All that stood there is replaced by the first letter.
  await page.keyboard.press("Control+a");
  for (const letter of query.slice(0, -1)) {
    await page.keyboard.insertText(letter);
    await page.waitForTimeout(PAUSE_MS);
  }
  const answered = page.evaluate(async () => {
    const pane = document.querySelector(".search-said").parentElement;
    const began = performance.now();
    return new Promise((resolve) => {
      const watcher = new MutationObserver(() => (watcher.disconnect(), resolve(performance.now() - began)));
      watcher.observe(pane, { subtree: true, childList: true, characterData: true });
      // The same answer as to the letter before changes nothing.
      setTimeout(() => (watcher.disconnect(), resolve(null)), 2_000);
    });
  });
  await page.keyboard.insertText(query.at(-1));
  return answered;
}

const desk = await Desk.start();
await desk.allowMuch();
const began = Date.now();
await fill(desk);
console.log(`${TICKETS} tickets by ${WRITERS} customers at once, sealed and proven: ${Math.round((Date.now() - began) / 1_000)} s`);
const browser = await manyPeople();
const empty = await emptyPage();
const theirs = [];
for (let n = 0; n < 5; n++) theirs.push((await visit(browser, empty.origin, true)).field);

const admin = await Person.sit(desk.origin, { name: "admin", browser });
const { page } = admin;
await restore(admin, desk, await desk.phrase("admin"));
const met = Date.now();
await until("the list has all", async () => (await page.locator("nav").first().innerText()).replaceAll(/[.,\u202f\u00a0]/g, "").includes(String(TICKETS)));
const listed = Date.now() - met;
await page.keyboard.press("/");
await page.keyboard.insertText("boiler number");
const asked = Date.now();
await page.locator(".search-said").first().waitFor();
await until("all are read", async () => {
  const [left] = await page.locator(".not-searched").allInnerTexts();
  return left !== undefined && !left.includes("not read") && (await page.locator(".search-reading").count()) === 0;
});
const opened = Date.now() - asked;
await page.evaluate(() => {
  globalThis.long = [];
  new PerformanceObserver((list) => globalThis.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
});
const answers = [];
for (let n = 0; n < REPEATS; n++) for (const query of TYPED) answers.push(await typed(page, query));
const times = answers.filter((time) => time !== null);
times.sort((one, other) => one - other);
const long = await page.evaluate(() => globalThis.long);
const to = (ms) => (ms / median(theirs)).toFixed(1);
console.log(`the list has all: ${listed} ms, ${to(listed)} times the empty page's field (${Math.round(median(theirs))} ms, by a phone's processor and line)`);
console.log(`every text opened for searching: ${opened} ms, ${to(opened)} times; ${(opened / TICKETS).toFixed(1)} ms a ticket`);
console.log(`a search from its last letter: p50 ${Math.round(times[times.length >> 1])} ms, p95 ${Math.round(times[Math.floor(times.length * 0.95)])} ms; long tasks meanwhile: ${long.length}, ${Math.round(Math.max(0, ...long))} ms the longest`);
console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`);
await browser.close();
empty.end();
await desk.end();
