// A new ticket is sent once, whatever happens to the page meanwhile: one that was being sent is looked for on the ledger before it is sent again.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { client } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { OWN, sendHeld, type Signer, ticketOf, type Work, type Written } from "./firstSent.ts";
import { settled } from "./draftLock.ts";
import { mayArriveFor } from "./sending.ts";

/** How often a ticket that was being sent is looked for. */
const LOOK_MS = 15_000;

export interface Once {
  /**
   * Sends it, unless another tab does; `work` signs with the sequence that it is given, or not at all. What is proven to be there is dropped from
   * the draft. Null where it had arrived before.
   */
  send(text: string, work: Work): Promise<Told | null>;
  /** Whether one began to be sent of which it is not known whether it arrived. */
  isInterrupted: boolean;
  /** The ticket that it became, where it arrived before a crash or a reload. */
  arrived: string | null;
}

export function useOnce(draft: string, writtenIn: (text: string) => Written, signer: Signer = OWN): Once {
  const { t } = useLingui();
  const opened = useOpened();
  const { address: me } = opened;
  const source = useMemo(() => ({ draft, writtenIn, signer, me }), [draft, writtenIn, signer, me]);
  const mayArriveMs = signer.mayArriveMs ?? mayArriveFor(opened);
  const key = ["sending", draft] as const;
  const { data: mark = null, dataUpdatedAt } = useQuery({ queryKey: key, queryFn: () => door.sending(draft), staleTime: 0, refetchInterval: LOOK_MS });
  const [isOurs, setOurs] = useState(false);
  const [arrived, setArrived] = useState<string | null>(null);
  useEffect(() => {
    if (mark === null || isOurs) return;
    const settle = async () => {
      const found = await ticketOf(mark, source);
      if (found === null && Date.now() < mark.since + mayArriveMs) return;
      if (!(await settled(draft, mark, found?.text ?? null))) return;
      setArrived(found?.id ?? null);
      await client.invalidateQueries({ queryKey: ["sending", draft] });
    };
    void settle().catch(() => undefined);
    // Each look may find it settled, though what is kept of it is the same.
  }, [mark, isOurs, draft, source, mayArriveMs, dataUpdatedAt]);

  const changed = () => new Error(t`The text was changed in another tab. Check it, then send it again.`);
  const elsewhere = () => new Error(t`Another tab is already sending this.`);
  return {
    async send(text, work) {
      setOurs(true);
      const came = await sendHeld(source, text, work, { changed, elsewhere }).finally(() => {
        setOurs(false);
        // What may be on its way is looked for from now on.
        void client.invalidateQueries({ queryKey: ["sending", draft] });
      });
      if ("done" in came) return came.done;
      const now = await door.sending(draft);
      if (now !== null) await settled(draft, now, came.there.text);
      setArrived(came.there.id);
      return null;
    },
    isInterrupted: mark !== null && !isOurs,
    arrived,
  };
}
