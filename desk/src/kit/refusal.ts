// The ledger's refusals as people understand them: which limit it was, when it is allowed again, and what to do instead.
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";

/** What the ledger said, as far as the page knows it. */
export interface Refusal {
  codespace: string | undefined;
  code: number | undefined;
  message: string;
}

export interface Explained {
  words: MessageDescriptor;
  /** Values of the words, as the ledger told them. */
  values: Record<string, string>;
  /** When it is allowed again. */
  again: Date | null;
}

/** The ledger's time, as it stands in refusals: 2026-11-21 10:28:21 UTC. */
const TIME = /(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(?:UTC|Z)/;
const LIMIT = /rate limit: ([a-z_ ]+?) is (\d+)/;

const LIMITS: Record<string, MessageDescriptor> = {
  max_tickets_per_customer_per_day: msg`You have reached today's limit of {value} tickets.`,
  ticket_cooldown_seconds: msg`This desk asks for {value} seconds between two tickets from one customer.`,
  max_open_tickets_per_customer: msg`You have {value} open tickets, the limit at this desk. Close one that is settled, or write in one of them.`,
  max_attachment_bytes_per_customer_per_day: msg`You have reached today's limit for files. Send the text now, and the files tomorrow.`,
  "documents written in an hour": msg`You can save this at most {value} times an hour. What you wrote stays here.`,
};

const SUPPORT: Record<number, MessageDescriptor> = {
  7: msg`The ledger does not let you do this here. Someone else may have the ticket now: look at it again.`,
  8: msg`This ticket is closed. Reopen it to write in it.`,
  9: msg`This ticket is unassigned. It has to be assigned first.`,
  13: msg`This ticket has as many replies as it can have. Continue in a new ticket.`,
  15: msg`The ticket is already resolved.`,
  16: msg`This ticket was closed too long ago to reopen. Write a new one that names it.`,
  19: msg`This desk does not have that category any more. Choose another one.`,
  40: msg`Someone replied at the same moment. Read that, and send yours again.`,
  41: msg`No administrator of this desk can read anything yet. Ask the support team to finish setting up, then try again.`,
  42: msg`The readers of this ticket changed at the same moment. Send it again.`,
  43: msg`The readers of this ticket changed at the same moment. Send it again.`,
  45: msg`Someone else changed this at the same moment. Look at their version, and save yours again.`,
  48: msg`There is no room for another document. Delete one you no longer need.`,
  50: msg`A ticket cannot be put aside until then: choose a time within a year.`,
  51: msg`The ticket is already theirs.`,
  52: msg`They cannot have tickets here: they are on the staff, are not active, or have not started in a browser yet.`,
  53: msg`This ticket cannot be transferred to another customer again. Write a new one.`,
  54: msg`You have already rated this, or the time to rate it has passed.`,
  56: msg`A ticket cannot be linked to itself.`,
  57: msg`These two are already linked. Remove that link first.`,
  58: msg`That link no longer exists.`,
  59: msg`This ticket has as many links as it can have. Remove one first.`,
  63: msg`This file is larger than this desk takes. Make it smaller, or split it.`,
  64: msg`This desk takes no files. Write what the file says.`,
  71: msg`This desk does not take tickets for callers at the moment.`,
  75: msg`At most four people can help the assignee.`,
  76: msg`You cannot take this ticket: it is or was your own.`,
};

const SDK: Record<number, MessageDescriptor> = {
  20: msg`The desk is busy. Try again in a few seconds.`,
  21: msg`This is too long for one message. Split it into two.`,
  32: msg`Something else was sent with your key at the same moment. Send it again.`,
  42: msg`This arrived too late. Check this computer's clock, and send it again.`,
};

/** What a refusal means; null where the page knows no better words than the ledger's. */
export function explained({ codespace, code, message }: Refusal): Explained | null {
  if (code === undefined) return null;
  const again = timeIn(message);
  if (codespace === "support" && code === 12) {
    const [, limit = "", value = ""] = LIMIT.exec(message) ?? [];
    const words = Object.hasOwn(LIMITS, limit) ? LIMITS[limit] : undefined;
    return words ? { words, values: { value }, again } : null;
  }
  const table = codespace === "support" ? SUPPORT : codespace === "sdk" ? SDK : {};
  const words = table[code];
  return words ? { words, values: {}, again } : null;
}

function timeIn(message: string): Date | null {
  const [, day, time] = TIME.exec(message) ?? [];
  return day === undefined ? null : new Date(`${day}T${time}Z`);
}
