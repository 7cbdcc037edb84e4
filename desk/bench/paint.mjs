// How long until something is painted, and until a reply can be typed, as ratios to a page of React that shows one empty field: both from the
// same machine in one run, in turns, by a phone's processor (a quarter of this one) and line (10 Mbit, 40 ms). Prints what docs/benchmarks.md has.
//   node bench/paint.mjs   ROUNDS=9
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { cpus, loadavg } from "node:os";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "vite";

import { manyPeople, Person } from "../test/browser.mjs";
import { Desk } from "../test/desk.mjs";
import { restore } from "../test/people.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const LINE = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };
const SLOWER = 4;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };

/** React and a field, built as the desk's page is. */
async function emptyPage() {
  // Below the desk's folder, where React is found.
  const root = await mkdtemp(join(new URL("..", import.meta.url).pathname, ".empty-"));
  await writeFile(join(root, "index.html"), '<!doctype html><html lang="en"><title>Empty</title><div id="root"></div><script type="module" src="/main.js"></script></html>');
  await writeFile(join(root, "main.js"), 'import { createElement } from "react"; import { createRoot } from "react-dom/client"; createRoot(document.getElementById("root")).render(createElement("textarea", { placeholder: "Write" }));');
  const { output } = await build({ root, configFile: false, logLevel: "silent", build: { write: false, modulePreload: { polyfill: false } } });
  await rm(root, { recursive: true });
  const files = new Map(output.map(({ fileName, code, source }) => [`/${fileName}`, brotliCompressSync(Buffer.from(code ?? source))]));
  const server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : request.url;
    const bytes = files.get(path);
    if (!bytes) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(path)], "content-encoding": "br", "cache-control": "max-age=31536000" }).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, end: () => server.close() };
}

/** Runs in the page before anything else: remembers when a field that somebody can type in was first there. */
function watch() {
  const look = () => {
    const field = document.querySelector("textarea:not([readonly], [disabled])");
    if (field) globalThis.usable ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

const painted = () =>
  new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }));

async function slow(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await session.send("Network.emulateNetworkConditions", LINE);
  return session;
}

/** A first visit, nothing of it in a cache. */
async function visit(browser, url, usable) {
  const context = await browser.newContext();
  await context.addInitScript(watch);
  const page = await context.newPage();
  await slow(page);
  await page.goto(url);
  const paint = await page.evaluate(painted);
  const field = usable ? await (await page.waitForFunction(() => globalThis.usable)).jsonValue() : 0;
  await context.close();
  return { paint, field };
}

const median = (list) => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)];
const ms = (list) => `${Math.round(median(list))} ms, ${Math.round(Math.min(...list))} to ${Math.round(Math.max(...list))}`;
const ratio = (ours, theirs) => (median(ours) / median(theirs)).toFixed(2);

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
