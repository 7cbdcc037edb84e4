// What stands in for what markdown-it imports, by vite.config.ts: a browser has most of it by itself, and the rest is a third of its bytes.

/** Addresses of the web as people type them, up to what can be no part of one: blanks, quotes, brackets, and letters that were taken out. */
const ADDRESS = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>"`|\ufffd\u3001\u3002\uff08\uff09\uff0c]+/giu;
const ADDRESS_HERE = new RegExp(ADDRESS.source, "iuy");
/** What ends the sentence around an address, and not the address. */
const ENDS = /[.,;:!?'"*_~\p{Pf}\p{Pi}\p{Ps}\p{Pe}…]$/u;

/** An address without what stands behind it. A bracket belongs to it where it opened there, too. */
function trimmed(found: string): string {
  const open = { ")": 0, "]": 0, "}": 0 } as Record<string, number>;
  const opens: Record<string, string> = { "(": ")", "[": "]", "{": "}" };
  for (const letter of found) {
    if (opens[letter] !== undefined) open[opens[letter]]! += 1;
    else if (open[letter] !== undefined) open[letter]! -= 1;
  }
  let end = found.length;
  while (end > 0 && ENDS.test(found.slice(end - 1, end))) {
    const last = found[end - 1] as string;
    if (open[last] !== undefined) {
      if (open[last] >= 0) break;
      open[last]! += 1;
    } else if (opens[last] !== undefined) open[opens[last]]! -= 1;
    end--;
  }
  return found.slice(0, end);
}

interface Found {
  index: number;
  lastIndex: number;
  schema: string;
  url: string;
  text: string;
}

function foundAt(index: number, whole: string): Found[] {
  const url = trimmed(whole);
  return URL.canParse(url) ? [{ index, lastIndex: index + url.length, schema: url.slice(0, url.indexOf("/")), url, text: url }] : [];
}

/** What is written with "http://" or "https://" is a link, and nothing else that only looks like one. */
export class LinkifyIt {
  test = (text: string): boolean => /https?:\/\//i.test(text);
  match = (text: string): Found[] => [...text.matchAll(ADDRESS)].flatMap(({ index, 0: whole }) => foundAt(index, whole));
  matchAtStart(text: string): Found | null {
    ADDRESS_HERE.lastIndex = 0;
    const [whole] = ADDRESS_HERE.exec(text) ?? [];
    return whole === undefined ? null : (foundAt(0, whole)[0] ?? null);
  }
}

/** Punctuation and symbols, as `uc.micro` has them. */
export const P = /\p{P}/u;
export const S = /\p{S}/u;

/** Hosts, as `punycode.js` has them: the browser judges what a name is in ASCII. A host is shown as its author wrote it. */
export default {
  toASCII: (host: string): string => new URL(`https://${host}`).hostname,
  toUnicode: (host: string): string => host,
};

/** Names of letters that people type. The two thousand others are fetched with the first text that has one. */
const FREQUENT: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&nbsp;": "\u00a0" };
const NAME = /&[a-z][a-z0-9]{1,31};/gi;

let table: ((name: string) => string) | undefined;

/** The letter of this name, as `entities` has it; the name itself where there is none. */
export const decodeHTMLStrict = (name: string): string => FREQUENT[name] ?? table?.(name) ?? name;

let loading: Promise<void> | undefined;

/** Resolves when all names in a text are known, or cannot be fetched now: they are shown as they were written then. Nothing where they are known. */
export function namesIn(text: string): Promise<void> | undefined {
  if (table || !text.match(NAME)?.some((name) => FREQUENT[name] === undefined)) return undefined;
  loading ??= import("entities/decode").then(
    ({ decodeHTMLStrict }) => {
      table = decodeHTMLStrict;
    },
    () => undefined,
  );
  return loading;
}
