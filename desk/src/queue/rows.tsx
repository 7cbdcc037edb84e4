// One line of a list of tickets, and what stands in which list.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import type { Inbox, Ticket } from "sealdesk/views";

import { door } from "../door.ts";
import { oneLine } from "../kit/letters.ts";
import { When } from "../kit/When.tsx";
import { useNames } from "../people/names.tsx";
import { keys } from "../queries.ts";
import { byChange, byUrgency, everything, type View } from "./views.ts";
import { CUSTOMER_STATUS, PRIORITY, STATUS, tone } from "./words.ts";

export function useInbox() {
  return useQuery({ queryKey: keys.inbox, queryFn: () => door.inbox() });
}

/** What stands in a list, in its order. */
export function ticketsOf(inbox: Inbox, view: View | undefined, me: string): Ticket[] {
  if (!view) return [...inbox.own, ...inbox.closed].sort(byChange);
  return everything(inbox).filter((ticket) => view.has(ticket, me)).sort(byUrgency);
}

export function Row({ ticket, isCustomer }: { ticket: Ticket; isCustomer: boolean }) {
  const { i18n, t } = useLingui();
  const names = useNames();
  const say = (message: MessageDescriptor) => i18n._(message);
  const changed = `${ticket.updated_at} ${ticket.response_count}`;
  const { data: summary } = useQuery({
    queryKey: keys.summary(ticket.ticket_id, changed),
    queryFn: () => door.summary(ticket.ticket_id, changed),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const status = say((isCustomer ? CUSTOMER_STATUS : STATUS)[ticket.status]);
  const who = isCustomer ? null : names(ticket.customer_address);
  const isUrgent = ticket.priority === "urgent" || ticket.priority === "high";
  return (
    <>
      <span className="subject" dir="auto">
        {oneLine(summary?.subject) ?? (summary && summary.subject === null ? t`Sealed for others` : ticket.ticket_id)}
      </span>
      <When at={ticket.updated_at} />
      <span className="below">
        {isUrgent && <span className={`tag ${ticket.priority}`}>{say(PRIORITY[ticket.priority])}</span>}{" "}
        <span className={`tag ${tone(ticket.status, isCustomer)}`}>{status}</span> {who && <bdi>{who} · </bdi>}
        <bdi>{oneLine(summary?.latest)}</bdi>
      </span>
    </>
  );
}

export function Nothing({ isCustomer }: { isCustomer: boolean }) {
  return (
    <div className="empty">
      <strong>{isCustomer ? <Trans>No tickets yet</Trans> : <Trans>Nothing here</Trans>}</strong>
      <span>
        {isCustomer ? (
          <Trans>Write the first one. Only support and you can read it.</Trans>
        ) : (
          <Trans>What fits this view appears by itself.</Trans>
        )}
      </span>
    </div>
  );
}
