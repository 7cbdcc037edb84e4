// Whether the node serves another page by now than the one that runs here. It is only looked at, and said: nothing is loaded by it. A node that lies
// about it gains nothing, since whoever loads the page anew is given what the node serves in any case.
import { useSyncExternalStore } from "react";

import { onLost } from "../kit/lost.ts";
import { INDEX_FILE } from "./parts.ts";
import { cannotReach, LIVE, onReach } from "./reach.ts";
import { isServed, served } from "./served.ts";

/** What the page says of itself: that there is a newer one, or that a part of it could not be loaded though there is none. */
export type Said = "newer" | "lost" | null;

/** Shortest time between two looks, in milliseconds, and the longest of a page that somebody sees. */
export const LEAST_MS = 20_000;
export const MOST_MS = 30 * 60_000;

let said: Said = null;
let hasLost = false;
/** The hash of the index with which this page is served: it names every file that the page begins with. */
let own: string | undefined;
let lookedAt = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function say(isNewer: boolean): void {
  const next = isNewer ? "newer" : hasLost ? "lost" : null;
  if (next === said) return;
  said = next;
  for (const listener of listeners) listener();
}

async function look(): Promise<void> {
  lookedAt = performance.now();
  // A node that does not answer, or has no page, says nothing of this one.
  const manifest = await served("no-cache").catch(() => null);
  const index = manifest?.files?.[INDEX_FILE];
  if (!manifest || index === undefined) return;
  if (isServed(manifest)) own ??= index;
  say(index !== own);
}

/** Looks as soon as it may, once however often it is asked for. */
function soon(): void {
  if (timer !== undefined || cannotReach() || document.visibilityState === "hidden") return;
  timer = setTimeout(() => {
    timer = undefined;
    void look();
  }, Math.max(0, lookedAt + LEAST_MS - performance.now()));
}

let isBegun = false;

/** Looks now; and from now on whenever the desk is there again, somebody comes back to this tab, or a part of the page cannot be had. */
export function begin(): void {
  if (isBegun) return;
  isBegun = true;
  onLost(() => {
    hasLost = true;
    say(said === "newer");
    soon();
  });
  onReach(soon);
  addEventListener("online", soon);
  document.addEventListener("visibilitychange", soon);
  // Who restarts a node is mostly who has renewed it.
  new BroadcastChannel(LIVE).onmessage = ({ data }: MessageEvent<{ kind?: string }>) => data.kind === "opened" && soon();
  setInterval(() => performance.now() - lookedAt >= MOST_MS && soon(), MOST_MS / 10);
  soon();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useNewer = (): Said => useSyncExternalStore(subscribe, () => said);
