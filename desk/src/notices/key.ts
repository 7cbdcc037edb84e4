// What is plain about subscriptions: a key's bytes, and when one is made anew.
import type { ToldDevice } from "../../worker/notices.ts";

/** After so long a device is told of again, in milliseconds: a node forgets it after six times that. */
const AGAIN_MS = 30 * 24 * 3_600_000;

/** The bytes of a key in base64url. */
export function keyBytes(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** Whether what the node was told does not hold any more, or will not for long. */
export function isStale(told: ToldDevice, key: string, endpoint: string | undefined, now: number): boolean {
  return told.key !== key || told.endpoint !== endpoint || now - told.at > AGAIN_MS || now < told.at;
}
