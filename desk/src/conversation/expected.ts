// What nobody has to be told of whom something was sealed for.
import type { Conversation, Note } from "sealdesk/views";

import { client, keys } from "../queries.ts";

/**
 * Whether a line says no more than that the customer who wrote a ticket reads what is written in it. Of one that was given to another customer it is
 * news, and of one that this page does not know it may be.
 */
export function isExpected({ reader }: Note): boolean {
  if (reader?.why !== "customer" || reader.ticket === null) return false;
  const opened = client.getQueryData<Conversation>(keys.ticket(reader.ticket));
  return opened?.ticket.customer_address === reader.address && opened.ticket.previous_customers.length === 0;
}
