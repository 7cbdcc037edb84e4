// A ticket for somebody who called and has no keys yet, and how it becomes theirs. A key is made for it alone: who follows the claim link proves
// by it that the link reached them, and says in the ticket whose it is to be.
import { Identity } from "sealdesk";
import type { Done, NewTicket } from "sealdesk/views";

import type { Told } from "./api.ts";
import type { Session } from "./session.ts";

/** A ticket that this browser wrote for a caller. */
export interface Caller {
  /** The words of the key that was made for it: who has them can read the ticket. */
  words: string;
  /** Null while it is not known to be on the ledger. */
  ticket: string | null;
  name: string;
  /** In Unix seconds. */
  at: number;
}

/** What waits for whoever followed a claim link. */
export interface Claimed {
  ticket: string;
  subject: string | null;
  text: string | null;
  /** Whether it was asked for already, or is somebody's by now. */
  isOver: boolean;
}

export interface CallerApi {
  /** Writes a ticket by a key that is made for it. Once more after a failure finds the first one, where it arrived. */
  writeForCaller(ticket: NewTicket & { name: string }): Promise<Told>;
  /** Those that this browser wrote, the newest first. */
  callers(): Promise<Caller[]>;
  forgetCaller(words: string): Promise<void>;
  /** What the claim link says by which this person came; null where there was none, or it was put aside. */
  claimed(): Promise<Claimed | null>;
  /** Says in the ticket that it is this person's, whose key is published first. */
  claimTicket(): Promise<Told>;
  dropClaim(): Promise<void>;
}

const CALLERS = "callers";
/** Of how many calls this browser keeps the link. */
const CALLERS_MAX = 50;
/** What a claim says, in words that every program shows and the page finds again (src/conversation/claim.ts). */
const claimText = (address: string): string => `This ticket is mine. My address: ${address}`;

export function caller(session: Session): CallerApi {
  const kept = async () => JSON.parse((await session.sealed(CALLERS)) ?? "[]") as Caller[];
  const keep = (all: Caller[]) => session.seal(CALLERS, all.length === 0 ? "" : JSON.stringify(all.slice(0, CALLERS_MAX)));
  const told = (done: Done): Told => ({ ...done, notes: session.takeNotes() });

  async function as<T>(words: string, work: (identity: Identity) => Promise<T>): Promise<T> {
    const identity = new Identity(words);
    try {
      return await work(identity);
    } finally {
      identity.free();
    }
  }

  /** The one ticket of a key that was made for it. */
  async function ticketOf(identity: Identity): Promise<string | null> {
    const { own, closed } = await session.desk.inbox(identity);
    return (own[0] ?? closed[0])?.ticket_id ?? null;
  }

  async function write({ name, ...ticket }: NewTicket & { name: string }): Promise<Told> {
    const all = await kept();
    const begun = all.find((one) => one.ticket === null);
    const one: Caller = begun ?? { words: Identity.newPhrase(false), ticket: null, name, at: Math.floor(Date.now() / 1000) };
    one.name = name;
    // Kept before it is used: a ticket whose key is nowhere could be claimed by nobody.
    if (!begun) await keep([one, ...all]);
    return as(one.words, async (identity) => {
      const there = begun ? await ticketOf(identity) : null;
      const done: Done =
        there === null
          ? await session.desk.createTicket(identity, { ...ticket, ...(name === "" ? {} : { name }) })
          : { txhash: "", height: 0, ticket_id: there, response_index: null, registered_key: null, proven: true };
      one.ticket = done.ticket_id;
      await keep([one, ...(await kept()).filter(({ words }) => words !== one.words)]);
      return told(done);
    });
  }

  return {
    writeForCaller: (ticket) => session.signing(() => write(ticket)),
    callers: async () => (await kept()).filter(({ ticket }) => ticket !== null),
    forgetCaller: async (words) => keep((await kept()).filter((one) => one.words !== words)),
    async claimed() {
      const words = await session.claim();
      if (words === null) return null;
      return as(words, async (identity) => {
        const ticket = await ticketOf(identity);
        if (ticket === null) return { ticket: "", subject: null, text: null, isOver: true };
        const { messages } = await session.desk.look(identity, ticket);
        const first = messages[0];
        const asked = claimText("");
        return {
          ticket,
          subject: first?.subject ?? null,
          text: first?.text ?? null,
          isOver: messages.slice(1).some((message) => message.author === first?.author && message.text?.startsWith(asked)),
        };
      });
    },
    claimTicket: () =>
      session.signing(async () => {
        const words = await session.claim();
        if (words === null) throw new Error("no claim link was followed here: open it again");
        const keys = await session.desk.ownKeys(session.me);
        // The ledger gives a ticket to nobody for whom nothing can be sealed.
        if (keys.length === 0) await session.desk.registerKey(session.me);
        const done = await as(words, async (identity) => {
          const ticket = await ticketOf(identity);
          if (ticket === null) throw new Error("this ticket is somebody's already: ask support for another link");
          return session.desk.reply(identity, ticket, claimText(session.address));
        });
        if (done.proven) await session.dropClaim();
        return told(done);
      }),
    dropClaim: () => session.dropClaim(),
  };
}
