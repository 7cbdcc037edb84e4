// Who wrote into a ticket while an act on it waited: nothing ends or puts off a ticket over words that nobody has read.
import type { Message } from "sealdesk/views";

import { door } from "../door.ts";
import type { Found, Writer } from "./outbox.ts";
import { isTagsAlone, type Planned } from "./tags.ts";

const BURYING: readonly string[] = ["reply", "resolve", "close", "await_customer"];

/** Whether one of these acts takes a ticket out of sight, or answers in it: done over words that nobody has read, it buries them. */
export const buries = (acts: readonly Planned[]): boolean => acts.some((one) => BURYING.includes(one.act) || (one.act === "snooze" && one.until !== null));

/** Who beside `me` wrote into a ticket since it had so many responses, each once. A note that says tags and nothing else is nothing to be read; one with words of its own is. */
export function wroteSince(messages: readonly Message[], count: number, me: string): Writer[] {
  const others = messages.filter((one) => (one.response_index ?? -1) >= count && one.author !== me && !isTagsAlone(one));
  return [...new Map(others.map(({ author, is_agent: isStaff }) => [author, { by: author, isStaff }])).values()];
}

/** The same, and how many responses there are, by what was read at once: what comes later counts for the next look. */
export const foundIn = (messages: readonly Message[], count: number, me: string): Found => ({
  met: wroteSince(messages, count, me),
  count: Math.max(count, ...messages.map((one) => (one.response_index ?? -1) + 1)),
});

/** The same, by what the ledger has now. */
export const whoWrote = async (ticket: string, count: number, me: string): Promise<Found> => foundIn((await door.read(ticket)).messages, count, me);
