// What happened to a ticket, a quiet line each. Texts in an event are public, and others wrote them.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Ticket } from "sealdesk/views";

import { regional } from "../i18n.ts";
import { oneLine } from "../kit/letters.ts";
import { When } from "../kit/When.tsx";
import { useNames } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import { PRIORITY } from "../queue/words.ts";

/** Where a ticket stands now, in a whole sentence: what it is called elsewhere fits into none in every language. */
function standing(status: string, isOwn: boolean): ReactNode {
  if (status === "in_progress") return <Trans>Support is working on it</Trans>;
  if (status === "pending_customer") return isOwn ? <Trans>Waiting for your reply</Trans> : <Trans>Waiting for the customer</Trans>;
  return status;
}

/** An event of the ledger, as far as the page shows it. */
export interface Event {
  type: string;
  timestamp: number;
  [field: string]: unknown;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

export function Happened({ event, ticket }: { event: Event; ticket: Ticket }) {
  const words = useWords(event, ticket);
  if (words === null) return null;
  return <Line at={new Date(event.timestamp * 1000).toISOString()}>{words}</Line>;
}

/** One line between the messages. */
export function Line({ at, children }: { at: string | null; children: ReactNode }) {
  return (
    <p className="event">
      {children} · <When at={at} />
    </p>
  );
}

function useWords(event: Event, ticket: Ticket): ReactNode {
  const { i18n, t } = useLingui();
  const names = useNames();
  const { address: mine } = useOpened();
  const isCustomer = (address: string) => address === ticket.customer_address || ticket.previous_customers.includes(address);
  const who = (address: unknown) => <bdi>{names(text(address), !isCustomer(text(address)))}</bdi>;
  // Whoever reads it is spoken to: "you resolved it", and not a name in its place, which other languages would bend.
  const isMe = (address: unknown) => address === mine;
  const named = (table: Record<string, MessageDescriptor>, name: unknown) => {
    const known = table[text(name)];
    return known ? i18n._(known) : text(name);
  };
  const why = (reason: unknown) => (oneLine(text(reason)) === null ? null : <bdi>: {oneLine(text(reason))}</bdi>);
  const urgency = (by: unknown, name: unknown) => (
    isMe(by) ? (
      <Trans>
        You changed the priority to {named(PRIORITY, name)}
        {why(event.reason)}
      </Trans>
    ) : (
      <Trans>
        {who(by)} changed the priority to {named(PRIORITY, name)}
        {why(event.reason)}
      </Trans>
    )
  );
  switch (event.type.replace(/^.*\.Event/, "")) {
    case "TicketAssigned": {
      const beside = Array.isArray(event.collaborators) ? event.collaborators.map(text) : [];
      const called = (one: string) => (one === mine ? t({ message: "you", context: "with" }) : names(one, true));
      const helpers = beside.length === 0 ? null : <bdi>{t`, with ${beside.map(called).join(", ")}`}</bdi>;
      return event.assigned_by === event.assigned_to ? (
        isMe(event.assigned_to) ? (
          <Trans>You took it{helpers}</Trans>
        ) : (
          <Trans>{who(event.assigned_to)} took it{helpers}</Trans>
        )
      ) : (
        isMe(event.assigned_by) ? (
          <Trans>You assigned it to {who(event.assigned_to)}{helpers}</Trans>
        ) : isMe(event.assigned_to) ? (
          <Trans>{who(event.assigned_by)} assigned it to you{helpers}</Trans>
        ) : (
          <Trans>{who(event.assigned_by)} assigned it to {who(event.assigned_to)}{helpers}</Trans>
        )
      );
    }
    case "TicketStatusChanged":
      // What has an event of its own is not said twice.
      if (["resolved", "closed", "open", "assigned"].includes(text(event.status))) return null;
      if (text(event.previous_status) === "resolved" && text(event.changed_by) === ticket.customer_address) {
        return isMe(event.changed_by) ? <Trans>Your reply opened it again</Trans> : <Trans>The customer’s reply opened it again</Trans>;
      }
      return standing(text(event.status), mine === ticket.customer_address);
    case "TicketResolved":
      return (
        isMe(event.resolved_by) ? (
          <Trans>You resolved it{why(event.resolution)}</Trans>
        ) : (
          <Trans>{who(event.resolved_by)} resolved it{why(event.resolution)}</Trans>
        )
      );
    case "TicketClosed":
      return text(event.closed_by) === "" || event.closed_by === "auto" ? (
        <Trans>Closed automatically</Trans>
      ) : (
        isMe(event.closed_by) ? (
          <Trans>You closed it{why(event.reason)}</Trans>
        ) : (
          <Trans>{who(event.closed_by)} closed it{why(event.reason)}</Trans>
        )
      );
    case "TicketReopened":
      return (
        isMe(event.reopened_by) ? (
          <Trans>You reopened it{why(event.reason)}</Trans>
        ) : (
          <Trans>{who(event.reopened_by)} reopened it{why(event.reason)}</Trans>
        )
      );
    case "TicketPriorityChanged":
      return urgency(event.changed_by, event.priority);
    case "TicketEscalated":
      return urgency(event.escalated_by, event.new_priority);
    default:
      return rest(event, { who, why, isMe, locale: regional(i18n.locale) });
  }
}

interface Saying {
  who(address: unknown): ReactNode;
  why(reason: unknown): ReactNode;
  isMe(address: unknown): boolean;
  locale: string;
}

/** What happens seldom. */
function rest(event: Event, { who, why, isMe, locale }: Saying): ReactNode {
  const other = (
    <Link to="/tickets/$id" params={{ id: text(event.other) }} className="numbers">
      {text(event.other)}
    </Link>
  );
  switch (event.type.replace(/^.*\.Event/, "")) {
    case "TicketLinked":
      return event.removed === true ? (
        isMe(event.linked_by) ? (
          <Trans>You removed the link to {other}</Trans>
        ) : (
          <Trans>{who(event.linked_by)} removed the link to {other}</Trans>
        )
      ) : (
        isMe(event.linked_by) ? (
          <Trans>You linked it to {other}</Trans>
        ) : (
          <Trans>{who(event.linked_by)} linked it to {other}</Trans>
        )
      );
    case "TicketSnoozed": {
      const until = Number(event.until);
      if (until === 0) return isMe(event.snoozed_by) ? <Trans>You brought it back</Trans> : <Trans>{who(event.snoozed_by)} brought it back</Trans>;
      const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(until * 1000);
      return (
        isMe(event.snoozed_by) ? (
          <Trans>You put it aside until {time}</Trans>
        ) : (
          <Trans>{who(event.snoozed_by)} put it aside until {time}</Trans>
        )
      );
    }
    case "TicketDue":
      return <Trans>Ticket is back</Trans>;
    case "TicketTransferred":
      return (
        isMe(event.transferred_by) ? (
          <Trans>You transferred it to another customer{why(event.reason)}</Trans>
        ) : (
          <Trans>{who(event.transferred_by)} transferred it to another customer{why(event.reason)}</Trans>
        )
      );
    case "TicketRated":
      return (
        isMe(event.customer) ? (
          <Trans>You rated it {Number(event.score)} of 5</Trans>
        ) : (
          <Trans>{who(event.customer)} rated it {Number(event.score)} of 5</Trans>
        )
      );
    case "TicketImported":
      return (
        isMe(event.imported_by) ? (
          <Trans>You created it on behalf of {who(event.customer)}</Trans>
        ) : isMe(event.customer) ? (
          <Trans>{who(event.imported_by)} created it on your behalf</Trans>
        ) : (
          <Trans>{who(event.imported_by)} created it on behalf of {who(event.customer)}</Trans>
        )
      );
    default:
      return null;
  }
}
