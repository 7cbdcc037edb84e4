// What people are called: by this person, by the desk book, and by themselves. Kept sealed, shown with what there is to know of it.
import { Desk } from "sealdesk";
import type { BookEntry, Done, KnownName, NameClaim } from "sealdesk/views";

import type { Told } from "./api.ts";
import { OWN_WORDS, unmasked } from "./passing.ts";
import type { Session } from "./session.ts";

/** What somebody says that they are called. */
export interface SaidName {
  address: string;
  name: string;
}

export interface PeopleApi {
  /** Every name that is known. `page` are words by which the page calls people itself, so that nobody else passes for them; `heard` what customers said since. */
  names(page: string[], heard: SaidName[]): Promise<KnownName[]>;
  /** What this person calls somebody, in this browser alone; null takes it back. */
  callSomebody(address: string, name: string | null): Promise<void>;
  /** What the whole team calls somebody. Null where nothing was to be changed. */
  nameInDeskBook(address: string, name: string | null): Promise<Told | null>;
  /** The desk book changed, or may have: it is read again with the next names. */
  forgetBook(): Promise<void>;
  /** What is wrong with a name, or null. */
  nameFault(name: string): Promise<string | null>;
  /** What this person calls themselves to the support team. */
  ownName(): Promise<string | null>;
  setOwnName(name: string | null): Promise<void>;
}

const OWN = "people/own";
const SAID = "people/said";
const ME = "people/me";
/** That somebody took their name back, also where their newest ticket says one all the same. */
const NO_NAME = "-";
/** So many of one's own tickets are looked into for the name that they say. */
const OWN_LOOKED = 3;
/** What the desk book said last. */
const BOOK = "people/book";
/** Most people of whom this browser keeps what they call themselves; those heard of longest ago go first. */
const SAID_MAX = 2_000;
/** For how long the desk book is taken for new. */
const BOOK_MS = 10 * 60_000;

type Names = Record<string, string>;

export function people(session: Session): PeopleApi & { nameToSeal(): Promise<{ name?: string }> } {
  let book: { at: number; of: string; entries: BookEntry[] } | undefined;

  const kept = async (record: string): Promise<Names> => JSON.parse((await session.sealed(record)) ?? "{}") as Names;

  let looked = "";

  /** What this person said last that they are called, in the newest ticket that is theirs from the start; null where they gave no name there. */
  async function saidBefore(): Promise<string | null> {
    const { own, closed } = await session.desk.inbox(session.me);
    const newest = [...own, ...closed].map(({ ticket_id }) => ticket_id).sort().reverse().slice(0, OWN_LOOKED);
    for (const id of newest) {
      const { said_name: said, messages, ticket } = await session.desk.look(session.me, id);
      const [first] = messages;
      // What somebody else wrote, or nobody can open any more, says nothing of their name.
      if (first?.author !== session.address || first.text === null || ticket.imported !== null) continue;
      return said?.address === session.address ? said.name : null;
    }
    return null;
  }

  /** A browser that knows no name, as after a restore, has it from their own tickets. */
  async function myName(): Promise<string | null> {
    const known = await session.sealed(ME);
    if (known !== null) return known === NO_NAME ? null : known;
    if (looked === session.address) return null;
    // A desk that does not answer is asked the next time.
    const said = await saidBefore().catch(() => undefined);
    if (said === undefined) return null;
    // They may have said or taken back one while it was looked for.
    const since = await session.sealed(ME);
    if (since !== null) return since === NO_NAME ? null : since;
    looked = session.address;
    if (said !== null) await session.seal(ME, said).catch(() => undefined);
    return said;
  }

  async function heardOf(heard: SaidName[]): Promise<Names> {
    const said = await kept(SAID);
    const fresh = heard.filter(({ address, name }) => said[address] !== name && Desk.nameFault(name) === undefined);
    if (fresh.length === 0) return said;
    for (const { address, name } of fresh) {
      // Behind all others, as the newest.
      delete said[address];
      said[address] = name;
    }
    const newest = Object.fromEntries(Object.entries(said).slice(-SAID_MAX));
    await session.seal(SAID, JSON.stringify(newest));
    return newest;
  }

  async function deskBook(): Promise<BookEntry[]> {
    const of = session.address;
    if (book && book.of === of && Date.now() - book.at < BOOK_MS) return book.entries;
    // Whoever is not staff has none. A page whose names cannot be asked for now still shows tickets, and asks again.
    const read = await asked().catch(() => undefined);
    if (read === undefined) {
      if (book?.of === of) return book.entries;
      // What was kept before is shown where nobody answers at all, and not in the place of what a node holds back.
      return session.isAway ? (JSON.parse((await session.sealed(BOOK)) ?? "[]") as BookEntry[]) : [];
    }
    book = { at: Date.now(), of, entries: read ?? [] };
    // For when the desk does not answer.
    await session.seal(BOOK, book.entries.length === 0 ? "" : JSON.stringify(book.entries)).catch(() => undefined);
    return book.entries;
  }

  const asked = async (): Promise<BookEntry[] | null> => session.desk.deskBook(session.me);

  const claims = (names: Names, source: NameClaim["source"]): NameClaim[] =>
    Object.entries(names).map(([address, name]) => ({ address, name, source }));

  return {
    async names(page, heard) {
      const [own, said, entries] = [await kept(OWN), await heardOf(heard), await deskBook()];
      const words = [...new Set([...page, ...OWN_WORDS])];
      const ofPage = words.map((name): NameClaim => ({ address: "", name, source: "page" }));
      // By the same rules as whole names: letters of other scripts that look the same are no way around.
      const alike = (firsts: string[]) => {
        const found = Desk.knownNames([...ofPage, ...firsts.map((name, n): NameClaim => ({ address: `first1${n}`, name, source: "said" }))]);
        return new Map(found.flatMap(({ name, like }) => (like?.address === "" ? [[name, like.name] as const] : [])));
      };
      const names = Desk.knownNames([
        ...ofPage,
        ...claims(own, "own"),
        ...entries.map((entry): NameClaim => ({ ...entry, source: "desk_book" })),
        ...claims(said, "said"),
      ]);
      return unmasked(names, words, alike);
    },
    async callSomebody(address, name) {
      const { [address]: _, ...others } = await kept(OWN);
      const names = name === null ? others : { ...others, [address]: name };
      await session.seal(OWN, Object.keys(names).length === 0 ? "" : JSON.stringify(names));
    },
    nameInDeskBook: (address, name) =>
      session.signing(async () => {
        const done: Done | null = await session.desk.nameInDeskBook(session.me, address, name ?? undefined);
        book = undefined;
        return done && { ...done, notes: session.takeNotes() };
      }),
    async forgetBook() {
      if (book) book.at = 0;
    },
    nameFault: async (name) => Desk.nameFault(name) ?? null,
    ownName: myName,
    setOwnName: (name) => session.seal(ME, name ?? NO_NAME),
    async nameToSeal() {
      const name = await myName();
      return name === null ? {} : { name };
    },
  };
}
