// The page in a real Chromium, each person in a profile of their own. Whatever a page does that it may not ends the test: something that its
// policy forbids, a request to another origin or one that fails, a dialog, an error that nobody caught, in the page or in its worker.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

import { speak } from "./pseudo.mjs";

/** Longest that anything in a page may take, in milliseconds: the machine may be four times slower, and busy. */
export const PATIENCE = Number(process.env.PATIENCE ?? 120_000);
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LAUNCH = {
  executablePath: process.env.SEALDESK_CHROMIUM ?? "/usr/bin/chromium",
  // Root has no sandbox, and neither have most containers; the pages are our own.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-component-update", "--disable-background-networking"],
  timeout: PATIENCE,
};

/** What a page that is left, or whose node was killed, says of what it had asked. */
const LEFT = "net::ERR_ABORTED";

/** What a browser says of a node that is not there. */
const OUT_OF_REACH = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;

/** Takes away what tells people whom something was sealed for anew. */
const READ_IT = "I have read it";

/** One browser for many people, each in a context that shares nothing with the others and leaves nothing on a disk. */
export const manyPeople = () => chromium.launch(LAUNCH);

/** Goes elsewhere once nothing would be lost by it: while something is being sent the page asks whoever leaves, and they stay. */
export async function leaves(page, to) {
  const asks = () => page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
  await until("nothing is being sent", async () => !(await asks()));
  await to();
}

/** A page, and what a person does in it. */
export class Tab {
  constructor(page) {
    this.page = page;
  }

  button = (name) => this.page.getByRole("button", { name, exact: true });
  field = (name) => this.page.getByLabel(name, { exact: true });
  sees = (text) => this.page.getByText(text).filter({ visible: true }).first().waitFor();

  /** Whether this person has no pointer: whatever they press they reach by keys. */
  isKeyboardOnly = false;

  /** Presses what is named: by the pointer, or by Tab and Enter. */
  /** Closes a list that opens by itself, without a choice. */
  async shut() {
    const list = this.page.getByRole("listbox");
    await list.waitFor();
    await this.page.keyboard.press("Escape");
    await list.waitFor({ state: "detached" });
  }
  /** Leaves a dialog, and whatever list stands open over it. */
  async escape() {
    const dialog = this.page.locator(".dialog");
    await until("the dialog is gone", async () => {
      if ((await dialog.count()) === 0) return true;
      await this.page.keyboard.press("Escape");
      return dialog.waitFor({ state: "detached", timeout: 1_000 }).then(() => true, () => false);
    });
  }
  async press(locator) {
    if (!this.isKeyboardOnly) return locator.click();
    await this.#reach(locator, "Tab");
    await this.page.keyboard.press("Enter");
  }

  /** Types into a field, in the place of what stands in it. */
  async put(label, text) {
    const field = this.field(label);
    if (!this.isKeyboardOnly) return field.fill(text);
    await this.#reach(field, "Tab");
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(text);
  }

  /** Does something with a ticket: by its button, or out of the menu that has what few do on a phone. */
  async act(name) {
    const [button, more] = [this.button(name), this.button("More")];
    await button.or(more).first().waitFor();
    if ((await button.count()) > 0) return this.press(button);
    await this.press(more);
    return this.press(this.page.getByRole("menuitem", { name, exact: true }));
  }

  async choose(label, option) {
    await this.press(this.page.getByRole("button", { name: label }));
    await this.pick(option);
  }
  /** Chooses from a list that is open, or opens by itself with its dialog. */
  async pick(option) {
    const choice = this.page.getByRole("option", typeof option === "string" ? { name: option, exact: true } : { name: option });
    if (!this.isKeyboardOnly) return choice.click();
    await this.#reach(choice, "ArrowDown");
    await this.page.keyboard.press("Enter");
  }

