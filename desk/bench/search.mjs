// What a search costs over so many tickets as a large desk has: numbers, and no test.
//   node bench/search.mjs [TICKETS] [WORDS]   27,000 tickets of 120 words each where nothing else is said
// In Node: sealing and opening the records, and making them comparable. In Chromium: the scan in a worker, as somebody types, and what the
// page's own thread notices of it.
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";

const TICKETS = Number(process.argv[2] ?? 27_000);
const WORDS = Number(process.argv[3] ?? 120);
/** Tickets of one sealed record, as the worker keeps them. */
const TOGETHER = 100;
const TYPED = ["drucker", "drucker papier", "0x80070005", "rechnung marz", "zzz gibt es nicht", "tkt-00012345", "e", "strasse"];

/** Runs in Node and in the worker alike: it makes the same texts from the same number. */
const MAKING = `
function words(seed) {
  let state = seed;
  return () => ((state = (state * 1664525 + 1013904223) >>> 0) / 4294967296);
}
function vocabulary(random) {
  const parts = ["dru", "cker", "pa", "pier", "rech", "nung", "März", "straße", "konto", "feh", "ler", "netz", "werk", "über", "ge", "rät", "soft", "ware", "ser", "ver", "ä", "ö", "é", "in", "stall", "ation"];
  const pick = () => parts[Math.floor(random() * parts.length)];
  return Array.from({ length: 8000 }, (_, n) => (n % 40 === 7 ? "0x" + Math.floor(random() * 2 ** 32).toString(16) : Array.from({ length: 1 + Math.floor(random() * 3) }, pick).join("")));
}
export function* made(tickets, wordsEach) {
  const random = words(7);
  const known = vocabulary(random);
  // Few words are frequent and most are rare, as in a language.
  const text = (count) => Array.from({ length: count }, () => known[Math.floor(known.length ** random()) - 1] ?? known[0]).join(" ");
  for (let n = 0; n < tickets; n++) {
    const said = [[null, false, text(Math.ceil(wordsEach / 2))], [0, false, text(Math.floor(wordsEach / 2))]];
    yield ["TKT-" + String(n + 1).padStart(8, "0"), { as_of: "2026-11-" + String(1 + (n % 28)).padStart(2, "0"), subject: text(5), said, closed: 0 }];
  }
}
`;

const IN_WORKER = `
import { made } from "bench:making";
import { entryOf } from "/worker/scan.ts";
import { Scanner } from "/worker/scanning.ts";
const entries = new Map();
for (const [id, kept] of made(${TICKETS}, ${WORDS})) entries.set(id, entryOf(id, kept));
const scanner = new Scanner();
self.onmessage = async ({ data: { id, query } }) => {
  const result = await scanner.scan({ entries, version: 1 }, query);
  self.postMessage({ id, result });
};
self.postMessage({ ready: true });
`;

const IN_NODE = `
export { made } from "bench:making";
export { entryOf } from "/worker/scan.ts";
export { Scanner } from "/worker/scanning.ts";
`;

async function bundled(entry, more) {
  const files = { "bench:making": MAKING, "bench:entry": entry, ...more };
  const here = {
    name: "bench",
    resolveId: (name) => (name in files ? `\0${name}` : name.startsWith("/worker/") ? new URL(`..${name}`, import.meta.url).pathname : null),
    load: (name) => (name.startsWith("\0bench:") ? { code: files[name.slice(1)], moduleType: "js" } : null),
  };
  const bundle = await rolldown({ input: "bench:entry", plugins: [here], platform: "browser" });
  const { output } = await bundle.generate({ format: "es" });
  return output[0].code;
}

/** Processor time, which does not count what else the machine does. */
async function spent(work) {
  const before = process.cpuUsage();
  const made = await work();
  const { user, system } = process.cpuUsage(before);
  return [made, (user + system) / 1_000];
}

/** What stands in the field after each letter. */
const letters = () => TYPED.flatMap((query) => Array.from(query, (_, n) => query.slice(0, n + 1)));

