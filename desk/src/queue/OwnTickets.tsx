// A customer's own tickets: few, so that a plain list does.
import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { Inbox } from "sealdesk/views";

import { useOpened } from "../session/session.tsx";
import { Nothing, Row, ticketsOf } from "./rows.tsx";

export function OwnTickets({ inbox, chosen }: { inbox: Inbox; chosen: string | undefined }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const tickets = ticketsOf(inbox, undefined, address);
  if (tickets.length === 0) return <Nothing isCustomer />;
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
            <Row ticket={ticket} isCustomer />
          </Link>
        </li>
      ))}
    </ul>
  );
}
