// Looking for words in what was opened: a scan of everything, without an index. It finds parts of words, numbers and signs too, in every
// script, and is asked anew with each letter.
import { plain } from "./plain.ts";

/** A message as a search keeps it: which response it is (null for the ticket's own), whether it is a note, and its text. */
export type SaidText = [response: number | null, isNote: boolean, text: string];

/** What a search keeps of a ticket. */
export interface Kept {
  /** Its last change and its number of answers when it was read. */
  as_of: string;
  subject: string | null;
  said: SaidText[];
  /** How many of its messages could not be shown. */
  closed: number;
  /** How many files hang on its messages. */
  files: number;
  /** As its newest note that names any has them. */
  tags: string[];
}

/** What is asked of tickets beside their words. */
export interface Narrowing {
  /** The tickets that the desk's own fields leave; null for all. */
  within: string[] | null;
  /** Folded. A ticket has to have one of these tags, if there are any, and none of the others. */
  tags: string[];
  withoutTags: string[];
  /** Whether files hang on it; null where that makes no difference. */
  hasFiles: boolean | null;
}

/** A ticket that is searched. */
export interface Entry {
  id: string;
  kept: Kept;
  /** Its number and subject, and all of its texts, as they are compared. */
  subject: string;
  folded: string;
}

/** A text, and where in it the words stand that were looked for. */
export interface Marked {
  text: string;
  marks: [from: number, to: number][];
}

export interface Found {
  ticket: string;
  response: number | null;
  isNote: boolean;
  subject: Marked | null;
  said: Marked;
}

/** Longest query, in letters, and most words of it that count. */
const QUERY_LETTERS_MAX = 200;
const WORDS_MAX = 8;
/** How much of a message a result shows, in letters, and how much of it stands before the first word. */
const SHOWN_LETTERS = 180;
const BEFORE_LETTERS = 50;
/** How far a word may stand from where its folded text has it, by the letters that fold into none or two. */
const NEAR_LETTERS = 500;

const MARKS = /\p{M}+/gu;
/** Letters that stand for others and do not come apart by Unicode's own rules. */
const LETTERS: Record<string, string> = { ß: "ss", ø: "o", æ: "ae", œ: "oe", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };
const SPECIAL = /[ßøæœłđðþı]/gu;

/** As texts are compared: without case, accents and other ways to write the same letter. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(MARKS, "")
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter);
}

export function wordsOf(query: string): string[] {
  const words = fold(query.slice(0, QUERY_LETTERS_MAX)).split(/\s+/u).filter((word) => word !== "");
  return [...new Set(words)].slice(0, WORDS_MAX);
}

/** The beginning of a text that takes no more than so many letters, also as it is compared: a single letter can fold into eighteen. */
function cut(text: string, most: number): [part: string, folded: string] {
  let part = text.slice(0, most);
  let folded = fold(part);
  while (folded.length > most) {
    part = part.slice(0, part.length >> 1);
    folded = fold(part);
  }
  return [part, folded];
}

/** A ticket as it is searched: what is behind so many letters of it is not. */
export function entryOf(id: string, kept: Kept, most = Number.POSITIVE_INFINITY): Entry {
  const subject = fold(`${id} ${kept.subject ?? ""}`);
  let left = most;
  const texts = [subject];
  const said = kept.said.map(([response, isNote, text]): SaidText => {
    const [part, folded] = cut(text, left);
    left -= Math.max(part.length, folded.length);
    texts.push(folded);
    return [response, isNote, part];
  });
  return { id, kept: { ...kept, said }, subject, folded: texts.join("\n") };
}

export const holds = (entry: Entry, words: string[]): boolean => words.every((word) => entry.folded.includes(word));

/** Asks the same of many tickets. */
export function narrowed({ within, tags, withoutTags, hasFiles }: Narrowing): (entry: Entry) => boolean {
  const ids = within && new Set(within);
  return ({ id, kept }) => {
    if (ids !== null && !ids.has(id)) return false;
    if (hasFiles !== null && kept.files > 0 !== hasFiles) return false;
    if (tags.length === 0 && withoutTags.length === 0) return true;
    const has = kept.tags.map(fold);
    return (tags.length === 0 || tags.some((tag) => has.includes(tag))) && !withoutTags.some((tag) => has.includes(tag));
  };
}

