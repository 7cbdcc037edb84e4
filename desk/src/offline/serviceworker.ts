// The page's service worker for all of the desk: where the node does not answer, or not within a few seconds, it gives the page as the node served
// it last. The network is asked first, always: what the node serves is what runs. It holds no key, keeps nothing, and touches nothing but the
// page's own files.
import { CACHE, INDEX, keptAs } from "./copy.ts";
import { given } from "./given.ts";

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Asking extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Window {
  readonly url: string;
  navigate(url: string): Promise<unknown>;
}

/** What this has of a service worker's globals, for which the page's types have no place. */
interface Scope {
  readonly location: { readonly origin: string };
  readonly registration: { readonly scope: string; readonly active: object | null; unregister(): Promise<boolean> };
  readonly clients: { claim(): Promise<void>; matchAll(which: { type: "window" }): Promise<Window[]> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", heard: (event: Lasting) => void): void;
  addEventListener(type: "fetch", heard: (event: Asking) => void): void;
}

const scope = self as unknown as Scope;
/** Whether another worker answered here before this one. */
let isSuccessor = false;

/** Longest that the network is waited for where there is a copy, in milliseconds; a page's other files follow one that was given from it. */
const PATIENCE_MS = 4_000;
const FOLLOWING_MS = 500;
/** For how long they do. */
const FOLLOW_FOR_MS = 30_000;
/** When the network last kept somebody waiting for a page in vain. */
let silentAt = Number.NEGATIVE_INFINITY;

async function answer(request: Request, name: string): Promise<Response> {
  const isPage = name === INDEX;
  const follows = !isPage && performance.now() - silentAt < FOLLOW_FOR_MS;
  const { answer, isLate } = await given({
    name,
    network: fetch(request).catch(() => null),
    kept: () => caches.match(name, { cacheName: CACHE, ignoreVary: true }),
    patience: follows ? FOLLOWING_MS : PATIENCE_MS,
  });
  if (isLate) silentAt = performance.now();
  else if (isPage) silentAt = Number.NEGATIVE_INFINITY;
  return answer;
}

async function begin(): Promise<void> {
  // Another page that once had this address may have registered this name for a part of the desk.
  if (new URL(scope.registration.scope).pathname !== "/") {
    await scope.registration.unregister();
    return leadAway();
  }
  // Whoever was here before may have been somebody else's, and may have left a copy of theirs, with a worker or without one. The page makes its
  // own anew.
  const hadCopy = await caches.delete(CACHE);
  await scope.clients.claim();
  // One of ours has a copy beside it.
  if (isSuccessor && !hadCopy) await leadAway();
}

/** Whatever else answered until now is not shown any longer. Nobody waits for that: it comes to this worker, which answers nothing before this is over. */
async function leadAway(): Promise<void> {
  for (const client of await scope.clients.matchAll({ type: "window" })) void client.navigate(client.url).catch(() => undefined);
}

scope.addEventListener("install", (event) => {
  isSuccessor = scope.registration.active !== null;
  event.waitUntil(scope.skipWaiting());
});
scope.addEventListener("activate", (event) => event.waitUntil(begin()));
scope.addEventListener("fetch", (event) => {
  const name = keptAs(event.request, scope.location.origin);
  if (name !== null) event.respondWith(answer(event.request, name));
});
