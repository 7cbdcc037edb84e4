// A ticket for somebody who called and has no keys yet, and how it becomes theirs. A key is made for it alone: who follows the claim link proves
// by it that the link reached them, and says in the ticket whose it is to be.
import { Identity } from "sealdesk";
import type { Done, NewTicket } from "sealdesk/views";

import type { Told } from "./api.ts";
import type { Session } from "./session.ts";
import { WorkerError } from "./workerError.ts";

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
  /** Whether this person has asked for it, and support has not given it to them yet. */
  isAsked: boolean;
  /** Whether somebody else asked for it, or it is somebody's by now. */
  isOver: boolean;
}

/** What a key that was made for a call says first in its ticket. */
export interface Called {
  id: string;
  subject: string;
  message: string;
}

export interface CallerApi {
  /** Writes a ticket by a key that is made for it; with this sequence of that key, or not at all. */
  writeForCaller(ticket: NewTicket & { name: string }, only?: bigint): Promise<Told>;
  /** The sequence of the next transaction of the key that a ticket began to be written by and is not known to be there; proven. */
  callerSequence(): Promise<bigint>;
  /** What was written for callers since then, in milliseconds, and is on the ledger. Throws where the node holds something back. */
  calledSince(since: number): Promise<Called[]>;
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
/** Tabs of one browser change their list one after the other. */
const LISTING = "sealdesk-callers";
/** Of how many calls this browser keeps the link. */
const CALLERS_MAX = 50;
/** What a claim says, in words that every program shows and the page finds again (src/conversation/claim.ts). */
const claimText = (address: string): string => `This ticket is mine. My address: ${address}`;

/** What is said of something that is found to have been done before. */
export const doneBefore = (ticket: string | null = null): Done => ({ txhash: "", height: 0, ticket_id: ticket, response_index: null, registered_key: null, proven: true });

export function caller(session: Session): CallerApi {
  const kept = async () => JSON.parse((await session.sealed(CALLERS)) ?? "[]") as Caller[];
  const change = (work: (all: Caller[]) => Caller[]) =>
    navigator.locks.request(LISTING, async () => {
      const all = work(await kept()).slice(0, CALLERS_MAX);
      await session.seal(CALLERS, all.length === 0 ? "" : JSON.stringify(all));
    });
  /** The newest one stands first. */
  const keep = (one: Caller) => change((all) => [one, ...all.filter(({ words }) => words !== one.words)]);
  const told = (done: Done): Told => ({ ...done, notes: session.takeNotes() });
  /** The one whose ticket is not known to be on the ledger. */
  const unfinished = async () => (await kept()).find(({ ticket }) => ticket === null);

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
    const { own, closed, withheld } = await session.desk.inbox(identity);
    const ticket = (own[0] ?? closed[0])?.ticket_id ?? null;
    if (ticket === null && withheld > 0) throw new WorkerError("ticket_withheld", "the node does not show the ticket of this key");
    return ticket;
  }

  /** What one of them says, where it is on the ledger, which is then known of it. */
  const calledOf = (one: Caller): Promise<Called | null> =>
    as(one.words, async (identity) => {
      const id = one.ticket ?? (await ticketOf(identity));
      if (id === null) return null;
      const { messages, said_name: said } = await session.desk.look(identity, id);
      // It was begun under one name, and may have been sent again under another.
      if (one.ticket === null) await keep({ ...one, ticket: id, name: said?.name ?? one.name });
      return { id, subject: messages[0]?.subject ?? "", message: messages[0]?.text ?? "" };
    });

  const sequenceOf = (one: Caller | undefined) => (one === undefined ? Promise.resolve(0n) : as(one.words, (identity) => session.desk.sequence(identity)));

  async function write({ name, ...ticket }: NewTicket & { name: string }, only?: bigint): Promise<Told> {
    let begun = await unfinished();
    let sequence = only ?? (await sequenceOf(begun));
    // One of which this browser knows nothing but its key. What its key says once more has the sequence that was read before it was looked for.
    const there = only === undefined && begun ? await calledOf(begun) : null;
    if (there !== null && there.subject === ticket.subject && there.message === ticket.message) return told(doneBefore(there.id));
    if (there !== null) [begun, sequence] = [undefined, 0n];
    const one: Caller = { words: begun?.words ?? Identity.newPhrase(false), ticket: null, name, at: Math.floor(Date.now() / 1000) };
    // Kept before it is used: a ticket whose key is nowhere could be claimed by nobody.
    await keep(one);
    return as(one.words, async (identity) => {
      const done = await session.deskAt(sequence).createTicket(identity, { ...ticket, ...(name === "" ? {} : { name }) });
      // What is not proven is looked for.
      if (done.proven) await keep({ ...one, ticket: done.ticket_id });
      return told(done);
    });
  }

  return {
    writeForCaller: (ticket, only) => session.signing(() => write(ticket, only)),
    callerSequence: async () => sequenceOf(await unfinished()),
    async calledSince(since) {
      const called: Called[] = [];
      for (const one of await kept()) {
        // It is used after its text was marked as being sent.
        if (one.at < Math.floor(since / 1000)) continue;
        const there = await calledOf(one);
        if (there !== null) called.push(there);
      }
      return called;
    },
    callers: async () => (await kept()).filter(({ ticket }) => ticket !== null),
    forgetCaller: (words) => change((all) => all.filter((one) => one.words !== words)),
    async claimed() {
      const words = await session.claim();
      if (words === null) return null;
      return as(words, async (identity) => {
        const ticket = await ticketOf(identity);
        if (ticket === null) {
          const { own, closed } = await session.desk.inbox(session.me);
          const isGiven = [...own, ...closed].some((one) => one.previous_customers.includes(identity.address(session.facts().prefix)));
          if (isGiven) await session.dropClaim();
          return isGiven ? null : { ticket: "", subject: null, text: null, isAsked: false, isOver: true };
        }
        const { messages } = await session.desk.look(identity, ticket);
        const first = messages[0];
        const asked = messages.slice(1).findLast((message) => message.author === first?.author && message.text?.startsWith(claimText("")));
        const isAsked = asked?.text === claimText(session.address);
        return {
          ticket,
          subject: first?.subject ?? null,
          text: first?.text ?? null,
          isAsked,
          isOver: asked !== undefined && !isAsked,
        };
      });
    },
    claimTicket: () =>
      session.signing(async () => {
        const words = await session.claim();
        if (words === null) throw new WorkerError("claim_missing", "no claim link was followed here: open it again");
        // What was sent before, and may still arrive, has these sequences: of each the ledger takes one.
        const sequence = await session.desk.sequence(session.me);
        const keys = await session.desk.ownKeys(session.me);
        // The ledger gives a ticket to nobody for whom nothing can be sealed.
        if (keys.length === 0) await session.deskAt(sequence).registerKey(session.me);
        const done = await as(words, async (identity) => {
          const only = await session.desk.sequence(identity);
          const ticket = await ticketOf(identity);
          if (ticket === null) throw new WorkerError("claim_taken", "this ticket is somebody's already: ask support for another link");
          const said = claimText(session.address);
          const { ticket: record, messages } = await session.desk.look(identity, ticket);
          const before = messages.findLast(({ author, text }) => author === record.customer_address && text?.startsWith(claimText("")));
          if (before?.text === said) return doneBefore(ticket);
          return session.deskAt(only).reply(identity, ticket, said);
        });
        // The link is kept until the ticket is theirs: till then it says for what they asked.
        return told(done);
      }),
    dropClaim: () => session.dropClaim(),
  };
}
