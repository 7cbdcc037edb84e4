// A customer's own tickets: few, so that a plain list does.
import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Inbox } from "sealdesk/views";

import { Problem } from "../kit/Problem.tsx";
import { Searching } from "../search/Searching.tsx";
import { useClaimed } from "../session/useClaimed.ts";
import { NoTickets, Row, useInbox } from "./Row.tsx";
import { byChange } from "./views.ts";

export function OwnTickets({ chosen }: { chosen: string | undefined }) {
  const { t } = useLingui();
  const { data: inbox, error, refetch } = useInbox();
  if (!inbox) {
    if (error) return <Problem error={error} onRetry={() => void refetch()} />;
    return <div className="bar-progress" role="progressbar" aria-label={t`Loading tickets`} />;
  }
  return <Own inbox={inbox} chosen={chosen} />;
}

function Own({ inbox, chosen }: { inbox: Inbox; chosen: string | undefined }) {
  const { t } = useLingui();
  const tickets = useMemo(() => [...inbox.own, ...inbox.closed].sort(byChange), [inbox]);
  const listed = useMemo(() => {
    const more = Object.values(inbox.more).some((count) => count > 0);
    return { isEmpty: tickets.length === 0, isCustomer: true, more, tickets: () => tickets };
  }, [inbox, tickets]);
  const claimed = useClaimed(true);
  // Whoever has one before them that they can make theirs is not told to write it. Once they have asked for it, support may never give it to them.
  if (tickets.length === 0) return claimed && !claimed.isOver && !claimed.isAsked ? null : <NoTickets />;
  return (
    <Searching listed={listed} chosen={chosen}>
    <ul className="scroll" aria-label={t`Tickets`}>
      {tickets.map((ticket) => (
        <li key={ticket.ticket_id}>
          <Link
            className="ticket"
            to="/tickets/$id"
            params={{ id: ticket.ticket_id }}
            aria-current={ticket.ticket_id === chosen ? "page" : undefined}
          >
            <Row ticket={ticket} isChosen={ticket.ticket_id === chosen} />
          </Link>
        </li>
      ))}
    </ul>
    </Searching>
  );
}