const quantile = (times, part) => [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * part))];
const ms = (value) => `${value.toFixed(1)} ms`;
const line = (what, value) => console.log(`${what.padEnd(58)} ${value}`);

async function inNode() {
  const code = await bundled(IN_NODE);
  const { made, entryOf, Scanner } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const { load, Identity, Vault } = await import("sealdesk");
  await load();
  const vault = Vault.make(Identity.newPhrase(false), "a passphrase for numbers");
  const all = [...made(TICKETS, WORDS)];
  const records = [];
  for (let n = 0; n < all.length; n += TOGETHER) records.push(JSON.stringify(Object.fromEntries(all.slice(n, n + TOGETHER))));
  const [sealed, sealing] = await spent(() => records.map((record, n) => vault.seal(`found/${n}`, record)));
  line(`sealing ${records.length} records of ${TOGETHER} tickets, each as it comes`, ms(sealing));
  line("  kept in the browser", `${(sealed.reduce((sum, record) => sum + record.length, 0) / 1e6).toFixed(1)} MB`);
  const [opened, opening] = await spent(() => sealed.map((record, n) => vault.open(`found/${n}`, record)));
  line("opening all of them, once after unlocking", ms(opening));
  const before = process.memoryUsage().heapUsed;
  const parsed = (record) => Object.entries(JSON.parse(record)).map(([id, kept]) => entryOf(id, kept));
  const [entries, comparing] = await spent(() => opened.flatMap(parsed));
  line("  and making their texts comparable", ms(comparing));
  line(`  ${entries.length} tickets in memory`, `${((process.memoryUsage().heapUsed - before) / 1e6).toFixed(0)} MB`);
  const searched = { entries: new Map(entries.map((entry) => [entry.id, entry])), version: 1 };
  const scanner = new Scanner();
  for (const [what, scannerOf] of [["as somebody types", () => scanner], ["each looked for in all", () => new Scanner()]]) {
    const times = [];
    for (const query of letters()) times.push((await spent(() => scannerOf().scan(searched, query)))[1]);
    line(`a scan of all, processor time, ${what}: median`, ms(quantile(times, 0.5)));
    line("  95th percentile, longest", `${ms(quantile(times, 0.95))}, ${ms(Math.max(...times))}`);
  }
}

async function inChromium() {
  const worker = await bundled(IN_WORKER);
  const server = createServer((request, answer) => {
    const isWorker = request.url === "/worker.js";
    answer.writeHead(200, { "content-type": isWorker ? "text/javascript" : "text/html" }).end(isWorker ? worker : "<!doctype html><ul></ul>");
  }).listen(0, "127.0.0.1");
  const browser = await chromium.launch({ executablePath: process.env.SEALDESK_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const measured = await page.evaluate(async (typed) => {
      const long = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ["longtask"] });
      const worker = new Worker("/worker.js", { type: "module" });
      await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
      const times = [];
      const overtaken = [];
      const waiting = new Map();
      worker.onmessage = ({ data: { id, result } }) => {
        const since = waiting.get(id);
        (result ? times : overtaken).push(performance.now() - since);
        waiting.delete(id);
      };
      let id = 0;
      for (const query of typed) {
        waiting.set(++id, performance.now());
        worker.postMessage({ id, query });
        // A fast typist.
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      while (waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      return { times, overtaken: overtaken.length, long };
    }, letters());
    const { times, overtaken, long } = measured;
    line(`a search in Chromium's worker, ${times.length} letters typed: median`, ms(quantile(times, 0.5)));
    line("  95th percentile", ms(quantile(times, 0.95)));
    line("  longest", ms(Math.max(...times)));
    line("  overtaken by the next letter", String(overtaken));
    line("tasks over 50 ms in the page's own thread", String(long.length));
  } finally {
    await browser.close();
    server.close();
  }
}

console.log(`${TICKETS} tickets of ${WORDS} words`);
await inNode();
await inChromium();