  /** Moves the focus by a key, as far as whoever sees it would go before they give up. */
  async #reach(locator, key) {
    await locator.waitFor();
    for (let steps = 0; steps < 120; steps++) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`no ${key} leads to ${locator}`);
  }

  /** Loads the page again. */
  reload = () => leaves(this.page, () => this.page.reload());

  async picture(name) {
    const folder = process.env.SEALDESK_PICTURES;
    if (folder) await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** The same on a phone and on a desk, by day and by night. */
  async pictures(name) {
    if (!process.env.SEALDESK_PICTURES) return;
    const before = this.page.viewportSize();
    for (const width of [360, 1440]) {
      for (const colorScheme of ["light", "dark"]) {
        await this.page.setViewportSize({ width, height: 860 });
        await this.page.emulateMedia({ colorScheme });
        // Colours move for a moment.
        await this.page.waitForTimeout(400);
        await this.picture(`${name}-${width}-${colorScheme}`);
      }
    }
    await this.page.emulateMedia({ colorScheme: null });
    await this.page.setViewportSize(before);
  }

  /** The process that draws this tab ends, as it does where a computer has no memory left. */
  async crash() {
    const gone = this.page.waitForEvent("crash");
    const session = await this.page.context().newCDPSession(this.page);
    void session.send("Page.crash").catch(() => undefined);
    await gone;
    await this.page.close();
  }
}

/** A person at a browser. */
export class Person extends Tab {
  /** What their pages did that they may not. */
  problems = [];
  #folder;
  #context;
  #options;
  #expected = [];

  /**
   * `browser` is one that several people share; without it they have one of their own, whose profile is on the disk. What else a browser's
   * context can have is Playwright's.
   */
  static async sit(origin, { name, viewport = { width: 1440, height: 900 }, locale = "en-GB", colorScheme = "light", browser, isKeyboardOnly = false, ...more }) {
    const person = new Person();
    person.name = name;
    person.isKeyboardOnly = isKeyboardOnly;
    person.origin = origin;
    person.#options = { viewport, locale, colorScheme, permissions: ["clipboard-read", "clipboard-write"], ...more };
    if (!browser) person.#folder = await mkdtemp(join(tmpdir(), `sealdesk-${name}-`));
    await person.#begin(browser);
    return person;
  }

