// Which answers a customer has opened, kept sealed in this browser: their list says what is new, as their mail does.
import { useEffect, useSyncExternalStore } from "react";
import type { Ticket } from "sealdesk/views";

import type { Summary } from "../../worker/api.ts";
import { door } from "../door.ts";

/**
 * Of each ticket when its newest message was written, as it was open last, in milliseconds. Not how it began: answers share their greetings. Not their
 * count: notes of the team are counted, too.
 */
export type Opened = Readonly<Record<string, number>>;

/** Where this browser knows nothing of a ticket, what is older is no news. */
const FIRST_MS = 7 * 24 * 60 * 60_000;
/** One tab after the other adds to what is kept. */
const KEEPING = "sealdesk-answers";

/** Whether support spoke last in a ticket that goes on, and waits for nothing. */
export function isAnswered({ status }: Pick<Ticket, "status">, author: string | null | undefined, me: string): boolean {
  return author != null && author !== me && (status === "open" || status === "assigned" || status === "in_progress");
}

/** What is told of a ticket's newest message. */
export type Latest = Pick<Summary, "latestAuthor" | "lastSaid">;

const saidAt = ({ lastSaid }: Latest): number => (lastSaid === null ? 0 : Date.parse(lastSaid.at));

/** Whether somebody else spoke last, and the ticket was not open since. */
export function isNew({ ticket_id: id, updated_at }: Ticket, said: Latest, me: string, { opened, now }: { opened: Opened; now: number }): boolean {
  if (said.latestAuthor === null || said.latestAuthor === me) return false;
  const known = opened[id];
  return known === undefined ? Date.parse(updated_at ?? "") > now - FIRST_MS : saidAt(said) > known;
}

let opened: Opened = {};
let reading: Promise<void> | undefined;
const listeners = new Set<() => void>();

function set(next: Opened): void {
  opened = next;
  for (const listener of listeners) listener();
}

/** What is known of two sides: what was opened last. */
function together(one: Opened, other: Opened): Opened {
  const all = { ...one };
  for (const [id, at] of Object.entries(other)) all[id] = Math.max(at, all[id] ?? 0);
  return all;
}

/** What this browser keeps. Records once said how messages began, which is not known as a time any more. */
async function kept(): Promise<Opened> {
  const text = await door.kept("answers-seen");
  const known = text === null ? {} : (JSON.parse(text) as Record<string, unknown>);
  return Object.fromEntries(Object.entries(known).filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}

async function read(): Promise<void> {
  try {
    set(together(await kept(), opened));
  } catch {
    // It is read again with the next list or ticket.
    reading = undefined;
  }
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
  const at = saidAt(said);
  if ((opened[id] ?? -1) >= at) return;
  set({ ...opened, [id]: at });
  // Other tabs have kept theirs since this one has read. What cannot be read is not written over, and a browser that keeps nothing says it anew after a reload.
  await navigator.locks
    .request(KEEPING, async () => {
      set(together(await kept(), opened));
      await door.keep("answers-seen", JSON.stringify(opened));
    })
    .catch(() => undefined);
}
