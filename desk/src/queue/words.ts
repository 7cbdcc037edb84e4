// What the ledger's names are called here.
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import type { TicketPriority, TicketStatus } from "sealdesk/views";

export const STATUS: Record<TicketStatus, MessageDescriptor> = {
  open: msg`new`,
  assigned: msg`assigned`,
  in_progress: msg`in progress`,
  pending_customer: msg`waiting for the customer`,
  resolved: msg`resolved`,
  closed: msg`closed`,
};

/** The same, said to the customer. */
export const CUSTOMER_STATUS: Record<TicketStatus, MessageDescriptor> = {
  open: msg`sent`,
  assigned: msg`with support`,
  in_progress: msg`with support`,
  pending_customer: msg`waiting for you`,
  resolved: msg`resolved`,
  closed: msg`closed`,
};

export const PRIORITY: Record<TicketPriority, MessageDescriptor> = {
  low: msg`low`,
  normal: msg`normal`,
  high: msg`high`,
  urgent: msg`urgent`,
};

const CATEGORY: Record<string, MessageDescriptor> = {
  billing: msg`Billing`,
  technical: msg`Technical`,
  account: msg`Account`,
  provider: msg`Provider`,
  deployment: msg`Deployment`,
  security: msg`Security`,
  other: msg`Something else`,
};

/** A category's name; one that this desk made itself is shown as it is. */
export function category(name: string, say: (message: MessageDescriptor) => string): string {
  const known = CATEGORY[name];
  return known ? say(known) : name;
}

export function tone(status: TicketStatus, isCustomer: boolean): string {
  if (status === "resolved" || status === "closed") return "done";
  return status === "pending_customer" && isCustomer ? "waiting" : "";
}