  async #begin(browser) {
    this.#context = browser
      ? await browser.newContext(this.#options)
      : await chromium.launchPersistentContext(this.#folder, { ...LAUNCH, ...this.#options });
    const context = this.#context;
    context.setDefaultTimeout(PATIENCE);
    await context.exposeBinding("violated", (_, what) => this.#wrong(what));
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        globalThis.violated(`policy: ${event.effectiveDirective}: ${event.blockedURI} ${event.sample} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (!["blob:", "data:"].includes(url.protocol) && url.origin !== this.origin) this.#wrong(`asks ${url}`);
    });
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      if (why !== LEFT) this.#wrong(`failed: ${request.url()}: ${why}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) this.#wrong(`failed: ${response.url()}: ${response.status()}`);
    });
    context.on("dialog", (dialog) => {
      this.#wrong(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on("page", (page) => this.#watch(page));
    this.page = context.pages()[0] ?? (await context.newPage());
    if (this.#folder) this.#watch(this.page);
    await this.#reads(this.page);
  }

  /** Whom something was sealed for anew stands in a corner until people have read it. Whoever has a pointer does so at once; nobody has to. */
  async #reads(page) {
    if (this.isKeyboardOnly) return;
    const told = async (button) => {
      await this.picture(`${this.name}-readers-told`);
      // Where two acts wait at once, the other one may have pressed it.
      await button.click({ timeout: 2_000 }).catch(() => undefined);
    };
    await page.addLocatorHandler(page.getByRole("button", { name: READ_IT }), told, { noWaitAfter: true });
  }

  #watch(page) {
    // Playwright reports here what nobody caught in the page's workers, too.
    page.on("pageerror", (error) => this.#wrong(`error: ${error?.stack ?? error}`));
    page.on("console", (line) => {
      if (line.type() === "error" || line.type() === "warning") this.#wrong(`console: ${line.text()} ${line.location().url}`);
    });
  }

  #wrong(what) {
    if (!this.#expected.some((pattern) => pattern.test(what))) this.problems.push(what);
  }

  /** Does something of which a test knows that it goes wrong: problems of that kind are none until the work is over. */
  async expecting(pattern, work) {
    this.#expected.push(pattern);
    try {
      return await work();
    } finally {
      this.#expected.splice(this.#expected.indexOf(pattern), 1);
    }
  }

  async open(path = "/") {
    await leaves(this.page, () => this.page.goto(this.origin + path));
  }

  #hasPointed = false;

  /** From the next page on: whatever gets the focus by Tab has to show it where it can be seen, and a pointer that is used is noticed. */
  async watchFocus() {
    await this.#context.exposeBinding("pointed", () => (this.#hasPointed = true));
    await this.#context.addInitScript(() => {
      let isTab = false;
      addEventListener("pointerdown", (event) => event.isTrusted && event.pointerType === "mouse" && globalThis.pointed(), true);
      addEventListener("keydown", (event) => (isTab = event.key === "Tab"), true);
      const isRinged = (element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== "none" && outlineWidth !== "0px";
      };
      const marks = (element) => isRinged(element) || getComputedStyle(element).boxShadow !== "none";
      const around = (element) => (element.parentElement ? [element.parentElement, ...around(element.parentElement)] : []);
      addEventListener("focusin", ({ target }) => {
        if (!isTab) return;
        const look = (isLast) => {
          // A page that is being left is hidden, and shows nothing.
          if (document.activeElement !== target || target === document.body || document.documentElement.hidden) return;
          const { left, top, width, height } = target.getBoundingClientRect();
          const name = `${target.localName}.${target.className} ${(target.ariaLabel ?? target.textContent ?? "").slice(0, 40)}`;
          // What is hidden for the eye has its mark on what stands for it.
          const shown = [target, target.parentElement, target.closest("label")].some((element) => element && marks(element));
          if (document.querySelector(".frame") && scrollY !== 0) globalThis.violated(`focus: it scrolls the whole page by ${scrollY} on ${name}`);
          if (isRinged(target) && around(target).some(isRinged)) globalThis.violated(`focus: two rings show it on ${name}`);
          const isSeen = left + width > 0 && top + height > 0 && left < innerWidth && top < innerHeight;
          if (shown && isSeen) return;
          // A machine with other work may not have moved there yet.
          if (!isLast) setTimeout(look, 1_000, true);
          else globalThis.violated(`focus: ${shown ? "it is out of sight" : "it does not show"} on ${name}`);
        };
        setTimeout(look, 60, false);
      });
    });
  }

  /** Goes through a page by Tab: the page itself stays where it is, and only what is in it is scrolled. */
  async walk(where, steps = 60) {
    const { page } = this;
    for (let step = 0; step < steps; step++) {
      await page.keyboard.press("Tab");
      const moved = await page.evaluate(() => Math.max(scrollY, document.body.scrollTop));
      if (moved === 0) continue;
      const at = await page.evaluate(() => document.activeElement?.closest("label, .field, button, a")?.textContent?.slice(0, 40));
      this.problems.push(`${where}: the focus on “${at}” scrolls the whole page by ${moved}`);
      break;
    }
    await page.evaluate(() => document.activeElement?.blur());
  }

  /** Whether a mouse was used. */
  hasPointed = () => this.#hasPointed;

  /** Another tab of the same browser. */
  async tab(path = "/") {
    const page = await this.#context.newPage();
    await this.#reads(page);
    // Whoever comes while the node is being started again tries again, as everybody does.
    await until("the desk answers", () => page.goto(this.origin + path).then(() => true, (error) => OUT_OF_REACH.test(error.message) ? false : Promise.reject(error)));
    return page;
  }

  /** A new tab in the place of one that has crashed. */
  async sitAgain(path = "/") {
    this.page = await this.tab(path);
  }

