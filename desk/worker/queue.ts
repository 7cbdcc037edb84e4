// What the queue of staff asks: who somebody is, lists in pages, tickets by number, and what its marks and views are kept in.
import type { Done, QueueEntries, QueueList, QueuePart, QueueRole } from "sealdesk/views";

import type { Told } from "./api.ts";
import type { Session } from "./session.ts";

/** Where the queue keeps something in this browser, sealed. */
export type Kept = "marks" | "views";
/** Documents of the ledger that the queue reads and writes: one's own, sealed for oneself, and the staff's. */
export type QueueShelf = "own" | "staff";

export interface QueueApi {
  queueRole(): Promise<QueueRole>;
  /** A page of a list; an empty cursor for the first. */
  queuePage(list: QueueList, cursor: number[]): Promise<QueuePart>;
  /** At most 200 tickets by their numbers. */
  queueTickets(tickets: string[]): Promise<QueuePart>;
  queueEntries(shelf: QueueShelf, name: string): Promise<QueueEntries | null>;
  /** Changes entries of a document; null takes one out. What others write meanwhile is merged in. */
  setQueueEntries(shelf: QueueShelf, name: string, changes: Record<string, unknown>): Promise<Told>;
  kept(what: Kept): Promise<string | null>;
  keep(what: Kept, text: string): Promise<void>;
}

export function queue(session: Session): QueueApi {
  const told = (done: Done): Told => ({ ...done, notes: session.takeNotes() });
  return {
    queueRole: () => session.desk.queueRole(session.me),
    async queuePage(list, cursor) {
      const part = await session.desk.queuePage(session.me, list, Uint8Array.from(cursor));
      // At the end of a list, and not with each of hundreds of pages: what is remembered is sealed and written whole.
      if (part.next.length === 0) await session.remember();
      return part;
    },
    queueTickets: (tickets) => session.desk.queueTickets(tickets),
    queueEntries: (shelf, name) => session.desk.queueEntries(session.me, shelf, name),
    setQueueEntries: (shelf, name, changes) =>
      session.signing(async () => told(await session.desk.setQueueEntries(session.me, shelf, name, changes))),
    kept: (what) => session.sealed(`queue/${what}`),
    keep: (what, text) => session.seal(`queue/${what}`, text),
  };
}
