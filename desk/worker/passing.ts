// Names by which somebody would pass for what this page itself calls people.
import type { KnownName } from "sealdesk/views";

/** Words with which the page calls people when it knows no name, in every language that it has. */
export const OWN_WORDS = [
  "Support", "Customer", "Administrator", "Admin", "Agent", "You", "Me", "nobody", "Team", "Desk",
  "Kunde", "Kundin", "Administratorin", "Agentin", "Sie", "Ich", "niemand",
] as const;

/** Shortest end of an address that counts as one, in letters: what the page shows of it has ten. */
const ENDS_MIN = 8;

/** Letters and digits alone, whatever their case and marks: dots, spaces and an ellipsis make no difference to who reads them. */
const folded = (text: string) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

const firstWord = (name: string) => name.normalize("NFKC").split(/[^\p{L}\p{N}\p{M}]+/u).find((word) => word !== "") ?? "";

/** What of an address the page shows behind such a word. */
export const shown = (address: string) => {
  const own = address.slice(address.lastIndexOf("1") + 1);
  return folded(own.length > 12 ? own.slice(0, 6) + own.slice(-4) : own);
};

/**
 * Marks names that people gave themselves and that begin with one of the page's own words, or hold what it shows of an address: in
 * a list "Support rgmnfk…3p3v" would be taken for the agent. `alike` finds which of some words look like one of the page's.
 */
export function unmasked(names: KnownName[], words: readonly string[], alike: (words: string[]) => ReadonlyMap<string, string>): KnownName[] {
  const said = names.filter(({ source, like }) => source === "said" && like === null);
  const looking = alike([...new Set(said.map(({ name }) => firstWord(name)))].filter((word) => word !== ""));
  const own = new Map(words.map((word) => [folded(word), word]));
  const ends = names.map(({ address }) => shown(address)).filter((end) => end.length >= ENDS_MIN);
  return names.map((known) => {
    if (!said.includes(known)) return known;
    const word = firstWord(known.name);
    const label = own.get(folded(word)) ?? looking.get(word) ?? (ends.some((end) => folded(known.name).includes(end)) ? known.name : undefined);
    return label === undefined ? known : { ...known, like: { name: label, address: "" } };
  });
}
