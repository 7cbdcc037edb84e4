// The page in a real Chromium, each person in a profile of their own. Whatever a page does that it may not (its policy, another origin, an
// error nobody caught) ends the test.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Longest that anything in a page may take, in milliseconds: the machine may be four times slower, and busy. */
const PATIENCE = Number(process.env.PATIENCE ?? 120_000);
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** A person at a browser. */
export class Person {
  /** What their pages did that they may not. */
  problems = [];
  #folder;
  #context;

  static async sit(origin, { name, viewport = { width: 1440, height: 900 }, locale = "en-GB", colorScheme = "light" }) {
    const person = new Person();
    person.name = name;
    person.origin = origin;
    person.#folder = await mkdtemp(join(tmpdir(), `sealdesk-${name}-`));
    person.#context = await chromium.launchPersistentContext(person.#folder, {
      executablePath: process.env.SEALDESK_CHROMIUM ?? "/usr/bin/chromium",
      // Root has no sandbox, and neither have most containers; the pages are our own.
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-component-update", "--disable-background-networking"],
      timeout: PATIENCE,
      viewport,
      locale,
      colorScheme,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    person.#context.setDefaultTimeout(PATIENCE);
    await person.#context.exposeBinding("violated", (_, what) => person.problems.push(`policy: ${what}`));
    await person.#context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        globalThis.violated(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    person.#context.on("request", (request) => {
      const url = new URL(request.url());
      if (!["blob:", "data:"].includes(url.protocol) && url.origin !== origin) person.problems.push(`asks ${url}`);
    });
    person.page = person.#context.pages()[0] ?? (await person.#context.newPage());
    person.#watch(person.page);
    // Whom something was sealed for anew is in front of people until they have read it.
    await person.page.addLocatorHandler(person.page.getByRole("button", { name: "I have read it" }), async (button) => {
      await person.picture(`${name}-readers-told`);
      await button.click();
    });
    person.#context.on("page", (page) => person.#watch(page));
    return person;
  }

  #watch(page) {
    page.on("pageerror", (error) => this.problems.push(`error: ${error.stack ?? error}`));
    page.on("console", (line) => {
      if (line.type() === "error" || line.type() === "warning") this.problems.push(`console: ${line.text()}`);
    });
  }

  async open(path = "/") {
    await this.page.goto(this.origin + path);
  }

  /** Another tab of the same browser. */
  async tab(path = "/") {
    const page = await this.#context.newPage();
    await page.goto(this.origin + path);
    return page;
  }

  button = (name) => this.page.getByRole("button", { name, exact: true });
  field = (name) => this.page.getByLabel(name, { exact: true });
  sees = (text) => this.page.getByText(text).filter({ visible: true }).first().waitFor();

  async choose(label, option) {
    await this.page.getByRole("button", { name: label }).click();
    await this.page.getByRole("option", { name: option, exact: true }).click();
  }

  /** What axe finds against WCAG 2.2 AA on what is shown now. */
  async axe(where) {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), WCAG);
    for (const { id, help, nodes } of found.violations) {
      this.problems.push(`axe on ${where}: ${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
    }
  }

  async picture(name) {
    const folder = process.env.SEALDESK_PICTURES;
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** Ends, and says where in the profile's files any of these texts stand. */
  async leave(secrets = []) {
    await this.#context.close();
    const found = [];
    for (const entry of await readdir(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      for (const secret of secrets) {
        for (const encoding of ["utf8", "utf16le"]) {
          if (bytes.includes(Buffer.from(secret, encoding))) found.push(`${secret} as ${encoding} in ${entry.name}`);
        }
      }
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    return found;
  }
}

export function expect(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
}
