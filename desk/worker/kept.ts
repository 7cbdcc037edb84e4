// The last proven answers to what the first pages ask, sealed in this browser: shown, with their time, where the desk does not answer. Nothing
// is decided by them: whoever sends, or looks what became of something, asks the desk.
import type { QueuePart } from "sealdesk/views";

import type { Api } from "./api.ts";
import type { Session } from "./session.ts";
import { store } from "./store.ts";

/** What is kept of an answer. */
export interface KeptAnswer {
  /** When it was proven, in milliseconds. */
  at: number;
  value: unknown;
}

export interface KeptApi {
  /** The last proven answer to this; null where this browser has none. */
  keptAnswer(method: keyof Api, args: unknown[]): Promise<KeptAnswer | null>;
}

/** Most answers that are kept; those that were proven longest ago go first. */
export const ANSWERS_MAX = 64;
/** Most letters of one. */
const LETTERS_MAX = 500_000;
/** Answers that come together are sealed together. */
const GATHER_MS = 1_000;
const PREFIX = "answer/";
/** When each was proven, sealed. */
const TIMES = "answers";

/** Documents that lists and the composer show. */
const DOCUMENTS = ["views", "replies", "macros"];

const isFirst = ([, cursor]: unknown[]) => Array.isArray(cursor) && cursor.length === 0;

/** What is kept, and of which questions. */
const KEPT: Partial<Record<keyof Api, (args: unknown[]) => boolean>> = {
  queueRole: () => true,
  strangeKeys: () => true,
  categories: () => true,
  inbox: () => true,
  read: () => true,
  queuePage: isFirst,
  document: ([shelf, name]) => shelf === "public" && name === "desk",
  readDocument: ([, name]) => DOCUMENTS.includes(String(name)),
};

/** Under what the answer to a question is kept; null where it is not. */
export function nameOf(method: keyof Api, args: unknown[]): string | null {
  return KEPT[method]?.(args) === true ? `${PREFIX}${[method, ...args.filter((arg) => typeof arg === "string")].join("/")}` : null;
}

/** A page of a list stands for all of it that is kept. */
const cut = (method: keyof Api, value: unknown): unknown => (method === "queuePage" ? { ...(value as QueuePart), next: [] } : value);

/** Which go, of these that are there, so that no more than `most` stay: those that nobody knows the time of, then the oldest. */
export function tooMany(names: readonly string[], times: Readonly<Record<string, number>>, most = ANSWERS_MAX): string[] {
  const oldestFirst = [...names].sort((one, other) => (times[one] ?? 0) - (times[other] ?? 0));
  return oldestFirst.slice(0, Math.max(0, names.length - most));
}

export interface Keeping extends KeptApi {
  /** Keeps an answer that was proven just now, soon. */
  keepAnswer(method: keyof Api, args: unknown[], value: unknown): void;
}

export function kept(session: Session): Keeping {
  let waiting = new Map<string, KeptAnswer>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  session.onLock(() => {
    clearTimeout(timer);
    timer = undefined;
    waiting = new Map();
  });

  async function save(): Promise<void> {
    const answers = waiting;
    waiting = new Map();
    const times = JSON.parse((await session.sealed(TIMES)) ?? "{}") as Record<string, number>;
    for (const [name, answer] of answers) {
      const text = JSON.stringify(answer);
      // What is too long is not there rather than of another time.
      await session.seal(name, text.length > LETTERS_MAX ? "" : text);
      times[name] = answer.at;
    }
    const names = await store.names(PREFIX);
    for (const name of tooMany(names, times)) {
      await session.seal(name, "");
      delete times[name];
    }
    const there = Object.entries(times).filter(([name]) => names.includes(name));
    await session.seal(TIMES, JSON.stringify(Object.fromEntries(there)));
  }

  return {
    async keptAnswer(method, args) {
      const name = nameOf(method, args);
      const text = name === null ? null : await session.sealed(name);
      return text === null ? null : (JSON.parse(text) as KeptAnswer);
    },
    keepAnswer(method, args, value) {
      const name = nameOf(method, args);
      if (name === null) return;
      waiting.set(name, { at: Date.now(), value: cut(method, value) });
      timer ??= setTimeout(() => {
        timer = undefined;
        // A browser that keeps no more shows less without a network.
        save().catch(() => undefined);
      }, GATHER_MS);
    },
  };
}
