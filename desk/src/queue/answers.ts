// Which answers a customer has opened, kept sealed in this browser: their list says what is new, as their mail does.
import { useEffect, useSyncExternalStore } from "react";
import type { Ticket } from "sealdesk/views";

import { door } from "../door.ts";

/** Of each ticket how the newest message began when it was open last. Not their count: notes of the team are counted, too. */
export type Opened = Readonly<Record<string, string>>;

/** Where this browser knows nothing of a ticket, what is older is no news. */
const FIRST_MS = 7 * 24 * 60 * 60_000;
/** Enough of a message to tell it from the one before. */
const LETTERS = 80;

/** Whether support spoke last in a ticket that goes on, and waits for nothing. */
export function isAnswered({ status }: Pick<Ticket, "status">, author: string | null | undefined, me: string): boolean {
  return author != null && author !== me && (status === "open" || status === "assigned" || status === "in_progress");
}

/** What is told of a ticket's newest message. */
export interface Latest {
  latest: string | null;
  latestAuthor: string | null;
}

const begun = ({ latest }: Latest): string => (latest ?? "").slice(0, LETTERS);

/** Whether somebody else spoke last, and the ticket was not open since. */
export function isNew({ ticket_id: id, updated_at }: Ticket, said: Latest, me: string, { opened, now }: { opened: Opened; now: number }): boolean {
  if (said.latestAuthor === null || said.latestAuthor === me) return false;
  const known = opened[id];
  return known === undefined ? Date.parse(updated_at ?? "") > now - FIRST_MS : begun(said) !== known;
}

let opened: Opened = {};
let reading: Promise<void> | undefined;
const listeners = new Set<() => void>();

function set(next: Opened): void {
  opened = next;
  for (const listener of listeners) listener();
}

async function read(): Promise<void> {
  const kept = await door.kept("answers-seen").catch(() => null);
  const before = kept === null ? {} : (JSON.parse(kept) as Opened);
  // What was opened meanwhile is newer.
  set({ ...before, ...opened });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAnswersOpened(): Opened {
  useEffect(() => void (reading ??= read()), []);
  return useSyncExternalStore(subscribe, () => opened);
}

/** Says that a ticket is open in front of somebody, with this as its newest message. */
export async function open(id: string, said: Latest): Promise<void> {
  await (reading ??= read());
  if (opened[id] === begun(said)) return;
  set({ ...opened, [id]: begun(said) });
  // A browser that keeps nothing says it anew after a reload.
  await door.keep("answers-seen", JSON.stringify(opened)).catch(() => undefined);
}
