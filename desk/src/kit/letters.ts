// One line of somebody else's, as it can stand beside what the desk itself says: nothing in it turns, hides or covers what is around it.

/** What turns the direction of letters after it. People see that something stands there. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
/** What nobody sees: marks of direction, zero widths, fillers, tags. Joiners stay, since scripts and emoji need them. */
const UNSEEN = /[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2060-\u2064\u2800\u3164\ufeff\uffa0]|[\u{e0000}-\u{e007f}]/gu;
/** More marks on one letter than any script has reach into the lines above and below. */
const PILED = /(\p{M}{4})\p{M}+/gu;
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** The line as it is shown; `null` where nothing of it can be seen. */
export function oneLine(text: string | null | undefined): string | null {
  if (text == null) return null;
  const shown = text.replace(UNSEEN, "").replace(TURNING, "\ufffd").replace(PILED, "$1").replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return SEEN.test(shown.replaceAll("\ufffd", "")) ? shown : null;
}

/** A text of many lines, without the two letters that turn everything after them: no script needs them. */
export function steady(text: string): string {
  return text.replace(/[\u202d\u202e]/g, "\ufffd");
}

/** What the ledger takes of a public text, in bytes. */
export const PUBLIC_BYTES_MAX = 128;

/** The beginning of a text that has no more bytes than the ledger takes of a public one, cut between letters. */
export function fitting(text: string, bytes = PUBLIC_BYTES_MAX): string {
  let left = bytes;
  let end = 0;
  for (const letter of text) {
    left -= new TextEncoder().encode(letter).length;
    if (left < 0) break;
    end += letter.length;
  }
  return text.slice(0, end);
}
