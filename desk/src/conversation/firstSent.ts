// The sending of a new ticket, and where one is looked for that was being sent: by whoever writes it, whosever key signs it.
import type { Told } from "../../worker/api.ts";
import type { Sending } from "../../worker/ticket.ts";
import { door, DeskError, hasPassed } from "../door.ts";
import { finished, holding } from "./draftLock.ts";
import { sendAgain, STILL_MS, textsOf } from "./sending.ts";

/** How far the clocks of this browser and of the ledger may be apart, in milliseconds. */
const CLOCKS_MS = 5 * 60_000;

export interface Written {
  subject: string;
  message: string;
}

export type Work = (only?: bigint) => Promise<Told>;

export interface Found {
  id: string;
  text: string;
}

/** Whose key signs the tickets of a draft. */
export interface Signer {
  /** The sequence of its next transaction, proven. */
  sequence(): Promise<bigint>;
  /** A ticket that it wrote since then, in milliseconds, and whose first message is what is looked for. Throws where one may be missing. */
  find(since: number, isIt: (first: Written) => boolean, me: string): Promise<string | null>;
  /** For how long what it signed may arrive, in milliseconds, where that is not as for the account of whoever is here. */
  mayArriveMs?: number;
}

/** What is written under a draft's name, and by whom. */
export interface Source {
  draft: string;
  writtenIn(text: string): Written;
  signer: Signer;
  me: string;
}

/** Sends a text whose draft this tab holds; gives the ticket instead where what was being sent of it before has arrived. */
export async function sendClaimed(source: Source, text: string, work: Work, changed: () => Error): Promise<{ there: Found } | { done: Told }> {
  const { draft, signer } = source;
  const claim = await door.claim(draft, text, 0);
  if (claim === "gone" || claim === "changed") throw changed();
  const before = claim === "mine" ? null : claim;
  const still = setInterval(() => void door.stillSending(draft).catch(() => undefined), STILL_MS);
  try {
    if (before === null) return { done: await work() };
    return await sendAgain({ sequence: () => signer.sequence(), look: () => ticketOf(before, source), send: work, hasPassed });
  } catch (error) {
    // Of what was interrupted before, a failure now says nothing.
    if (before === null && !(error instanceof DeskError && error.unanswered)) await door.endSending(draft);
    throw error;
  } finally {
    clearInterval(still);
  }
}

/**
 * The same while no other tab can send it; throws `elsewhere` where one does. What is proven to be there is done with before another tab can look at
 * it: that tab would take it for one of its own that was interrupted, and lead whoever writes there away.
 */
export const sendHeld = (source: Source, text: string, work: Work, { changed, elsewhere }: { changed(): Error; elsewhere(): Error }) =>
  holding(source.draft, elsewhere, async () => {
    const came = await sendClaimed(source, text, work, changed);
    if ("done" in came && came.done.proven) await finished(source.draft, text);
    return came;
  });

/** The account of whoever is here. */
export const OWN: Signer = {
  sequence: () => door.sequence(),
  async find(since, isIt, me) {
    const { own, closed, withheld } = await door.inbox();
    // Support may have closed it before it was looked for.
    const all = [...own, ...closed.filter(({ customer_address: of }) => of === me)];
    for (const { ticket_id: id } of all.filter(({ created_at: at }) => at !== null && Date.parse(at) > since - CLOCKS_MS)) {
      const [first] = (await door.read(id)).messages;
      if (first && isIt({ subject: first.subject ?? "", message: first.text ?? "" })) return id;
    }
    if (withheld > 0) throw new DeskError({ kind: "tickets_withheld", message: "the node does not show all tickets of this account: whether it has this one is not known" });
    return null;
  },
};

/** The ticket of words that were being sent. */
export async function ticketOf(sending: Sending, { writtenIn, signer, me }: Source): Promise<Found | null> {
  let found: string | undefined;
  const isIt = (first: Written) => {
    found = textsOf(sending).find((text) => first.subject === writtenIn(text).subject && first.message === writtenIn(text).message);
    return found !== undefined;
  };
  const id = await signer.find(sending.begun, isIt, me);
  return id === null || found === undefined ? null : { id, text: found };
}
