// A new ticket is sent once, whatever happens to the page meanwhile: one that was being sent is looked for on the ledger before it is sent again.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { Told } from "../../worker/api.ts";
import { door, DeskError } from "../door.ts";
import { forgetFiles } from "../files/chosen.ts";
import { client } from "../queries.ts";
import { dropSent } from "./draft.ts";
import { MAY_ARRIVE_MS, STILL_MS } from "./sending.ts";

/** How far the clocks of this browser and of the ledger may be apart, in milliseconds. */
const CLOCKS_MS = 5 * 60_000;
/** How often a ticket that was being sent is looked for. */
const LOOK_MS = 15_000;

export interface Written {
  subject: string;
  message: string;
}

export interface Once {
  /** Sends it, unless another tab does. */
  send(text: string, work: () => Promise<Told>): Promise<Told>;
  /** It is on the ledger. */
  done(): Promise<void>;
  /** When one began to be sent of which it is not known whether it arrived; null where there is none. */
  since: number | null;
  /** The ticket that it became, where it arrived before a crash or a reload. */
  arrived: string | null;
}

export function useOnce(draft: string, writtenIn: (text: string) => Written): Once {
  const { t } = useLingui();
  const key = ["sending", draft] as const;
  const { data: mark = null, dataUpdatedAt } = useQuery({ queryKey: key, queryFn: () => door.sending(draft), staleTime: 0, refetchInterval: LOOK_MS });
  const [isOurs, setOurs] = useState(false);
  const [arrived, setArrived] = useState<string | null>(null);
  useEffect(() => {
    if (mark === null || isOurs) return;
    const settle = async () => {
      const found = await ticketOf(writtenIn(mark.text), mark.since);
      if (found === null && Date.now() < mark.since + MAY_ARRIVE_MS) return;
      if (found !== null) await dropSent(draft, mark.text);
      if (found !== null) await forgetFiles(draft);
      await door.endSending(draft);
      setArrived(found);
      await client.invalidateQueries({ queryKey: ["sending", draft] });
    };
    void settle().catch(() => undefined);
    // Each look may find it settled, though what is kept of it is the same.
  }, [mark, isOurs, draft, writtenIn, dataUpdatedAt]);
  return {
    async send(text, work) {
      const claim = await door.claim(draft, text, 0);
      if (claim === "elsewhere") throw new Error(t`Another tab is sending it already.`);
      if (claim !== "mine") throw new Error(t`The text was changed in another tab meanwhile. Look at it, and send it again.`);
      setOurs(true);
      const still = setInterval(() => void door.stillSending(draft).catch(() => undefined), STILL_MS);
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof DeskError && error.unanswered)) await door.endSending(draft);
        throw error;
      } finally {
        clearInterval(still);
        setOurs(false);
      }
    },
    done: () => door.endSending(draft),
    since: mark === null || isOurs ? null : mark.since,
    arrived,
  };
}

/** One's own ticket of these words, written since then. */
async function ticketOf(written: Written, since: number): Promise<string | null> {
  const { own } = await door.inbox();
  const young = own.filter(({ created_at }) => created_at !== null && Date.parse(created_at) > since - CLOCKS_MS);
  for (const { ticket_id } of young) {
    const [first] = (await door.read(ticket_id)).messages;
    if (first?.subject === written.subject && first.text === written.message) return ticket_id;
  }
  return null;
}
