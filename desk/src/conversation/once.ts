// A new ticket is sent once, whatever happens to the page meanwhile: one that was being sent is looked for on the ledger before it is sent again.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { Told } from "../../worker/api.ts";
import type { Sending } from "../../worker/ticket.ts";
import { door, DeskError, hasPassed } from "../door.ts";
import { client } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { holding, settled } from "./holding.ts";
import { mayArriveFor, sendAgain, STILL_MS, textsOf } from "./sending.ts";

/** How far the clocks of this browser and of the ledger may be apart, in milliseconds. */
const CLOCKS_MS = 5 * 60_000;
/** How often a ticket that was being sent is looked for. */
const LOOK_MS = 15_000;

export interface Written {
  subject: string;
  message: string;
}

export interface Once {
  /** Sends it, unless another tab does; `work` signs with the sequence that it is given, or not at all. Null where it had arrived before. */
  send(text: string, work: (only?: bigint) => Promise<Told>): Promise<Told | null>;
  /** It is on the ledger. */
  done(): Promise<void>;
  /** Whether one began to be sent of which it is not known whether it arrived. */
  isInterrupted: boolean;
  /** The ticket that it became, where it arrived before a crash or a reload. */
  arrived: string | null;
}

interface Found {
  id: string;
  text: string;
}

export function useOnce(draft: string, writtenIn: (text: string) => Written): Once {
  const { t } = useLingui();
  const mayArriveMs = mayArriveFor(useOpened());
  const key = ["sending", draft] as const;
  const { data: mark = null, dataUpdatedAt } = useQuery({ queryKey: key, queryFn: () => door.sending(draft), staleTime: 0, refetchInterval: LOOK_MS });
  const [isOurs, setOurs] = useState(false);
  const [arrived, setArrived] = useState<string | null>(null);
  useEffect(() => {
    if (mark === null || isOurs) return;
    const settle = async () => {
      const found = await ticketOf(mark, writtenIn);
      if (found === null && Date.now() < mark.since + mayArriveMs) return;
      if (!(await settled(draft, mark, found?.text ?? null))) return;
      setArrived(found?.id ?? null);
      await client.invalidateQueries({ queryKey: ["sending", draft] });
    };
    void settle().catch(() => undefined);
    // Each look may find it settled, though what is kept of it is the same.
  }, [mark, isOurs, draft, writtenIn, mayArriveMs, dataUpdatedAt]);

  const claimed = async (text: string, work: (only?: bigint) => Promise<Told>) => {
    const claim = await door.claim(draft, text, 0);
    if (claim === "gone" || claim === "changed") throw new Error(t`The text was changed in another tab meanwhile. Look at it, and send it again.`);
    const before = claim === "mine" ? null : claim;
    setOurs(true);
    const still = setInterval(() => void door.stillSending(draft).catch(() => undefined), STILL_MS);
    try {
      if (before === null) return { done: await work() };
      const sequence = () => door.sequence();
      return await sendAgain({ sequence, look: () => ticketOf(before, writtenIn), send: work, hasPassed });
    } catch (error) {
      // Of what was interrupted before, a failure now says nothing.
      if (before === null && !(error instanceof DeskError && error.unanswered)) await door.endSending(draft);
      throw error;
    } finally {
      clearInterval(still);
      setOurs(false);
    }
  };
  return {
    async send(text, work) {
      const came = await holding(draft, () => new Error(t`Another tab is sending it already.`), () => claimed(text, work));
      if ("done" in came) return came.done;
      const now = await door.sending(draft);
      if (now !== null) await settled(draft, now, came.there.text);
      setArrived(came.there.id);
      return null;
    },
    done: () => door.endSending(draft),
    isInterrupted: mark !== null && !isOurs,
    arrived,
  };
}

/** One's own ticket of words that were being sent, written since then. Throws where the node holds tickets back: it may be one of those. */
async function ticketOf(sending: Sending, writtenIn: (text: string) => Written): Promise<Found | null> {
  const { own, withheld } = await door.inbox();
  const young = own.filter(({ created_at }) => created_at !== null && Date.parse(created_at) > sending.begun - CLOCKS_MS);
  for (const { ticket_id: id } of young) {
    const [first] = (await door.read(id)).messages;
    const text = textsOf(sending).find((text) => first?.subject === writtenIn(text).subject && first.text === writtenIn(text).message);
    if (text !== undefined) return { id, text };
  }
  if (withheld > 0) throw new Error("the node does not show all tickets of this account: whether it has this one is not known");
  return null;
}
