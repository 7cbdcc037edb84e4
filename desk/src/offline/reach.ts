// Whether the desk can be reached, as far as this page knows: asked once something says that it may not be, and then until it answers. What is shown,
// and whether something may be sent, is said by this; what arrived is the ledger's word alone.
import { useSyncExternalStore } from "react";

import { answers } from "../../worker/away.ts";
import { client } from "../queries.ts";

/** On which tabs tell each other what the desk says. */
export const LIVE = "sealdesk-live";
/** How long until a desk that does not answer is asked again, in milliseconds. */
const AGAIN_MS = 5_000;

let isAway = false;
let isAsking = false;
/** When it was heard last, and when somebody last had no answer, by the page's own clock. */
let heardAt = -1;
let brokeAt = -1;
/** Ends the pause between two questions. */
let wake: () => void = () => undefined;
/** When what could not be shown was last asked for again, or will be. */
let triedAt = Number.NEGATIVE_INFINITY;
const listeners = new Set<() => void>();

function set(next: boolean): void {
  if (!next) heardAt = performance.now();
  if (next === isAway) return;
  isAway = next;
  if (!next) tryAgain();
  for (const listener of listeners) listener();
}

/** What could not be shown is asked for again; never at once where that was just done, since the desk may answer to one thing and not to another. */
function tryAgain(): void {
  const now = performance.now();
  if (triedAt > now) return;
  const wait = Math.max(0, triedAt + AGAIN_MS - now);
  triedAt = now + wait;
  const again = () => void client.invalidateQueries({ predicate: ({ state }) => state.status === "error" });
  if (wait === 0) again();
  else setTimeout(again, wait);
}

/** The desk was heard: whatever it said. */
export function reached(): void {
  set(false);
  wake();
}

/** A piece of a file goes on. A question that waits behind it for too long says nothing; but what leaves a browser reaches nobody by that alone. */
export function moves(): void {
  if (!isAway) heardAt = performance.now();
}

/** Something had no answer: asks whether the desk answers, until it does. */
export async function ask(): Promise<void> {
  brokeAt = performance.now();
  if (isAsking) return;
  isAsking = true;
  for (;;) {
    const began = performance.now();
    const isThere = await answers();
    // It may have been heard in another way meanwhile, and something may have had no answer after that.
    if (isThere || heardAt < began) set(!isThere);
    else if (brokeAt > heardAt) continue;
    if (isAway) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, AGAIN_MS);
      });
    }
    if (!isAway) break;
  }
  isAsking = false;
  tryAgain();
}

/** The same where it was not heard for so many milliseconds. */
export const askIfQuiet = (ms: number): void => void (performance.now() - heardAt > ms && ask());

export const cannotReach = (): boolean => isAway;

/** Hears when that changes, until what is returned is called. */
export function onReach(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the desk cannot be reached now. */
export const useAway = (): boolean => useSyncExternalStore(onReach, cannotReach);
