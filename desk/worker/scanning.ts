// One scan at a time, in slices, so that the next letter overtakes it.
import { byNewest, type Entry, type Found, holds, isInSubject, type Narrowing, narrowed, shown, wordsOf } from "./scan.ts";

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

/** The newest of these, without putting all of them in order. */
function newest(entries: Entry[], most: number): Entry[] {
  const kept: Entry[] = [];
  for (const entry of entries) {
    const last = kept[most - 1];
    if (last && byNewest(entry, last) >= 0) continue;
    let place = Math.min(kept.length, most - 1);
    for (let before = kept[place - 1]; before && byNewest(entry, before) < 0; before = kept[--place - 1]) kept[place] = before;
    kept[place] = entry;
  }
  return kept;
}

/** What is searched. `version` changes with what stands in it. */
export interface Searched {
  entries: ReadonlyMap<string, Entry>;
  version: number;
}

export class Scanner {
  #last = 0;
  /** Where the last scan found its words: who types on looks for them there alone. */
  #before: { words: string[]; version: number; hits: Entry[] } | undefined;

  /** What has all of the words and is as it was asked for; null where a later scan overtook this one. */
  async scan({ entries, version }: Searched, query: string, narrowing: Narrowing | null = null): Promise<Result | null> {
    const mine = ++this.#last;
    const words = wordsOf(query);
    if (words.length === 0 && narrowing === null) return { found: [], count: 0 };
    const fits = narrowing && narrowed(narrowing);
    const hits: Entry[] = [];
    let since = performance.now();
    let n = 0;
    for (const entry of (fits ? undefined : this.#within(words, version)) ?? entries.values()) {
      if ((fits === null || fits(entry)) && holds(entry, words)) hits.push(entry);
      if (++n % STEP !== 0 || performance.now() - since < SLICE_MS) continue;
      await turn();
      if (mine !== this.#last) return null;
      since = performance.now();
    }
    this.#before = fits ? undefined : { words, version, hits };
    const inSubject = newest(hits.filter((entry) => isInSubject(entry, words)), SHOWN_MAX);
    const others = inSubject.length < SHOWN_MAX ? newest(hits.filter((entry) => !isInSubject(entry, words)), SHOWN_MAX - inSubject.length) : [];
    return { found: [...inSubject, ...others].map((entry) => shown(entry, words)), count: hits.length };
  }

  /** Forgets what was found. */
  wipe(): void {
    this.#before = undefined;
  }

  #within(words: string[], version: number): Entry[] | undefined {
    const before = this.#before;
    if (before?.version !== version) return undefined;
    return before.words.every((old) => words.some((word) => word.includes(old))) ? before.hits : undefined;
  }
}
