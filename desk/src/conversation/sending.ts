// A message whose sending was interrupted: whether it arrived is read from the ledger, and until that is sure it is not sent again.
import type { Message } from "sealdesk/views";

import type { Sending } from "../../worker/ticket.ts";

/** A transaction that was sent can come into a block for so long, in milliseconds: ten minutes, and what clocks differ. */
export const MAY_ARRIVE_MS = 13 * 60_000;
/** How often a tab that still waits for an answer says so. */
export const STILL_MS = 45_000;

export type Fate = "arrived" | "underway" | "lost";

/** Whether a ticket has a message of somebody's own, written when it had so many responses. */
export function isThere({ text, count }: Pick<Sending, "text" | "count">, messages: readonly Message[], me: string, isNote: boolean): boolean {
  return messages.some((one) => one.author === me && one.internal === isNote && one.text === text && (one.response_index ?? -1) >= count);
}

/** What became of a message, by what the ledger proves now. */
export function fate(sending: Sending, messages: readonly Message[], me: string, isNote: boolean, now: number): Fate {
  if (isThere(sending, messages, me, isNote)) return "arrived";
  return now < sending.since + MAY_ARRIVE_MS ? "underway" : "lost";
}
