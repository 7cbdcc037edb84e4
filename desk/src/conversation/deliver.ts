// A reply or a note on its way: kept as a draft before anything else, claimed so that no other tab sends it too, sent once with what it says
// of the ticket, and dropped only when the ledger proves that it is there.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Act, Conversation } from "sealdesk/views";

import type { Sending } from "../../worker/ticket.ts";
import { door, DeskError } from "../door.ts";
import { type Files, forgetFiles, Stopped } from "../files/chosen.ts";
import { client } from "../queries.ts";
import { useToast } from "../kit/toast.tsx";
import { useOpened } from "../session/session.tsx";
import { gone } from "./devices.ts";
import { dropSent } from "./draft.ts";
import { outbox, refresh, useEntry, waitOf } from "./hold.ts";
import { fate, isThere, STILL_MS } from "./sending.ts";
import { useTold } from "./told.tsx";

export type Kind = "reply" | "note";

export const draftOf = (kind: Kind, ticket: string): string => `${kind}/${ticket}`;
const markKey = (draft: string) => ["sending", draft] as const;

interface Message {
  kind: Kind;
  ticket: string;
  text: string;
  /** How many responses the ticket has. */
  count: number;
  /** What follows of it, in the same transaction. */
  then: Act[];
  label: string;
  /** Its files, which go to the desk before it. */
  files?: Files;
  /** What has to be done first, in a transaction of its own. */
  before?: (() => Promise<unknown>) | undefined;
}

/** Sends a message once its time to be taken back is over. */
export function useDeliver(isStaff: boolean): (message: Message) => void {
  const { t } = useLingui();
  const told = useTold();
  const toast = useToast();
  const { address } = useOpened();
  return (message) => {
    const draft = draftOf(message.kind, message.ticket);
    const deliver = async () => {
      let claim = await door.claim(draft, message.text, message.count);
      if (claim === "gone") {
        const { messages } = await door.read(message.ticket);
        if (isThere(message, messages, address, message.kind === "note")) return toast(t`Another tab has sent it already.`);
        // The browser threw the draft away: what somebody sends is in front of them all the same.
        await door.saveDraft(draft, message.text);
        claim = await door.claim(draft, message.text, message.count);
      }
      if (claim === "elsewhere") throw new Error(t`Another tab is sending it already.`);
      if (claim === "changed") throw new Error(t`The text was changed in another tab meanwhile. Look at it, and send it again.`);
      const still = setInterval(() => void door.stillSending(draft).catch(() => undefined), STILL_MS);
      try {
        await message.before?.();
        const ids = (await message.files?.bring(message.ticket, message.kind === "note")) ?? [];
        const acts: Act[] = [{ act: message.kind, message: message.text }, ...message.then];
        const done = await (ids.length > 0 ? door.actWith(message.ticket, acts, ids) : door.act(message.ticket, acts));
        // What is not proven may still be there or not: the mark stays until the ledger shows which.
        if (!told(done)) return;
        message.files?.drop();
        await dropSent(draft, message.text);
        await door.endSending(draft);
        gone(draft);
      } catch (error) {
        if (!(error instanceof DeskError && error.unanswered)) await door.endSending(draft);
        // Whoever stopped their files has sent nothing, and knows it.
        if (!(error instanceof Stopped)) throw error;
      } finally {
        clearInterval(still);
        await client.invalidateQueries({ queryKey: markKey(draft) });
        await refresh(message.ticket);
      }
    };
    outbox.hold({ key: draft, ticket: message.ticket, label: message.label, run: deliver, isKept: true }, waitOf(isStaff));
  };
}

/** A message of before a crash or a reload, of which it is not known whether it was sent; null where there is none. */
export function useInterrupted(kind: Kind, opened: Conversation): { until: number } | null {
  const { address } = useOpened();
  const draft = draftOf(kind, opened.ticket.ticket_id);
  const entry = useEntry(draft);
  const { data: sending = null, dataUpdatedAt } = useQuery<Sending | null>({
    queryKey: markKey(draft),
    queryFn: () => door.sending(draft),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data ? 5_000 : false),
  });
  const isOurs = entry?.state === "sending";
  const isNote = kind === "note";
  const { ticket_id: id } = opened.ticket;
  const seems = sending === null || isOurs ? null : fate(sending, opened.messages, address, isNote, Date.now());
  useEffect(() => {
    if (seems === null || seems === "underway" || sending === null) return;
    const settle = async () => {
      // What the page shows may be of before: a message is lost only where the ledger does not have it now.
      const became = fate(sending, (await door.read(id)).messages, address, isNote, Date.now());
      if (became === "arrived") await dropSent(draft, sending.text);
      if (became === "arrived") await forgetFiles(draft);
      await door.endSending(draft);
      await client.invalidateQueries({ queryKey: markKey(draft) });
    };
    void settle().catch(() => undefined);
    // Each look may find it settled, though what is kept of it is the same.
  }, [seems, draft, id, address, isNote, sending, dataUpdatedAt]);
  // What is in front of the person has arrived, whatever is still to be tidied up.
  return sending === null || isOurs || seems === "arrived" ? null : { until: sending.since };
}
