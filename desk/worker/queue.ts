// What the queue of staff asks: who somebody is, lists in pages, tickets by number, and what it keeps in this browser.
import type { QueueList, QueuePart, QueueRole } from "sealdesk/views";

import type { Session } from "./session.ts";

/** Where the queue keeps something in this browser, sealed. */
export type Kept = "marks" | "views" | "drafts-elsewhere" | "answers-seen" | "added-without-key";

export interface QueueApi {
  queueRole(): Promise<QueueRole>;
  /** A page of a list; an empty cursor for the first. */
  queuePage(list: QueueList, cursor: number[]): Promise<QueuePart>;
  /** At most 200 tickets by their numbers. */
  queueTickets(tickets: string[]): Promise<QueuePart>;
  kept(what: Kept): Promise<string | null>;
  keep(what: Kept, text: string): Promise<void>;
}

export function queue(session: Session): QueueApi {
  return {
    queueRole: () => session.desk.queueRole(session.me),
    async queuePage(list, cursor) {
      const part = await session.desk.queuePage(session.me, list, Uint8Array.from(cursor));
      // At the end of a list, and not with each of hundreds of pages: what is remembered is sealed and written whole.
      if (part.next.length === 0) await session.remember();
      return part;
    },
    queueTickets: (tickets) => session.desk.queueTickets(tickets),
    kept: (what) => session.sealed(`queue/${what}`),
    keep: (what, text) => session.seal(`queue/${what}`, text),
  };
}