export const isInSubject = (entry: Entry, words: string[]): boolean => words.every((word) => entry.subject.includes(word));

/** The newest change first. */
export const byNewest = (one: Entry, other: Entry): number => (one.kept.as_of < other.kept.as_of ? 1 : one.kept.as_of > other.kept.as_of ? -1 : 0);

/** Where the words stand in a text, by its own letters. */
function placesIn(text: string, words: string[]): [number, number][] {
  let folded = "";
  /** For each folded letter, where the letter that it came from begins and ends. */
  const from: number[] = [];
  const to: number[] = [];
  let at = 0;
  for (const letter of text) {
    const part = fold(letter);
    const end = at + letter.length;
    // Accents that stand alone belong to the letter before them.
    if (part === "" && to.length > 0) to[to.length - 1] = end;
    for (let n = 0; n < part.length; n++) {
      from.push(at);
      to.push(end);
    }
    folded += part;
    at = end;
  }
  const found: [number, number][] = [];
  for (const word of words) {
    for (let place = folded.indexOf(word); place >= 0; place = folded.indexOf(word, place + word.length)) {
      found.push([from[place] ?? 0, to[place + word.length - 1] ?? text.length]);
    }
  }
  return joined(found);
}

function joined(places: [number, number][]): [number, number][] {
  const made: [number, number][] = [];
  for (const [from, to] of places.sort((one, other) => one[0] - other[0])) {
    const last = made.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else made.push([from, to]);
  }
  return made;
}

export const marked = (text: string, words: string[]): Marked => ({ text, marks: placesIn(text, words) });

/** Where the first of the words stands. In a long text it is looked for letter by letter only near where it has to be. */
function firstPlace(line: string, words: string[]): number {
  const folded = fold(line);
  const places = words.map((word) => folded.indexOf(word)).filter((place) => place >= 0);
  const near = Math.floor((Math.min(...places, folded.length) * line.length) / Math.max(1, folded.length));
  const from = Math.max(0, near - NEAR_LETTERS);
  const found = placesIn(line.slice(from, near + NEAR_LETTERS), words)[0];
  return found ? from + found[0] : (placesIn(line, words)[0]?.[0] ?? 0);
}

/** The part of a text that a result shows: round the first word, and never a letter cut in two. */
function excerpt(text: string, words: string[]): Marked {
  const line = text.replace(/\s+/gu, " ").trim();
  if (line.length <= SHOWN_LETTERS) return marked(line, words);
  const first = firstPlace(line, words);
  let from = first <= BEFORE_LETTERS ? 0 : line.lastIndexOf(" ", first - BEFORE_LETTERS / 2);
  if (first - from > BEFORE_LETTERS) from = first - BEFORE_LETTERS;
  from = Math.max(0, from);
  const letters = [...line.slice(from, from + SHOWN_LETTERS * 2)].slice(0, SHOWN_LETTERS).join("");
  const whole = letters.replace(/^[\p{M}\uDC00-\uDFFF]+/u, "").trim();
  return marked(`${from > 0 ? "… " : ""}${whole}${from + letters.length < line.length ? " …" : ""}`, words);
}

/** A result: the message that has most of the words, the newest of several. */
export function shown({ id, kept }: Entry, words: string[]): Found {
  let best: SaidText | undefined;
  let most = -1;
  for (const said of kept.said) {
    const text = fold(said[2]);
    const has = words.filter((word) => text.includes(word)).length;
    if (has >= most) [best, most] = [said, has];
  }
  const [response, isNote, text] = most > 0 && best ? best : (kept.said[0] ?? [null, false, ""]);
  return {
    ticket: id,
    response,
    isNote,
    subject: kept.subject === null ? null : marked(kept.subject, words),
    said: excerpt(plain(text), words),
  };
}
