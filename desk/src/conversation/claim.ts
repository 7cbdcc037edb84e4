// Who asks for a ticket by a claim link: its customer says in it whose it is to be (worker/caller.ts).
import type { Conversation } from "sealdesk/views";

const CLAIM = /^This ticket is mine\. My address: ([a-z0-9]{1,90})$/;

/** The address that the ticket's present customer asks to give it to; null where they ask for nothing. What readers are warned of asks for nothing. */
export function claimantOf({ ticket, messages }: Pick<Conversation, "ticket" | "messages">): string | null {
  const asked = messages.findLast(
    ({ author, internal, text, warned }) => !internal && warned.length === 0 && author === ticket.customer_address && text !== null && CLAIM.test(text),
  );
  const address = CLAIM.exec(asked?.text ?? "")?.[1];
  return address === undefined || address === ticket.customer_address ? null : address;
}
