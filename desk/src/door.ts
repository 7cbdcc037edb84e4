// The page's side of the worker: calls that look like functions, and errors that are errors.
import type { Answer, Api, Failure, Heard, Moves, Progress, Question, Waited, WalletAsked } from "../worker/api.ts";
import { ask as askDesk, moves } from "./offline/reach.ts";
import WorkerFile from "../worker/worker.ts?worker&url";

/** What the ledger refused, or what went wrong on the way. */
export class DeskError extends Error {
  readonly codespace: string | undefined;
  readonly code: number | undefined;
  readonly unanswered: boolean;
  /** The desk did not answer: nothing was changed, and nothing was contradicted. */
  readonly away: boolean;
  readonly txhash: string | undefined;
  /** What the node asks of a new account and did not get. */
  readonly admission: Failure["admission"];
  /** Why the account's wallet did not sign. */
  readonly wallet: Failure["wallet"];
  /** What went wrong in this browser, and what the node said of it. */
  readonly kind: Failure["kind"];
  readonly said: string | undefined;

  constructor({ message, codespace, code, unanswered, away, txhash, admission, wallet, kind, said }: Failure) {
    super(message);
    this.name = "DeskError";
    this.codespace = codespace;
    this.code = code;
    this.unanswered = unanswered ?? false;
    this.away = away ?? false;
    this.txhash = txhash;
    this.admission = admission;
    this.wallet = wallet;
    this.kind = kind;
    this.said = said;
  }
}

/** Whether the ledger refused because the sequence has passed that a transaction was signed with. */
export const hasPassed = (error: unknown): boolean => error instanceof DeskError && error.codespace === "sdk" && error.code === 32;

interface Policy {
  createScriptURL(url: string): string;
}

declare global {
  interface Window {
    trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy };
  }
}

/** The script that shows notices, which a browser starts when one comes. */
export const NOTICES = "/notices.js";
/** The script that gives the page where its node does not answer. */
export const OFFLINE = "/offline.js";

/** The scripts that this page starts, and the one policy by which it may. */
const createScriptURL = (url: string): string => {
  if (![WorkerFile, NOTICES, OFFLINE].includes(url)) throw new TypeError("this page starts no other script");
  return url;
};
const policy = window.trustedTypes?.createPolicy("sealdesk", { createScriptURL });

/** One of them, as a browser takes it. */
export const scriptUrl = (url: string): string => (policy ? policy.createScriptURL(url) : url);

const worker = new Worker(scriptUrl(WorkerFile), { type: "module", name: "sealdesk" });
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let last = 0;
/** Whether the worker has run. One that never did has sent nothing. */
let hasAnswered = false;

const followed = new Map<string, (done: number, of: number) => void>();
/** Who wants to hear what a change waits for. */
const waitHeard = new Set<(wait: Waited | null) => void>();

worker.onmessage = ({ data }: MessageEvent<Answer | Heard | Moves | Progress | WalletAsked>) => {
  if ("moves" in data) return moves();
  if ("progress" in data) return followed.get(data.progress)?.(data.done, data.of);
  if ("wait" in data) return waitHeard.forEach((heard) => heard(data.wait));
  if ("wallet" in data) return void askWallet(data.wallet);
  hasAnswered = true;
  const asked = waiting.get(data.id);
  waiting.delete(data.id);
  if ("failure" in data) {
    if (data.failure.away) void askDesk();
    asked?.reject(new DeskError(data.failure));
  }
  if ("value" in data) asked?.resolve(data.value);
};
// What was asked of a worker that broke may have been sent before: nobody knows, and so nobody sends it again without having looked.
worker.onerror = (event) => {
  const fault: Failure = event.message ? { message: event.message } : { message: "the page could not load all of itself: load it again", kind: "page_incomplete" };
  const error = new DeskError({ ...fault, unanswered: hasAnswered });
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
};

function ask(method: keyof Api, args: unknown[]): Promise<unknown> {
  const id = ++last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, method, args } satisfies Question);
  });
}

/** Few have a wallet: what asks it comes with the first question. */
async function askWallet({ id, asked, ...desk }: WalletAsked["wallet"]): Promise<void> {
  const wallet = await import("./wallet/keplr.ts").catch(() => null);
  await door.answerWallet(id, wallet ? await wallet.sign(desk, asked, () => door.stillAsks(id)) : { is: "absent" });
}

/** Hears how far something is, by the name that the worker tells it under. Gives what ends that. */
export function follow(progress: string, heard: (done: number, of: number) => void): () => void {
  followed.set(progress, heard);
  return () => {
    if (followed.get(progress) === heard) followed.delete(progress);
  };
}

/** Hears what changes wait for, until what is returned is called. */
export function onWait(heard: (wait: Waited | null) => void): () => void {
  waitHeard.add(heard);
  return () => waitHeard.delete(heard);
}

/** Ends the worker, and with it all that it holds: keys and opened text are gone with its memory. Nothing that was asked is answered after that. */
export const end = (): void => worker.terminate();

/** Everything that the worker does, by its name. */
export const door = new Proxy({} as Api, {
  get: (_, method) => (...args: unknown[]) => ask(method as keyof Api, args),
});
