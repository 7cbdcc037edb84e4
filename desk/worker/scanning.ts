// One scan at a time, in slices, so that the next letter overtakes it.
import { byNewest, type Entry, type Found, holds, isInSubject, shown, wordsOf } from "./scan.ts";

/** Longest that a scan goes on before it looks whether another overtook it, in milliseconds. */
const SLICE_MS = 8;
/** How many entries are looked at between two looks at the clock. */
const STEP = 256;
/** Most results that are shown. */
export const SHOWN_MAX = 50;

export interface Result {
  found: Found[];
  /** How many tickets have the words, shown or not. */
  count: number;
}

/** Lets other calls of the page in. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export class Scanner {
  #last = 0;

  /** What has all of the words; null where a later scan overtook this one. */
  async scan(entries: Iterable<Entry>, query: string): Promise<Result | null> {
    const mine = ++this.#last;
    const words = wordsOf(query);
    if (words.length === 0) return { found: [], count: 0 };
    const hits: Entry[] = [];
    let since = performance.now();
    let n = 0;
    for (const entry of entries) {
      if (holds(entry, words)) hits.push(entry);
      if (++n % STEP !== 0 || performance.now() - since < SLICE_MS) continue;
      await turn();
      if (mine !== this.#last) return null;
      since = performance.now();
    }
    hits.sort((one, other) => Number(isInSubject(other, words)) - Number(isInSubject(one, words)) || byNewest(one, other));
    return { found: hits.slice(0, SHOWN_MAX).map((entry) => shown(entry, words)), count: hits.length };
  }
}
