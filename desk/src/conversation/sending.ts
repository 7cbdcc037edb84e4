// A message whose sending was interrupted: whether it arrived is read from the ledger. It can be sent again at once, in the place of the first one:
// what has the same sequence of an account is taken once, so that never both are there.
import type { Message } from "sealdesk/views";

import type { Sending } from "../../worker/ticket.ts";

/** A transaction that was sent can come into a block for so long, in milliseconds: ten minutes, and what clocks differ. */
export const MAY_ARRIVE_MS = 13 * 60_000;
/** The same of an account: what a wallet signs has no time until which it is good, so that it may arrive until something else of the account has. */
export const mayArriveFor = ({ hasWallet }: { hasWallet: boolean }): number => (hasWallet ? Number.POSITIVE_INFINITY : MAY_ARRIVE_MS);
/** How often a tab that still waits for an answer says so. */
export const STILL_MS = 45_000;
/** How often what was interrupted is looked for again because its account wrote something else meanwhile. */
export const LOOKS_MAX = 6;

export type Fate = "arrived" | "underway" | "lost";

/** Which of these texts a ticket has as somebody's own message, written when it had so many responses; null where it has none of them. */
export function textThere(texts: readonly string[], count: number, messages: readonly Message[], me: string, isNote: boolean): string | null {
  const own = messages.filter((one) => one.author === me && one.internal === isNote && (one.response_index ?? -1) >= count);
  return texts.find((text) => own.some((one) => one.text === text)) ?? null;
}

/** All that was being sent of a draft: one of it may have arrived. */
export const textsOf = ({ text, earlier }: Pick<Sending, "text" | "earlier">): string[] => [text, ...earlier];

/** What became of a message, by what the ledger proves now. */
export function fate(sending: Sending, messages: readonly Message[], me: string, isNote: boolean, now: number, mayArriveMs = MAY_ARRIVE_MS): Fate {
  if (textThere(textsOf(sending), sending.count, messages, me, isNote) !== null) return "arrived";
  return now < sending.since + mayArriveMs ? "underway" : "lost";
}

interface Again<There, Done> {
  /** The sequence of the account's next transaction, proven. */
  sequence(): Promise<bigint>;
  /** What was interrupted, in a state that is not older than that; null where it is not there. */
  look(): Promise<There | null>;
  /** Sends with this sequence or not at all. */
  send(only: bigint): Promise<Done>;
  /** Whether sending failed because the sequence has passed. */
  hasPassed(error: unknown): boolean;
}

/**
 * Sends what may still arrive, unless it is there. What was interrupted was signed with the sequence that is read here, and then the ledger takes
 * one of the two; or with a lower one, and then it is there by now or never will be. Whatever uses the sequence first, it is looked for anew.
 */
export async function sendAgain<There, Done>({ sequence, look, send, hasPassed }: Again<There, Done>): Promise<{ there: There } | { done: Done }> {
  for (let looks = 1; ; looks++) {
    const only = await sequence();
    const there = await look();
    if (there !== null) return { there };
    try {
      return { done: await send(only) };
    } catch (error) {
      if (looks >= LOOKS_MAX || !hasPassed(error)) throw error;
    }
  }
}
