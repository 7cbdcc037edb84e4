// Whether the desk can be reached, as far as this page knows: asked once something says that it may not be, and then until it answers. What is shown,
// and whether something may be sent, is said by this; what arrived is the ledger's word alone.
import { useSyncExternalStore } from "react";

import { answers } from "../../worker/away.ts";
import { client } from "../queries.ts";

/** How long until a desk that does not answer is asked again, in milliseconds. */
const AGAIN_MS = 5_000;

let isAway = false;
let isAsking = false;
/** When it was heard last, by the page's own clock. */
let heardAt = -1;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  if (!next) heardAt = performance.now();
  if (next === isAway) return;
  isAway = next;
  // What could not be shown is asked for again.
  if (!next) void client.invalidateQueries({ predicate: ({ state }) => state.status === "error" });
  for (const listener of listeners) listener();
}

/** The desk was heard. */
export const reached = (): void => set(false);

/** Asks whether the desk answers, until it does. */
export async function ask(): Promise<void> {
  if (isAsking) return;
  isAsking = true;
  do {
    const began = performance.now();
    const isThere = await answers();
    // It may have been heard in another way meanwhile.
    set(!isThere && heardAt < began);
    if (isAway) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  } while (isAway);
  isAsking = false;
}

/** The same where it was not heard for so many milliseconds. */
export const askIfQuiet = (ms: number): void => void (performance.now() - heardAt > ms && ask());

export const cannotReach = (): boolean => isAway;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the desk cannot be reached now. */
export const useAway = (): boolean => useSyncExternalStore(subscribe, cannotReach);
