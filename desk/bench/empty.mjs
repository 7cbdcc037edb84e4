// The page that the desk's is measured against: React, and one field. And by what processor and line both are measured.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build } from "vite";

/** A phone's line, and how many times slower its processor is than this one. */
const LINE = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 };
const SLOWER = 4;
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };

/** React and a field, built as the desk's page is. */
export async function emptyPage() {
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
export function watch() {
  const look = () => {
    const field = document.querySelector("textarea:not([readonly], [disabled])");
    if (field) globalThis.usable ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

export const painted = () =>
  new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }));

export async function slow(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await session.send("Network.emulateNetworkConditions", LINE);
  return session;
}

/** A first visit, nothing of it in a cache. */
export async function visit(browser, url, usable) {
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

export const median = (list) => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)];
export const ms = (list) => `${Math.round(median(list))} ms, ${Math.round(Math.min(...list))} to ${Math.round(Math.max(...list))}`;
export const ratio = (ours, theirs) => (median(ours) / median(theirs)).toFixed(2);
