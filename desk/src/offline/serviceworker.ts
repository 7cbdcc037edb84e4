// The page's service worker for all of the desk: where the node does not answer, or not within a few seconds, it gives the page as the node served
// it last. The network is asked first, always: what the node serves is what runs. It holds no key, keeps nothing, and touches nothing but the
// page's own files.
import { CACHE, INDEX, keptAs } from "./copy.ts";
import { given, Patience } from "./given.ts";

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

const patience = new Patience();

async function answer(request: Request, name: string): Promise<Response> {
  const over = new AbortController();
  // A browser says of a visit that it is one, and whose, only where it is asked for as it came.
  const network = name === INDEX ? fetch(request) : fetch(request, { signal: over.signal });
  const { answer, isLate } = await given({
    name,
    network: network.catch(() => null),
    kept: () => caches.match(name, { cacheName: CACHE, ignoreVary: true }),
    stop: () => over.abort(),
    patience: patience.of(name),
  });
  patience.gave(name, isLate);
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
