// The half of a split key that the browser keeps in a cookie that no script can read, for ten minutes after the last use. All tabs of a
// browser share it: each keeps a half of its own that fits to it.
import { WorkerError } from "./workerError.ts";

const PATH = "/desk/share";
/** Two tabs that are unlocked at once must not keep a half each. */
const KEEPING = "sealdesk-share";
const SHARE_BYTES = 32;
/** Longest that the node is waited for. A fetch that hangs would hold the other tabs up. */
const NODE_MS = 5_000;
/** Longest that it is waited for by whoever signs out: the page ends this worker a second later, and the worker has something to write before. */
const LAST_MS = 4_000;
/** Longest that whoever leaves waits for a tab that keeps its half just now. */
const TURN_MS = 500;
/** Ends what is under way here when this tab locks: its answer would bring the cookie back. */
const leaving = new AbortController();

const until = (): AbortSignal => AbortSignal.any([leaving.signal, AbortSignal.timeout(NODE_MS)]);

/** Which half the tabs of this browser keep in the cookie: its digest, sealed in the vault. */
export interface Ours {
  known(): Promise<string | null>;
  know(digest: string): Promise<void>;
}

/**
 * Keeps a vault's half in the cookie, or fits to the one that another tab keeps there; the half that this tab keeps. A half that no tab of
 * ours brought is somebody's who knows it, and who would have the key with this tab's half: programs of this computer share its cookies.
 */
export function keep(shares: { here: Uint8Array; there: Uint8Array }, ours: Ours): Promise<Uint8Array> {
  return navigator.locks.request(KEEPING, async () => {
    const kept = await asked();
    if (kept && (await digestOf(kept)) === (await ours.known())) return fitted(shares, kept);
    await ours.know(await digestOf(shares.there));
    const answer = await fetch(PATH, { method: "PUT", body: shares.there as BufferSource, credentials: "same-origin", signal: until() });
    if (!answer.ok) throw new WorkerError("half_refused", "the desk did not keep its half");
    return shares.here;
  });
}

async function digestOf(half: Uint8Array): Promise<string> {
  return toText(new Uint8Array(await crypto.subtle.digest("SHA-256", half as BufferSource)));
}

/** The half that makes the same key with another half than the one that it was made with. */
export function fitted({ here, there }: { here: Uint8Array; there: Uint8Array }, kept: Uint8Array): Uint8Array {
  return here.map((byte, n) => byte ^ (there[n] ?? 0) ^ (kept[n] ?? 0));
}

/** The half, and its ten minutes begin again; null where they were over. */
export function take(): Promise<Uint8Array | null> {
  return navigator.locks.request(KEEPING, asked);
}

async function asked(): Promise<Uint8Array | null> {
  const answer = await fetch(PATH, { method: "POST", credentials: "same-origin", signal: until() });
  if (answer.status !== 200) return null;
  const share = new Uint8Array(await answer.arrayBuffer());
  return share.length === SHARE_BYTES ? share : null;
}

/** Has the browser forget the half. From here on this worker keeps none again. */
export function forget(): Promise<void> {
  // The page waits for it only shortly: the request outlives this worker, and so the browser hears the answer.
  return leave(() => fetch(PATH, { method: "DELETE", credentials: "same-origin", keepalive: true, signal: AbortSignal.timeout(NODE_MS) }));
}

/** Asks the node in turn after what keeps a half, so that no cookie comes back later. A tab that does not end it is not waited for. */
async function leave(ask: () => Promise<Response>): Promise<void> {
  leaving.abort();
  const turn = { signal: AbortSignal.timeout(TURN_MS) };
  let isAsked = false;
  const once = async () => {
    isAsked = true;
    await ask().catch(() => undefined);
  };
  await navigator.locks.request(KEEPING, turn, once).catch(() => (isAsked ? undefined : once()));
}

/** Has the browser remove what it keeps of this page, whatever the page itself forgot. */
export function signOut(): Promise<void> {
  // It ends with this worker: an answer that comes late would clear what the next person keeps.
  return leave(() => fetch("/desk/sign-out", { method: "POST", credentials: "same-origin", signal: AbortSignal.timeout(LAST_MS) }));
}

export const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

export function fromText(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return bytes.length === SHARE_BYTES ? bytes : null;
  } catch {
    return null;
  }
}
