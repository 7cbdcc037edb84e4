// What is shown where the desk does not answer: what this browser kept of its last proven answers, each with its time. What decides anything,
// such as whether a message arrived, asks the door itself.
import { useSyncExternalStore } from "react";

import type { Api } from "../../worker/api.ts";
import { door, DeskError } from "../door.ts";
import { lookAgain } from "../live.ts";
import { cannotReach, onReach, reached } from "./reach.ts";

/** Since when each is that is shown now, in milliseconds: a ticket by its number, a list by its name. */
let times: ReadonlyMap<string, number> = new Map();
const LIST = "list/";
const LISTS: readonly (keyof Api)[] = ["inbox", "queuePage"];
/**
 * How long until the desk is asked whether it answers again, while something is shown that was kept: longer each time that it does and holds
 * back a part, which is shown as it was kept then.
 */
const LOOK_MS = 5_000;
const LOOK_MS_MAX = 60_000;
/** How long somebody waits for a desk that cannot be reached, where there is something to show without it, in milliseconds. */
const AWAY_MS = 1_500;
/** For how long what comes after all is gathered, before all is asked for again. */
const GATHER_MS = 150;
let isLooking = false;
let found = { at: 0, pause: LOOK_MS };
const listeners = new Set<() => void>();

function set(name: string | null, at: number | null): void {
  if (name === null || (times.get(name) ?? null) === at) return;
  const next = new Map(times);
  if (at === null) next.delete(name);
  else next.set(name, at);
  tell(next);
}

function tell(next: ReadonlyMap<string, number>): void {
  times = next;
  for (const listener of listeners) listener();
}

function nameOf(method: keyof Api, [first]: unknown[]): string | null {
  if (LISTS.includes(method)) return `${LIST}${method}/${String(first)}`;
  return method === "read" ? String(first) : null;
}

/** Something is shown that was kept, of whatever age: once the desk answers, all of it is asked for again. */
async function look(): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  if (Date.now() - found.at > 2 * LOOK_MS_MAX) found = { at: 0, pause: LOOK_MS };
  const answers = () => door.categories().then(() => true, () => false);
  do await new Promise((resolve) => setTimeout(resolve, found.pause));
  while (!(await answers()));
  found = { at: Date.now(), pause: Math.min(2 * found.pause, LOOK_MS_MAX) };
  isLooking = false;
  reached();
  lookAgain();
}

let isSoon = false;

/** All is asked for again if something is shown that was kept, and the desk is there. */
function again(): void {
  if (isSoon) return;
  isSoon = true;
  setTimeout(() => {
    isSoon = false;
    if (times.size > 0 && !cannotReach()) lookAgain();
  }, GATHER_MS);
}

onReach(() => cannotReach() || again());

/** The last question of each name: what an earlier one is answered is not what is shown. */
const questions = new Map<string, object>();

/** Asks the desk. `isShown` says what of it is shown: of when it is, or null where the desk has just said it. */
function question<Method extends keyof Api>(method: Method, args: Parameters<Api[Method]>) {
  const name = nameOf(method, args);
  const question = {};
  if (name !== null) questions.set(name, question);
  const asked = (door[method] as (...args: unknown[]) => Promise<unknown>)(...args) as Promise<Awaited<ReturnType<Api[Method]>>>;
  asked.then(reached, () => undefined);
  const isShown = (at: number | null) => {
    if (name !== null && questions.get(name) === question) set(name, at);
  };
  return { asked, isShown };
}

/** Asks the desk, and nothing else; what was kept is shown no longer. */
export async function fresh<Method extends keyof Api>(method: Method, ...args: Parameters<Api[Method]>): Promise<Awaited<ReturnType<Api[Method]>>> {
  const { asked, isShown } = question(method, args);
  const value = await asked;
  isShown(null);
  return value;
}

/** Asks the desk; where it does not answer, gives what it answered last, if this browser kept that. */
export async function orKept<Method extends keyof Api>(method: Method, ...args: Parameters<Api[Method]>): Promise<Awaited<ReturnType<Api[Method]>>> {
  const { asked, isShown } = question(method, args);
  const late = () => new Promise<never>((_, reject) => setTimeout(() => reject(new DeskError({ message: "", away: true })), AWAY_MS));
  const said = (value: Awaited<ReturnType<Api[Method]>>) => (isShown(null), value);
  try {
    return said(await (cannotReach() ? Promise.race([asked, late()]) : asked));
  } catch (error) {
    if (!(error instanceof DeskError && error.away)) throw error;
    const kept = await door.keptAnswer(method, args);
    // Nothing else is there to show.
    if (kept === null) return said(await asked);
    isShown(kept.at);
    void look();
    // What comes after all is not what is shown: that is asked for again.
    asked.then(again, () => undefined);
    return kept.value as Awaited<ReturnType<Api[Method]>>;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** As of when what is shown was kept: a ticket that is open, or else the list that was proven longest ago; null where the desk answered. */
export function useKeptAt(ticket: string | undefined): number | null {
  const all = useSyncExternalStore(subscribe, () => times);
  const lists = [...all].filter(([name]) => name.startsWith(LIST)).map(([, at]) => at);
  return (ticket === undefined ? undefined : all.get(ticket)) ?? (lists.length > 0 ? Math.min(...lists) : null);
}
