// What stands in for what markdown-it imports, by vite.config.ts: a browser has most of it by itself, and the rest is a third of its bytes.

/** The page makes links of what its author marked as one, and of nothing else. */
export class LinkifyIt {}

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
