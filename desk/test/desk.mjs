// A desk of a test's own: the program `SEALDESK` in a new home, its node, and the same program asked by hand. What a page did is judged by
// what the program reads afterwards.
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROGRAM = process.env.SEALDESK ?? new URL("../../target/release/sealdesk", import.meta.url).pathname;
/** What `sealdesk start` prints last before it serves. */
const READY = "Ctrl-C";

/** Nodes end with the test that started them, however it ends. */
const running = new Set();
process.once("exit", () => running.forEach((node) => node.kill("SIGKILL")));
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(1));

export class Desk {
  #home;
  #node;
  #listen = process.env.SEALDESK_LISTEN ?? "127.0.0.1:0";

  /** A new desk that serves, with an administrator named `admin`. What its operator says in config.toml, where that is anything. */
  static async start(config) {
    const desk = new Desk();
    desk.#home = await mkdtemp(join(tmpdir(), "sealdesk-desk-"));
    if (config !== undefined) {
      await mkdir(join(desk.#home, ".sealdesk"), { mode: 0o700 });
      await writeFile(join(desk.#home, ".sealdesk/config.toml"), config);
    }
    await desk.run();
    const { identity, identity_words: words, chain_id: chainId } = await desk.ask("status");
    return Object.assign(desk, { identity, words, chainId });
  }

  get home() {
    return this.#home;
  }

  #env() {
    return { PATH: process.env.PATH, HOME: this.#home, SEALDESK_KEYRING_BACKEND: "test", SEALDESK_PATIENCE: "120", SEALDESK_LISTEN: this.#listen };
  }

  /** Starts the node, for the first time or again at the same address. */
  async run() {
    this.#node = spawn(PROGRAM, ["start"], { env: this.#env(), cwd: this.#home, stdio: ["ignore", "pipe", "inherit"] });
    const node = this.#node;
    running.add(node);
    node.once("exit", () => running.delete(node));
    let printed = "";
    await new Promise((resolve, reject) => {
      this.#node.stdout.setEncoding("utf8").on("data", (text) => {
        printed += text;
        if (printed.includes(READY)) resolve();
      });
      this.#node.once("exit", (code) => reject(new Error(`the node ended with ${code}:\n${printed}`)));
    });
    const url = /address +(http:\S+)/.exec(printed)[1];
    this.#listen = new URL(url).host;
    // A page that is served from elsewhere, while it is written.
    this.origin = process.env.SEALDESK_ORIGIN ?? url;
  }

  /** Ends the node without warning, as a power cut would. */
  async kill() {
    if (this.#node.exitCode !== null || this.#node.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#node.once("exit", resolve));
    this.#node.kill("SIGKILL");
    await gone;
  }

  /** What the program answers; it must succeed. */
  async ask(...args) {
    const { stdout } = await run(PROGRAM, [...args, "--output", "json"], { env: this.#env(), cwd: this.#home, maxBuffer: 1 << 28 });
    return JSON.parse(stdout);
  }

  /** Makes a key, or takes one in by its phrase. */
  async key(name, phrase) {
    if (phrase === undefined) return this.ask("keys", "add", name);
    const asked = run(PROGRAM, ["keys", "import", name, "--output", "json"], { env: this.#env(), cwd: this.#home });
    asked.child.stdin.end(`${phrase}\n`);
    return JSON.parse((await asked).stdout);
  }

  phrase = async (name) => (await this.ask("keys", "export", name, "--yes")).recovery_phrase;

  /** Limits that a script of many acts does not run into. */
  allowMuch = () =>
    this.ask("tx", "support", "update-params", "--from", "admin", "--max-tickets-per-customer-per-day", "1000",
      "--ticket-cooldown-seconds", "0", "--max-open-tickets-per-customer", "1000", "--max-responses-per-ticket", "1000");

  async end() {
    await this.kill();
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}
