// Fills the copy of the page from what the node serves now, and has the service worker registered that gives it. Called while the page rests,
// for people whose keys this browser keeps.
import { activated } from "../activated.ts";
import { OFFLINE, scriptUrl } from "../door.ts";
import { hasSignedOut } from "../session/session.tsx";
import { CACHE, INDEX } from "./copy.ts";
import { integrityOf, type Manifest, type Part, partsOf } from "./parts.ts";
import { isServed, served } from "./served.ts";

/** Tabs of one browser fill it one after the other. */
const FILLING = "sealdesk-page";
/** Longest that a file is waited for, in milliseconds: other tabs wait for that as well. */
const FILE_MS = 120_000;
/** Longest that a browser is waited for which begins with the service worker. */
const WORKER_MS = 120_000;
/** When it is tried again where the node did not answer; the pause doubles. */
const AGAIN_MS = 30_000;
const AGAIN_MS_MAX = 15 * 60_000;
/** Most bytes of all files: several times what a page has. */
const BYTES_MAX = 32 * 1024 * 1024;
/** What browsers obey of a file, and is kept with it. */
const HEADERS = [
  "content-type",
  "content-security-policy",
  "x-content-type-options",
  "referrer-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "permissions-policy",
];

async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}

/** Whether a kept file is what the manifest names, under the page's policy; and its bytes, which count. */
async function isWhole(kept: Response, { hash }: Part, policy: string): Promise<number | null> {
  if (kept.headers.get("content-security-policy") !== policy) return null;
  const bytes = await kept.arrayBuffer();
  return (await digestOf(bytes)) === integrityOf(hash) ? bytes.byteLength : null;
}

/** A file as the node serves it now. What a browser's own cache has is taken where it is right, and is mended where it is not. */
async function fetched({ name, hash }: Part, policy: string): Promise<Response> {
  const ask = async (cache: RequestCache) => {
    const headers = { accept: name === INDEX ? "text/html" : "*/*" };
    const answer = await fetch(name, { integrity: integrityOf(hash), headers, cache, signal: AbortSignal.timeout(FILE_MS) });
    if (!answer.ok || answer.headers.get("content-security-policy") !== policy) throw new Error(`${name} is not as the manifest has it`);
    return answer;
  };
  return ask("default").catch(() => ask("reload"));
}

async function fill(cache: Cache, manifest: Manifest): Promise<void> {
  const [parts, policy] = [partsOf(manifest), manifest.default_csp];
  let total = 0;
  for (const part of parts) {
    const kept = await cache.match(part.name, { ignoreVary: true });
    let size = kept ? await isWhole(kept, part, policy) : null;
    if (size === null) {
      const answer = await fetched(part, policy);
      const bytes = await answer.arrayBuffer();
      const headers = HEADERS.flatMap((name): [string, string][] => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value]];
      });
      // Whoever signed out meanwhile keeps nothing.
      if (hasSignedOut() || !(await caches.has(CACHE))) return;
      await cache.put(part.name, new Response(bytes, { headers }));
      size = bytes.byteLength;
    }
    total += size;
    if (total > BYTES_MAX) throw new Error("the page is too large to be kept");
  }
  // A page that is older than what is kept from now on goes on with what it came with: the next one removes that.
  if (!isServed(manifest)) return;
  const named = new Set(parts.map(({ name }) => name));
  for (const request of await cache.keys()) {
    if (!named.has(new URL(request.url).pathname)) await cache.delete(request, { ignoreVary: true });
  }
}

/** Once it answers for this page, whatever answered here before: a new one begins without a copy. */
async function working(): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.register(scriptUrl(OFFLINE), { scope: "/", updateViaCache: "none" });
  await registration.update();
  await activated(registration);
  return registration;
}

const tooLate = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error("the service worker does not begin")), WORKER_MS));

let isDone = false;

/** Keeps the page that the node serves now. What fails is tried again while this page is open; what is kept stays whole. */
export async function keep(): Promise<void> {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  for (let pause = AGAIN_MS; !isDone && !hasSignedOut(); pause = Math.min(2 * pause, AGAIN_MS_MAX)) {
    if (await once().then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function once(): Promise<void> {
  await navigator.locks.request(FILLING, async () => {
    const manifest = await served("no-store");
    const registration = await Promise.race([working(), tooLate()]);
    const cache = await caches.open(CACHE);
    await fill(cache, manifest);
    isDone = true;
    if (!hasSignedOut()) return;
    // Whoever signed out meanwhile has removed what was there then.
    await Promise.all([registration.unregister(), caches.delete(CACHE)]);
  });
}
