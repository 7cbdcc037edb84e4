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
  max_tickets_per_customer_per_day: msg`You wrote as many tickets today as this desk takes from one customer: {value}.`,
  ticket_cooldown_seconds: msg`This desk asks for {value} seconds between two tickets of one customer.`,
  max_open_tickets_per_customer: msg`You have {value} open tickets, as many as this desk takes. Close one that is settled, or write in one of them.`,
  max_attachment_bytes_per_customer_per_day: msg`Your files of today are as large as this desk takes from one customer in a day. Send the text now, and the files tomorrow.`,
  "documents written in an hour": msg`That is written down {value} times an hour at most. What you wrote stays here.`,
};

const SUPPORT: Record<number, MessageDescriptor> = {
  7: msg`The ledger does not let you do this here. Somebody else may have the ticket by now: look at it again.`,
  8: msg`This ticket is closed. Open it again to write in it.`,
  9: msg`Nobody has this ticket yet. It has to be assigned first.`,
  13: msg`This ticket has as many answers as it can have. Go on in a new ticket.`,
  15: msg`It is resolved already.`,
  16: msg`It was closed too long ago to be opened again. Write a new ticket that names this one.`,
  19: msg`This desk does not have that category any more. Choose another one.`,
  40: msg`Somebody answered at the same moment. Look at it, and send it again.`,
  41: msg`No administrator of this desk can read anything yet. Ask the desk to set itself up, and send it then.`,
  42: msg`Who reads this changed at the same moment. Send it again.`,
  43: msg`Who reads this changed at the same moment. Send it again.`,
  45: msg`Somebody else changed the same at the same moment. Look at theirs, and save yours again.`,
  48: msg`This shelf is full. Delete something that nobody needs.`,
  50: msg`That is not a time until which a ticket can be put aside: choose one within a year.`,
  51: msg`It is theirs already.`,
  52: msg`They cannot have tickets here: they are on the staff, are not active, or have not started in a browser yet.`,
  53: msg`This ticket was given to as many customers as it can have. Write a new one.`,
  54: msg`This resolution is rated already, or its time is over.`,
  56: msg`A ticket cannot be linked with itself.`,
  57: msg`These two are linked already. Take that link back first.`,
  58: msg`That link is not there any more.`,
  59: msg`This ticket has as many links as it can have. Take one back first.`,
  63: msg`This file is larger than this desk takes. Make it smaller, or split it.`,
  64: msg`This desk takes no files. Write what is in it.`,
  71: msg`This desk takes no tickets for callers now.`,
  75: msg`At most four can work on it beside whoever has it.`,
  76: msg`You cannot take this ticket: it is or was your own.`,
};

const SDK: Record<number, MessageDescriptor> = {
  20: msg`The desk is busy. Try again in a few seconds.`,
  21: msg`This is too long for one message. Split it into two.`,
  32: msg`Something else was sent with your key at the same moment. Send it again.`,
  42: msg`It came too late. Look whether the clock of this computer is right, and send it again.`,
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
