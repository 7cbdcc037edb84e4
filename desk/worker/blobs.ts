// Sealed pieces of files between this browser and the node: brought until the node has them, and fetched. A piece may take as long as its line
// does; what counts is that it moves.
import type { SealedPiece } from "sealdesk";

import { Away } from "./away.ts";
import { tellMoves } from "./progress.ts";
import { WorkerError } from "./workerError.ts";

/** How often a piece is brought or fetched again from a node that is away or busy, and the first pause, which doubles. */
const TRIES = 6;
const PAUSE_MS = 250;
/** Longest that nothing of a piece moves, in milliseconds; the second time the desk does not answer. */
const SILENT_MS = 30_000;
const SILENCES_MAX = 2;
/**
 * Longest that the answer is waited for once all of a piece has left this browser. Something on the way may have taken it at once, and brings it to
 * the node as fast as its own line does.
 */
const ANSWER_MS = 120_000;
/** How often the page is told that one goes on, in milliseconds. */
const TOLD_MS = 1_000;
/** Largest sealed piece, in bytes: 2^20 and the seal. */
const PIECE_BYTES_MAX = 1_048_576 + 16;

const path = (name: string): string => `/blobs/${name}`;

/** An answer that no second attempt changes. */
class Final extends WorkerError {}

/** What the node says of a piece that it does not take or give. */
function words(status: number, text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === "string") return detail.slice(0, 300);
  } catch {
    // A proxy's own page.
  }
  return `status ${status}`;
}

/** One way of a piece: over once nothing has moved for a while. */
interface Way {
  over: AbortSignal;
  /** Something moved, and more has to within so many milliseconds. */
  moved(within?: number): void;
}

async function again<T>(signal: AbortSignal, attempt: (way: Way) => Promise<T>): Promise<T> {
  for (let tries = 1, silences = 0, pause = PAUSE_MS; ; tries++, pause *= 2) {
    signal.throwIfAborted();
    const silent = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (within = SILENT_MS) => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(new Away()), within);
    };
    let toldAt = Number.NEGATIVE_INFINITY;
    const moved = (within?: number) => {
      if (performance.now() - toldAt > TOLD_MS) {
        toldAt = performance.now();
        tellMoves();
      }
      wait(within);
    };
    wait();
    try {
      return await attempt({ over: AbortSignal.any([signal, silent.signal]), moved });
    } catch (error) {
      signal.throwIfAborted();
      if (silent.signal.aborted && ++silences >= SILENCES_MAX) throw new Away();
      // No answer at all is what a browser calls an error of types.
      if (error instanceof Final || tries >= TRIES) throw error instanceof TypeError ? new Away() : error;
    } finally {
      clearTimeout(timer);
    }
    await rest(pause, signal);
  }
}

/** A pause, which is over where somebody stops. */
async function rest(pause: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, pause);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { signal: over.signal });
  });
  over.abort();
}

/** Sends a piece. A `fetch` would not say how far it is. */
function sent(name: string, authorization: string, body: Uint8Array<ArrayBuffer>, { over, moved }: Way): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => {
      request.abort();
      reject(over.reason as Error);
    };
    request.open("PUT", path(name));
    request.setRequestHeader("authorization", authorization);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = () => moved();
    request.upload.onload = () => moved(ANSWER_MS);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new TypeError());
    request.onloadend = () => over.removeEventListener("abort", stop);
    over.addEventListener("abort", stop);
    request.send(body);
  });
}

/** Brings a piece. One that the node has already it takes again without harm. `sign` makes the header, which is good for all attempts. */
export async function bring(piece: SealedPiece, sign: (bytes: number) => Promise<string>, signal: AbortSignal): Promise<void> {
  const body = piece.takeBytes() as Uint8Array<ArrayBuffer>;
  // Once: where a wallet signs, each signature asks the person.
  const authorization = await sign(body.length);
  await again(signal, async (way) => {
    const { status, text } = await sent(piece.name, authorization, body, way);
    if (status >= 200 && status < 300) return;
    const isFinal = status >= 400 && status < 500 && status !== 408;
    throw new (isFinal ? Final : WorkerError)("piece_refused", "the desk does not take the file", words(status, text));
  });
}

/** A piece; null where the node does not have it. What it is, its hash says, and not the node. */
export function fetched(name: string, signal: AbortSignal): Promise<Uint8Array | null> {
  return again(signal, async ({ over, moved }) => {
    const answer = await fetch(path(name), { signal: over, credentials: "same-origin" });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new WorkerError("piece_withheld", "the desk does not give the file", words(answer.status, await answer.text()));
    const reader = answer.body?.getReader();
    const bytes = new Uint8Array(PIECE_BYTES_MAX);
    let length = 0;
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      moved();
      if (length + part.value.length > PIECE_BYTES_MAX) {
        await reader?.cancel();
        throw new Final("piece_wrong", "the desk gives something else than a piece of a file");
      }
      bytes.set(part.value, length);
      length += part.value.length;
    }
    return bytes.slice(0, length);
  });
}
