// Sealed pieces of files between this browser and the node: brought until the node has them, and fetched.
import type { SealedPiece } from "sealdesk";

/** How often a piece is brought or fetched again from a node that is away or busy, and the first pause, which doubles. */
const TRIES = 6;
const PAUSE_MS = 250;
/** Longest that one piece may take, in milliseconds: 1 MiB over a slow line. */
const PIECE_MS = 120_000;
/** Largest sealed piece, in bytes: 2^20 and the seal. */
const PIECE_BYTES_MAX = 1_048_576 + 16;

const path = (name: string): string => `/blobs/${name}`;

/** An answer that no second attempt changes. */
class Final extends Error {}

async function words(answer: Response): Promise<string> {
  const problem = (await answer.json().catch(() => null)) as { detail?: unknown } | null;
  return typeof problem?.detail === "string" ? problem.detail.slice(0, 300) : `status ${answer.status}`;
}

async function again<T>(signal: AbortSignal, attempt: (limit: AbortSignal) => Promise<T>): Promise<T> {
  for (let tries = 1, pause = PAUSE_MS; ; tries++, pause *= 2) {
    signal.throwIfAborted();
    try {
      return await attempt(AbortSignal.any([signal, AbortSignal.timeout(PIECE_MS)]));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Final || tries >= TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Brings a piece. One that the node has already it takes again without harm. `sign` makes the header, which is good for all attempts. */
export async function bring(piece: SealedPiece, sign: (bytes: number) => Promise<string>, signal: AbortSignal): Promise<void> {
  const body = piece.takeBytes() as Uint8Array<ArrayBuffer>;
  // Once: where a wallet signs, each signature asks the person.
  const authorization = await sign(body.length);
  await again(signal, async (limit) => {
    const headers = { authorization, "content-type": "application/octet-stream" };
    const answer = await fetch(path(piece.name), { method: "PUT", headers, body, signal: limit, credentials: "same-origin" });
    if (answer.ok) return;
    const why = `the desk does not take the file: ${await words(answer)}`;
    const isFinal = answer.status >= 400 && answer.status < 500 && answer.status !== 408;
    throw isFinal ? new Final(why) : new Error(why);
  });
}

/** A piece; null where the node does not have it. What it is, its hash says, and not the node. */
export function fetched(name: string, signal: AbortSignal): Promise<Uint8Array | null> {
  return again(signal, async (limit) => {
    const answer = await fetch(path(name), { signal: limit, credentials: "same-origin" });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(`the desk does not give the file: ${await words(answer)}`);
    const length = Number(answer.headers.get("content-length") ?? 0);
    if (length > PIECE_BYTES_MAX) throw new Final("the desk gives something else than a piece of a file");
    return new Uint8Array(await answer.arrayBuffer());
  });
}
