// What a search keeps: the texts of tickets that were opened, sealed in this browser a hundred tickets a record, and in this worker's memory
// while it is unlocked.
import { type Entry, entryOf, type Kept } from "./scan.ts";
import type { Session } from "./session.ts";
import { store } from "./store.ts";

/** Tickets of one record: one change writes so many anew. */
const TOGETHER = 100;
/** Most tickets that are kept, and most letters of all of them: what a browser has room for in memory, twice. */
export const TICKETS_MAX = 30_000;
export const LETTERS_MAX = 64_000_000;
/** Most letters of one ticket: what is behind them is not searched. */
const TICKET_LETTERS_MAX = 200_000;
/** Enough of a sealed record to know it again: it begins with its nonce. */
const KNOWN_LETTERS = 40;
/** Tabs of one browser change a record one after the other. */
const FOUND = "sealdesk-found";

const PREFIX = "found/";

type Record_ = Record<string, Kept>;

/** As it was kept before files and tags were. */
type Former = Omit<Kept, "files" | "tags">;

/** It is searched as it is, and counts as older than whatever the ledger has: it is read again. */
const renewed = (kept: Former): Kept => ({ ...kept, as_of: "", files: 0, tags: [] });

const nameOf = (ticket: string): string => `${PREFIX}${Math.floor(Number(ticket.replace(/\D+/g, "")) / TOGETHER)}`;

/** What a ticket takes: its texts are there as they are shown and as they are compared, and the longer of both counts. */
function lettersOf({ kept, folded }: Entry): number {
  const shown = kept.said.reduce((sum, [, , text]) => sum + text.length, kept.subject?.length ?? 0);
  return Math.max(shown, folded.length);
}

export class Cache {
  readonly entries = new Map<string, Entry>();
  /** Another one whenever an entry is. */
  version = 0;
  #letters = 0;
  /** By record: what was last taken in of it. */
  #known = new Map<string, string>();
  /** Tickets that are newer here than on the disk, by record. */
  #unsaved = new Map<string, Set<string>>();
  #session: Session;

  constructor(session: Session) {
    this.#session = session;
    session.onLock(() => this.#wipe());
  }

  #wipe(): void {
    this.entries.clear();
    this.version++;
    this.#known.clear();
    this.#unsaved.clear();
    this.#letters = 0;
  }

  get isFull(): boolean {
    return this.entries.size >= TICKETS_MAX || this.#letters >= LETTERS_MAX;
  }

  /** Opens what this browser keeps, beside what is known already. `told` hears how far it is. */
  async load(told: (done: number, of: number) => void): Promise<void> {
    const names = await store.names(PREFIX);
    let done = 0;
    for (const name of names) {
      const sealed = await store.get(name);
      if (sealed !== undefined && this.#known.get(name) !== sealed.slice(0, KNOWN_LETTERS)) this.#take(name, sealed);
      told(++done, names.length);
    }
  }

  #take(name: string, sealed: string): void {
    for (const [id, kept] of Object.entries(this.#opened(name, sealed))) {
      const here = this.entries.get(id);
      if (!here || here.kept.as_of < kept.as_of) this.#set(id, kept);
    }
    this.#known.set(name, sealed.slice(0, KNOWN_LETTERS));
  }

  #opened(name: string, sealed: string): Record_ {
    try {
      const record = JSON.parse(this.#session.vault.open(name, sealed)) as Record<string, Kept | Former>;
      return Object.fromEntries(Object.entries(record).map(([id, kept]) => [id, "files" in kept ? kept : renewed(kept)]));
    } catch {
      // Damaged, or another vault's: it is read from the ledger again.
      return {};
    }
  }

  #set(id: string, kept: Kept): void {
    const before = this.entries.get(id);
    if (!before && this.isFull) return;
    const others = this.#letters - (before ? lettersOf(before) : 0);
    const entry = entryOf(id, kept, Math.min(TICKET_LETTERS_MAX, Math.max(0, LETTERS_MAX - others)));
    this.#letters = others + lettersOf(entry);
    this.entries.set(id, entry);
    this.version++;
  }

  put(id: string, kept: Kept): void {
    this.#set(id, kept);
    const name = nameOf(id);
    const unsaved = this.#unsaved.get(name) ?? new Set();
    this.#unsaved.set(name, unsaved.add(id));
  }

  /** Seals and keeps what is newer here, beside what other tabs kept meanwhile. */
  async save(): Promise<void> {
    for (const [name, ids] of [...this.#unsaved]) {
      this.#unsaved.delete(name);
      await navigator.locks.request(FOUND, () => this.#saveRecord(name, ids));
    }
  }

  async #saveRecord(name: string, ids: Set<string>): Promise<void> {
    const sealed = await store.get(name);
    if (sealed !== undefined) this.#take(name, sealed);
    const record = sealed === undefined ? {} : this.#opened(name, sealed);
    for (const id of ids) {
      const entry = this.entries.get(id);
      if (entry) record[id] = entry.kept;
    }
    await this.#session.seal(name, JSON.stringify(record));
    const written = await store.get(name);
    if (written !== undefined) this.#known.set(name, written.slice(0, KNOWN_LETTERS));
  }
}
