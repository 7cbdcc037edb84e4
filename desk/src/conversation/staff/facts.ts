// What the variables of canned replies stand for.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { Conversation } from "sealdesk/views";

import { door } from "../../door.ts";
import { client } from "../../queries.ts";
import { useKnown } from "../../people/known.ts";
import type { Facts } from "./canned.ts";

/** Kept sealed, like a draft: it is somebody's name. */
const KEPT = "signature";
const KEY = ["signature"] as const;

/** The name under which this person answers; empty where they gave none. */
export function useSignature(): string {
  const { data } = useQuery({ queryKey: KEY, queryFn: () => door.draft(KEPT), staleTime: Number.POSITIVE_INFINITY });
  return data ?? "";
}

export async function setSignature(name: string): Promise<void> {
  await door.saveDraft(KEPT, name);
  client.setQueryData(KEY, name);
}

export function useFacts({ ticket, messages }: Conversation): Facts {
  const { t } = useLingui();
  const known = useKnown();
  const signature = useSignature();
  return {
    // Whoever is addressed is called what they call themselves, whatever marks the desk needs beside that.
    customer: known.get(ticket.customer_address)?.name ?? "",
    ticket: ticket.ticket_id,
    agent: signature === "" ? t`Your support team` : signature,
    subject: messages[0]?.subject ?? ticket.ticket_id,
  };
}
