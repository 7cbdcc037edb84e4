// A customer's own tickets: few, so that a plain list does.
import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

import { Problem } from "../kit/Problem.tsx";
import { NoTickets, Row, useInbox } from "./Row.tsx";
import { byChange } from "./views.ts";

export function OwnTickets({ chosen }: { chosen: string | undefined }) {
  const { t } = useLingui();
  const { data: inbox, error, refetch } = useInbox();
  if (!inbox) {
    if (error) return <Problem error={error} onRetry={() => void refetch()} />;
    return <div className="bar-progress" role="progressbar" aria-label={t`Looking for tickets`} />;
  }
  const tickets = [...inbox.own, ...inbox.closed].sort(byChange);
  if (tickets.length === 0) return <NoTickets />;
  return (
    <ul className="scroll" aria-label={t`Tickets`}>
      {tickets.map((ticket) => (
        <li key={ticket.ticket_id}>
          <Link
            className="ticket"
            to="/tickets/$id"
            params={{ id: ticket.ticket_id }}
            aria-current={ticket.ticket_id === chosen ? "page" : undefined}
          >
            <Row ticket={ticket} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
