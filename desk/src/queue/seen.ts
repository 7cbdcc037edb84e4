// Keeps what this person has seen: sealed in this browser at once, in every tab, and now and then in a document of their own on the ledger,
// which only they can open, so that their other devices know it.
import { useSyncExternalStore } from "react";

import type { Opened } from "../../worker/api.ts";
import { door } from "../door.ts";
import type { Line } from "./lines.ts";
import { firstMarks, heardAt, isUnread, type Look, mark, type Marks, marksOf, pruned, together } from "./marks.ts";

/** The document, and its one entry. */
const NAME = "read-marks";
const ENTRY = "marks";
/** How long after the last change marks go to the ledger. The ledger takes 60 writes an hour of all of somebody's documents. */
const REST_MS = 60_000;
/** And how often at most. */
const OFTEN_MS = 5 * 60_000;
/** How long after the last change they are kept here. */
const KEEP_MS = 300;

let marks: Marks = firstMarks(seconds());
let me = "";
let lines: ReadonlyMap<string, Line> = new Map();
let isDirty = false;
let lastWrite = 0;
let keeping: ReturnType<typeof setTimeout> | undefined;
let writing: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const tabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("sealdesk-marks");
if (tabs) tabs.onmessage = ({ data }: MessageEvent<unknown>) => merge(marksOf(data));

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function set(next: Marks): void {
  marks = next;
  for (const listener of listeners) listener();
}

function merge(other: Marks | null): void {
  if (other) set(together(marks, other));
}

/** Whether the ledger is written to: a wallet would ask the person for what they did not send. */
let isShared = true;

/** Reads what was kept here and on the ledger. */
export async function beginMarks({ address, hasWallet }: Opened): Promise<void> {
  if (me === address) return;
  me = address;
  isShared = !hasWallet;
  document.addEventListener("visibilitychange", () => {
    // Whoever turns away may go to another device.
    if (document.visibilityState === "hidden") void write();
    else void fetchMarks();
  });
  const kept = await door.kept("marks").catch(() => null);
  const here = kept === null ? null : marksOf(parsed(kept));
  if (here) set(here);
  await fetchMarks();
  if (!here) keepSoon();
}

/** What other devices wrote. A desk that does not answer is asked the next time. */
export async function fetchMarks(): Promise<void> {
  const found = await door.readDocument("own", NAME).catch(() => null);
  merge(marksOf(found?.entries[ENTRY]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function changed(next: Marks): void {
  if (next === marks) return;
  set(pruned(next, lines, me));
  isDirty = true;
  tabs?.postMessage(marks);
  keepSoon();
  clearTimeout(writing);
  writing = setTimeout(() => void write(), Math.max(REST_MS, lastWrite + OFTEN_MS - Date.now()));
}

function keepSoon(): void {
  clearTimeout(keeping);
  // A browser that keeps nothing forgets with a reload what was seen since the last time on the ledger.
  keeping = setTimeout(() => void door.keep("marks", JSON.stringify(marks)).catch(() => undefined), KEEP_MS);
}

/** One tab writes for all: each of them knows the same. */
async function write(): Promise<void> {
  if (!isDirty || !isShared || Date.now() - lastWrite < OFTEN_MS) return;
  await navigator.locks.request("sealdesk-marks", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    await fetchMarks();
    [isDirty, lastWrite] = [false, Date.now()];
    try {
      await door.editDocument("own", NAME, [{ name: ENTRY, value: marks }]);
    } catch {
      // With the next change it is tried again; nothing is lost here.
      isDirty = true;
    }
  });
}

/** Says that everything in a ticket was seen; what was marked unread only where it is `opened` now. */
export function seen(line: Line, opened: boolean): void {
  const heard = heardAt(line, me);
  if (!opened && marks.of[line.id]?.[0] === 0) return;
  if (heard === 0 && marks.of[line.id] === undefined) return;
  if (isUnread(line, marks, me)) changed(mark(marks, line.id, Math.max(heard, 1), seconds()));
}

export const lookAt = (line: Line): Look => ({ id: line.id, heard: heardAt(line, me) });

/** Marks tickets unread; or read, where all of them are unread. */
export function toggleUnread(chosen: readonly Line[]): void {
  const isRead = chosen.every((line) => isUnread(line, marks, me));
  changed(chosen.reduce((all, line) => mark(all, line.id, isRead ? Math.max(heardAt(line, me), 1) : 0, seconds()), marks));
}

/** The tickets that marks are about, so that what is unread stays so when older marks go. */
export function knowLines(known: ReadonlyMap<string, Line>): void {
  lines = known;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useMarks = (): Marks => useSyncExternalStore(subscribe, () => marks);
