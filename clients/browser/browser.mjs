// Pages in a real Chromium, under a policy as strict as that of the desk. Whoever tests a page in a browser uses this: `Site` serves the
// files of an origin of its own on loopback, `inBrowser` drives the Chromium of the system without a window, and what a page does that its
// policy forbids, or throws, is an error of the test.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

/** Longest that anything in a page may take, in milliseconds. */
const PATIENCE = 120_000;
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm" };

/** The policy of a page: nothing inline, no eval, connections to itself and to `connect` alone; WebAssembly where it says so. */
export function policy({ connect = [], wasm = false } = {}) {
  return [
    "default-src 'none'",
    `script-src 'self'${wasm ? " 'wasm-unsafe-eval'" : ""}`,
    "style-src 'self'",
    `connect-src ${["'self'", ...connect].join(" ")}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** A page that loads one script. */
export const page = (script) =>
  `<!doctype html><html lang="en"><title>Test</title><script type="module" src="${script}"></script></html>`;

/** An origin on loopback. */
export class Site {
  #server;
  #files;
  /** The policy of its pages; may change as long as no page was loaded. */
  policy = policy();

  /** Serves files, which are bytes or text by their path, or folders of files by a path that ends in a slash: `{"/": html, "/x/": URL}`. */
  static async open(files) {
    const site = new Site();
    site.#files = files;
    site.#server = createServer((request, response) => site.#answer(request, response));
    await new Promise((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    site.origin = `http://127.0.0.1:${site.#server.address().port}`;
    return site;
  }

  async #answer(request, response) {
    const path = new URL(request.url, this.origin).pathname;
    const content = await this.#content(path).catch(() => undefined);
    if (content === undefined) return response.writeHead(404).end();
    const type = TYPES[path === "/" ? "html" : path.split(".").pop()] ?? "application/octet-stream";
    const headers = { "content-type": type, "content-security-policy": this.policy, "x-content-type-options": "nosniff" };
    response.writeHead(200, headers).end(content);
  }

  async #content(path) {
    if (Object.hasOwn(this.#files, path)) return this.#files[path];
    const folder = Object.keys(this.#files).find((folder) => folder.length > 1 && folder.endsWith("/") && path.startsWith(folder));
    return folder && readFile(new URL(path.slice(folder.length), this.#files[folder]));
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Opens a browser, has something done in it, and closes it, whatever came of it. */
export async function inBrowser(work) {
  const browser = await chromium.launch({
    executablePath: process.env.SEALDESK_CHROMIUM ?? "/usr/bin/chromium",
    // Root has no sandbox, and neither have most containers; the pages are our own.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    timeout: PATIENCE,
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** A visit of a site: `printed` is what its pages print, and `problems` what they do that they may not. */
export async function visit(browser, site) {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  const opened = await context.newPage();
  const visited = { page: opened, printed: [], problems: [] };
  opened.on("console", (line) => line.type() === "log" && visited.printed.push(line.text()));
  opened.on("pageerror", (error) => visited.problems.push(`${error}`));
  await opened.exposeBinding("violated", (_, what) => visited.problems.push(what));
  await opened.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      globalThis.violated(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  await opened.goto(`${site.origin}/`);
  return visited;
}

/** Says something to whoever runs this test, as a line of JSON. */
export const say = (value) => console.log(JSON.stringify(value, (_, one) => (typeof one === "bigint" ? Number(one) : one)));

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** What they say next; the test ends where they have gone. */
export async function hear() {
  const { value, done } = await lines.next();
  if (done) process.exit(1);
  return JSON.parse(value);
}
