// A reply or a note on its way: kept as a draft before anything else, claimed so that no other tab sends it too, sent once with what it says
// of the ticket, and dropped only when the ledger proves that it is there.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Act, Conversation } from "sealdesk/views";

import type { Sending } from "../../worker/ticket.ts";
import { door, DeskError, hasPassed } from "../door.ts";
import { type Files, Stopped } from "../files/chosen.ts";
import { client } from "../queries.ts";
import { useToast } from "../kit/toast.tsx";
import { useOpened } from "../session/session.tsx";
import { gone } from "./devices.ts";
import { dropSent } from "./draft.ts";
import { buries, whoWrote } from "./meanwhile.ts";
import { sending } from "./retag.ts";
import type { Planned } from "./tags.ts";
import { outbox, refresh, useEntry, waitOf } from "./outboxTimer.ts";
import { holding, settled } from "./draftLock.ts";
import { fate, mayArriveFor, sendAgain, STILL_MS, textsOf, textThere } from "./sending.ts";
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
  /** How many it had when its person began what this ends, where that is longer ago: a dialog may have been open since. */
  seen?: number;
  /** What follows of it, in the same transaction. */
  then: Planned[];
  label: string;
  /** Its files, which go to the desk before it. */
  files?: Files;
  /** What has to be done first, in a transaction of its own. */
  before?: (() => Promise<unknown>) | undefined;
  /** After it was taken back. */
  onUndo?: () => void;
}

/** Sends a message once its time to be taken back is over. */
export function useDeliver(isStaff: boolean): (message: Message) => void {
  const { t } = useLingui();
  const told = useTold();
  const toast = useToast();
  const { address } = useOpened();
  return (message) => {
    const draft = draftOf(message.kind, message.ticket);
    const isNote = message.kind === "note";
    let isBegun = false;
    const deliver = async (): Promise<void | false> => {
      let claim = await door.claim(draft, message.text, message.count);
      if (claim === "gone") {
        const { messages } = await door.read(message.ticket);
        if (textThere([message.text], message.count, messages, address, isNote) !== null) return toast(t`Another tab already sent this.`);
        // The browser threw the draft away: what somebody sends is in front of them all the same.
        await door.saveDraft(draft, message.text);
        claim = await door.claim(draft, message.text, message.count);
      }
      if (claim === "changed" || claim === "gone") throw new Error(t`The text was changed in another tab. Check it, then send it again.`);
      const before = claim === "mine" ? null : claim;
      const still = setInterval(() => void door.stillSending(draft).catch(() => undefined), STILL_MS);
      try {
        // Once: whoever sends it again has done that.
        if (!isBegun) await message.before?.();
        isBegun = true;
        const ids = (await message.files?.bring(message.ticket, isNote)) ?? [];
        const planned: Planned[] = [{ act: message.kind, message: message.text }, ...message.then];
        const write = (acts: Act[], only?: bigint) => (ids.length > 0 ? door.actWith(message.ticket, acts, ids, only) : door.act(message.ticket, acts, only));
        const send = (only?: bigint) => sending(message.ticket, planned, (acts) => write(acts, only));
        const look = async (mark: Sending) => textThere(textsOf(mark), mark.count, (await door.read(message.ticket)).messages, address, isNote);
        const sequence = () => door.sequence();
        const came = before === null ? { done: await send() } : await sendAgain({ sequence, look: () => look(before), send, hasPassed });
        // What is not proven may still be there or not: the mark stays until the ledger shows which.
        if ("done" in came && !told(came.done)) return false;
        if ("there" in came) toast(t`Your earlier message has arrived. Look at it before you send more.`);
        const sent = "there" in came ? came.there : message.text;
        if (sent === message.text) message.files?.drop();
        await dropSent(draft, sent);
        await door.endSending(draft);
        gone(draft);
      } catch (error) {
        // Of what was interrupted before, a failure now says nothing.
        if (before === null && !(error instanceof DeskError && error.unanswered)) await door.endSending(draft);
        // Whoever stopped their files has sent nothing, and knows it.
        if (!(error instanceof Stopped)) throw error;
        return false;
      } finally {
        clearInterval(still);
        await client.invalidateQueries({ queryKey: markKey(draft) });
        await refresh(message.ticket);
      }
    };
    const { ticket, label, onUndo, count, then } = message;
    const wait = waitOf(isStaff);
    // What came while it waited has an answer by it, or is over by it, before anybody of the team has read it. A customer's reply hides nothing.
    const isLooked = isStaff && (buries(then) || (!isNote && wait > 0));
    const isHeld = outbox.hold(
      {
        key: draft,
        ticket,
        label,
        run: () => holding(draft, () => new Error(t`Another tab is already sending this.`), deliver),
        look: isLooked ? (since) => whoWrote(ticket, since ?? message.seen ?? count, address) : undefined,
        onUndo,
        isKept: true,
      },
      wait,
    );
    // Not taken in: what was written is still in the field.
    if (!isHeld) toast(t`Part of this text is already waiting to be sent. Send that or take it back first.`);
  };
}

/** A message of before a crash or a reload, of which it is not known whether it was sent. */
export function useIsInterrupted(kind: Kind, opened: Conversation): boolean {
  const { address, hasWallet } = useOpened();
  const mayArriveMs = mayArriveFor({ hasWallet });
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
  const seems = sending === null || isOurs ? null : fate(sending, opened.messages, address, isNote, Date.now(), mayArriveMs);
  useEffect(() => {
    if (seems === null || seems === "underway" || sending === null) return;
    const settle = async () => {
      // What the page shows may be of before: a message is lost only where the ledger does not have it now.
      const { messages } = await door.read(id);
      if (fate(sending, messages, address, isNote, Date.now(), mayArriveMs) === "underway") return;
      const there = textThere(textsOf(sending), sending.count, messages, address, isNote);
      await settled(draft, sending, there);
      await client.invalidateQueries({ queryKey: markKey(draft) });
    };
    void settle().catch(() => undefined);
    // Each look may find it settled, though what is kept of it is the same.
  }, [seems, draft, id, address, isNote, sending, mayArriveMs, dataUpdatedAt]);
  // What is in front of the person has arrived, whatever is still to be tidied up.
  return sending !== null && !isOurs && seems !== "arrived";
}
