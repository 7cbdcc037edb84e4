// The last proven answers to what the first pages ask, sealed in this browser: shown, with their time, where the desk does not answer. Nothing
// is decided by them: whoever sends, or looks what became of something, asks the desk.
import type { QueuePart } from "sealdesk/views";

import { decides, nameOf, PREFIX, tooMany } from "./answers.ts";
import type { Api } from "./api.ts";
import type { Session } from "./session.ts";
import { store } from "./store.ts";
import { idle } from "./turns.ts";

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

/** Most letters of one. */
const LETTERS_MAX = 500_000;
/** Answers that come together are sealed together. */
const GATHER_MS = 1_000;
/** When each was proven, sealed. */
const TIMES = "answers";

/** A page of a list stands for all of it that is kept. */
const cut = (method: keyof Api, value: unknown): unknown => (method === "queuePage" ? { ...(value as QueuePart), next: [] } : value);

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
    // What a person waits for comes first.
    await idle();
    const answers = waiting;
    waiting = new Map();
    const times = JSON.parse((await session.sealed(TIMES)) ?? "{}") as Record<string, number>;
    const records: [string, string][] = [];
    const there = new Set(await store.names(PREFIX));
    for (const [name, answer] of answers) {
      // Another tab was told something newer meanwhile.
      if ((times[name] ?? 0) > answer.at) continue;
      const text = JSON.stringify(answer);
      // What is too long is not there rather than of another time.
      const isKept = text.length <= LETTERS_MAX;
      records.push([name, isKept ? text : ""]);
      if (isKept) there.add(name);
      else there.delete(name);
      times[name] = answer.at;
    }
    for (const name of tooMany([...there], times)) {
      records.push([name, ""]);
      there.delete(name);
    }
    const known = Object.entries(times).filter(([name]) => there.has(name));
    await session.sealTogether([...records, [TIMES, JSON.stringify(Object.fromEntries(known))]]);
  }

  return {
    async keptAnswer(method, args) {
      const name = decides(method) && !session.isAway ? null : nameOf(method, args);
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