  /** From here on the page speaks a language of pseudo.mjs. */
  async speak(language) {
    await speak(this.#context, language);
    await this.reload();
  }

  /** The cable is out, or in again. */
  offline = (isOut) => this.#context.setOffline(isOut);

  /** Speaks to the browser's own tools about a page. */
  tools = (page = this.page) => this.#context.newCDPSession(page);

  /** The browser throws away what it keeps for this origin, as it may when a disk is full. */
  async evict() {
    const session = await this.tools();
    await session.send("Storage.clearDataForOrigin", { origin: this.origin, storageTypes: "all" });
    await session.detach();
  }

  /** The browser ends as by a power cut. What is on the disk is all that the next one has. */
  async kill() {
    const gone = new Promise((resolve) => this.#context.once("close", resolve));
    process.kill(await browserOf(this.#folder), "SIGKILL");
    await gone;
  }

  /** A browser over the profile that `kill` or `quit` left. */
  restart = () => this.#begin();

  async quit() {
    await this.#context.close();
  }

  /** What all of their tabs show when a test has failed. */
  async last() {
    console.error(this.name, this.problems);
    for (const [n, page] of this.#context.pages().entries()) {
      const text = await page.locator("body").innerText({ timeout: 1_000 }).catch((error) => `${error}`);
      console.error(`${this.name}, tab ${n}, ${page.url()}:\n${text.replace(/\n+/g, " | ").slice(0, 1_500)}`);
      const folder = process.env.SEALDESK_PICTURES;
      if (folder) await page.screenshot({ path: join(folder, `${this.name}-failed-${n}.png`) }).catch(() => undefined);
    }
  }

  /** What axe finds against WCAG 2.2 AA on what is shown now. */
  async axe(where, page = this.page) {
    await page.evaluate(AXE);
    // What React Aria says to screen readers names the button by reference, and stays some seconds longer than the button does.
    const found = await page.evaluate((tags) => globalThis.axe.run({ exclude: ["[data-live-announcer]"] }, { runOnly: tags }), WCAG);
    for (const { id, help, nodes } of found.violations) {
      this.problems.push(`axe on ${where}: ${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
    }
  }

  /** What cannot be read while a pointer is on it, of all the buttons that are seen. */
  async hovers(where) {
    const { page } = this;
    await page.evaluate(AXE);
    for (const button of await page.locator(".button").filter({ visible: true }).all()) {
      // What lies below something else has no pointer on it.
      if (!(await button.hover({ timeout: 1_000 }).then(() => true, () => false))) continue;
      const found = await button.evaluate((element) => globalThis.axe.run(element, { runOnly: ["color-contrast"] }));
      for (const { nodes } of found.violations) this.problems.push(`${where}, below the pointer: ${nodes.map((node) => `${node.html.slice(0, 120)}: ${node.any[0]?.message}`).join(" | ")}`);
    }
    await page.mouse.move(0, 0);
  }

  /** Ends, and says where in the profile's files any of these texts stand. */
  async leave(secrets = []) {
    await this.#context.close();
    return this.#folder ? this.#search(secrets) : [];
  }

  async #search(secrets) {
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

/** The process of the browser that has this profile. */
async function browserOf(folder) {
  for (const id of await readdir("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    const words = (await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (words.includes(`--user-data-dir=${folder}`) && !words.some((word) => word.startsWith("--type="))) return Number(id);
  }
  throw new Error(`no browser has the profile ${folder}`);
}

export function expect(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
}

/** Asks again until it holds. For what no page shows; what it shows is waited for by its locator. */
export async function until(what, holds) {
  const end = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Plays a test. Where it fails, the last picture of everybody and what their pages did wrong are shown. */
export async function play(people, script) {
  try {
    await script();
    const problems = people.flatMap((person) => person.problems.map((problem) => `${person.name}: ${problem}`));
    expect(problems.length === 0, problems.join("\n"));
  } catch (error) {
    for (const person of people) {
      await person.last();
    }
    console.error(error);
    process.exit(1);
  }
}
