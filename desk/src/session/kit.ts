// The recovery kit: a text file that a person can read in ten years, and from which this page takes the phrase again.
import { giveToSave } from "../kit/save.ts";

export interface Kit {
  phrase: string;
  /** What the desk is called, and where it is. */
  desk: { chainId: string; identity: string; origin: string };
  /** The account's address, where it is known. */
  address: string | undefined;
  /** The lines that say what this is and what to do with it; none is a phrase. */
  words: { title: string; secret: string; how: string; made: string; account: string; phrase: string; link: string };
}

/** Most of a file that is looked at, in bytes. */
export const KIT_BYTES_MAX = 10_000;
const LENGTHS = [12, 24];

export function kitText({ phrase, desk, address, words }: Kit): string {
  return [
    words.title,
    "",
    words.secret,
    "",
    `${words.phrase}:`,
    phrase,
    "",
    words.how,
    "",
    `${words.link}: ${desk.origin}/#desk=${desk.identity} (${desk.chainId})`,
    ...(address === undefined ? [] : [`${words.account}: ${address}`]),
    words.made,
    "",
  ].join("\n");
}

/** The line of a file that is a phrase; all of it where none is. */
export function phraseIn(text: string): string {
  const lines = text.split(/\r?\n/).map(tidied);
  return lines.find((line) => LENGTHS.includes(line.split(" ").length) && /^[a-z ]+$/.test(line)) ?? tidied(text);
}

/** The desk that a kit names by its identity, where it names one. */
export const deskIn = (text: string): string | null => /#desk=([0-9a-f]{64})\b/.exec(text)?.[1] ?? null;

/** A phrase as people type, paste and number it, with or without commas. */
export function tidied(text: string): string {
  return text.toLowerCase().replace(/\b\d{1,2}[.)]?\s+|[,;]/g, " ").trim().replace(/\s+/g, " ");
}

/** Hands a text to the browser as a file to keep. */
export function save(text: string, name: string): void {
  giveToSave(new Blob([text], { type: "text/plain" }), name);
}
