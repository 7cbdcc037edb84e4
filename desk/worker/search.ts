// Search over what this person can open. Nothing of it leaves this worker but the results.
import type { Look } from "sealdesk/views";

import { Cache } from "./cache.ts";
import { tell } from "./progress.ts";
import type { Kept, Narrowing, SaidText } from "./scan.ts";
import { type Result, Scanner } from "./scanning.ts";
import type { Session } from "./session.ts";
import { namedTags } from "./tags.ts";
import { idle } from "./turns.ts";

/** A ticket that can be searched, and its last change. */
export interface Searchable {
  id: string;
  changed: string;
}

/** How much of what there is, is searched. */
export interface Coverage {
  searched: number;
  /** Tickets whose texts were not read here yet. */
  unread: number;
  /** Messages that cannot be shown: sealed for others, erased or damaged. */
  closed: number;
  /** Whether unread ones are being read now. */
  isFilling: boolean;
  /** Whether this browser keeps as much as it may. */
  isFull: boolean;
}

export interface SearchAnswer extends Result {
  coverage: Coverage;
}

export interface SearchApi {
  /** Null where a later search overtook it. */
  search(words: string, narrowing: Narrowing | null): Promise<SearchAnswer | null>;
  /** Reads what was not read here yet, the first ones first, in the background; over when all of it is. Told under `search`. */
  fillSearch(tickets: Searchable[]): Promise<Coverage>;
}

/** What is told under, and what tabs of one browser take turns at. */
export const SEARCH = "search";
/** Tickets that are read before they are kept. */
const SAVED_TOGETHER = 25;
/** After so many failures one after the other nothing more is asked for: the node is away, or this is locked. */
const FAILURES_MAX = 4;

/** As lists name the last change of a ticket. */
const changeOf = ({ ticket }: Pick<Look, "ticket">): string => `${ticket.updated_at} ${ticket.response_count}`;

export function keptOf(look: Look): Kept {
  const said: SaidText[] = [];
  let [closed, files] = [0, 0];
  let tags: string[] = [];
  for (const message of look.messages) {
    const { response_index, internal, text } = message;
    files += message.attachments.length;
    tags = namedTags(message) ?? tags;
    if (text === null) closed++;
    else said.push([response_index, internal, text]);
  }
  return { as_of: changeOf(look), subject: look.messages[0]?.subject ?? null, said, closed, files, tags };
}

export interface Searching extends SearchApi {
  /** Takes in what was opened anyway. */
  learn(look: Look): void;
}

export function search(session: Session): Searching {
  const cache = new Cache(session);
  const scanner = new Scanner();
  let wanted: Searchable[] = [];
  let loading: Promise<void> | undefined;
  let filling: Promise<void> | undefined;
  let saving: ReturnType<typeof setTimeout> | undefined;
  session.onLock(() => {
    wanted = [];
    scanner.wipe();
    loading = undefined;
    clearTimeout(saving);
    saving = undefined;
  });

  const isMissing = ({ id, changed }: Searchable) => cache.entries.get(id)?.kept.as_of !== changed;

  function coverage(): Coverage {
    let [searched, closed] = [0, 0];
    for (const { kept } of cache.entries.values()) {
      searched++;
      closed += kept.closed;
    }
    const unread = wanted.filter(({ id }) => !cache.entries.has(id)).length;
    return { searched, unread, closed, isFilling: filling !== undefined, isFull: cache.isFull };
  }

  /** What is kept is opened once; what other tabs kept meanwhile, before this one reads more. */
  function loaded(): Promise<void> {
    loading ??= cache.load((done, of) => tell(SEARCH, done, of)).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  /** Reads and keeps one ticket; `false` where that failed. */
  async function taken({ id, changed }: Searchable): Promise<boolean> {
    try {
      const look = await session.desk.look(session.me, id);
      // Under the change that was asked for: where it has changed again, it is asked for again.
      cache.put(id, { ...keptOf(look), as_of: changed });
      return true;
    } catch {
      return false;
    }
  }

  async function fill(): Promise<void> {
    await cache.load(() => undefined);
    const failed = new Set<string>();
    let failures = 0;
    let unsaved = 0;
    for (let list: Searchable[] | undefined; list !== wanted; ) {
      list = wanted;
      const missing = list.filter((ticket) => isMissing(ticket) && !failed.has(ticket.id));
      for (let n = 0; n < missing.length && list === wanted && failures < FAILURES_MAX && !cache.isFull; n++) {
        await idle();
        const ticket = missing[n] as Searchable;
        const isTaken = await taken(ticket);
        if (!isTaken) failed.add(ticket.id);
        failures = isTaken ? 0 : failures + 1;
        tell(SEARCH, list.length - missing.length + n + 1, list.length);
        if (++unsaved % SAVED_TOGETHER === 0) await cache.save();
      }
    }
    await cache.save();
  }

  return {
    async search(words, narrowing) {
      await loaded();
      const result = await scanner.scan(cache, words, narrowing);
      return result && { ...result, coverage: coverage() };
    },
    async fillSearch(tickets) {
      wanted = tickets;
      await loaded();
      filling ??= navigator.locks.request("sealdesk-search", fill).finally(() => {
        filling = undefined;
      });
      await filling;
      return coverage();
    },
    learn(look) {
      cache.put(look.ticket.ticket_id, keptOf(look));
      // A record is written once for several that are opened one after the other; where it fails it is read again.
      saving ??= setTimeout(() => {
        saving = undefined;
        cache.save().catch(() => undefined);
      }, 1_000);
    },
  };
}
