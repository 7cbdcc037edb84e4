// What was said, oldest first, with what happened between.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, type ReactNode, Suspense } from "react";
import type { Conversation, Message, Ticket } from "sealdesk/views";

import { oneLine } from "../kit/letters.ts";
import { Said } from "../kit/Said.tsx";
import { When } from "../kit/When.tsx";
import { Name, useNames } from "../people/names.tsx";
import { PRIORITY, STATUS } from "../queue/words.ts";
import { useOpened } from "../session/session.tsx";

const MessageFiles = lazy(() => import("../files/MessageFiles.tsx"));

/** An event of the ledger, as far as the page shows it. Texts in it are public, and others wrote them. */
interface Event {
  type: string;
  timestamp: number;
  [field: string]: unknown;
}

export function Messages({ opened, isCustomer }: { opened: Conversation; isCustomer: boolean }) {
  const entries = [
    ...opened.messages.map((message) => ({
      at: message.created_at ?? "",
      rank: 0,
      shown: <Shown key={`message ${message.response_index ?? "first"}`} message={message} ticket={opened.ticket} isCustomer={isCustomer} />,
    })),
    ...opened.events.map((event, n) => ({
      at: new Date(Number(event.timestamp) * 1000).toISOString().replace(".000Z", "Z"),
      rank: 1,
      shown: <Happened key={`event ${n}`} event={event as Event} ticket={opened.ticket} />,
    })),
  ];
  entries.sort((one, other) => one.at.localeCompare(other.at) || one.rank - other.rank);
  return entries.map((entry) => entry.shown);
}

function Shown({ message, ticket, isCustomer }: { message: Message; ticket: Ticket; isCustomer: boolean }) {
  const { address } = useOpened();
  const isMine = message.author === address;
  return (
    <section className={`message${message.internal ? " note" : ""}${isMine ? " mine" : ""}`}>
      <div className="by">
        <strong>
          <Name address={message.author} isStaff={message.is_agent} />
        </strong>
        {message.internal && (
          <span className="kind">
            <Trans>Note: the customer cannot read it</Trans>
          </span>
        )}
        <When at={message.created_at} />
      </div>
      {message.text === null ? (
        <div className="said quiet">
          {message.internal && isCustomer ? <Trans>A note among the support team</Trans> : <Trans>Not shown: {message.not_shown}</Trans>}
        </div>
      ) : (
        message.text !== "" && <Said text={message.text} />
      )}
      {message.attachments.length > 0 && (
        <Suspense>
          <MessageFiles ticket={ticket} response={message.response_index} />
        </Suspense>
      )}
      {message.warnings.map((warning) => (
        <div key={warning} className="notice warn small" dir="auto">
          {warning}
        </div>
      ))}
    </section>
  );
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

function Happened({ event, ticket }: { event: Event; ticket: Ticket }) {
  const { i18n } = useLingui();
  const names = useNames();
  const isCustomer = (address: string) => address === ticket.customer_address || ticket.previous_customers.includes(address);
  const status = (name: unknown) => {
    const known = (STATUS as Record<string, MessageDescriptor>)[text(name)];
    return known ? i18n._(known) : text(name);
  };
  const who = (address: unknown) => <bdi>{names(text(address), !isCustomer(text(address)))}</bdi>;
  const priority = (name: unknown) => {
    const known = (PRIORITY as Record<string, MessageDescriptor>)[text(name)];
    return known ? i18n._(known) : text(name);
  };
  const why = (reason: unknown) => (oneLine(text(reason)) === null ? null : <bdi>: {oneLine(text(reason))}</bdi>);
  const words = ((): ReactNode => {
    switch (event.type.replace(/^.*\.Event/, "")) {
      case "TicketAssigned":
        return event.assigned_by === event.assigned_to ? (
          <Trans>{who(event.assigned_to)} took it</Trans>
        ) : (
          <Trans>
            {who(event.assigned_by)} gave it to {who(event.assigned_to)}
          </Trans>
        );
      case "TicketStatusChanged":
        return <Trans>It is {status(event.status)} now</Trans>;
      case "TicketResolved":
        return (
          <Trans>
            {who(event.resolved_by)} resolved it{why(event.resolution)}
          </Trans>
        );
      case "TicketClosed":
        return text(event.closed_by) === "" ? (
          <Trans>It closed by itself</Trans>
        ) : (
          <Trans>
            {who(event.closed_by)} closed it{why(event.reason)}
          </Trans>
        );
      case "TicketReopened":
        return (
          <Trans>
            {who(event.reopened_by)} opened it again{why(event.reason)}
          </Trans>
        );
      case "TicketPriorityChanged":
        return <Trans>Its urgency is {priority(event.priority)} now</Trans>;
      case "TicketEscalated":
        // The same change as TicketPriorityChanged, under the name that other readers of this ledger know.
        return null;
      default:
        return null;
    }
  })();
  if (words === null) return null;
  return (
    <p className="event">
      {words} · <When at={new Date(event.timestamp * 1000).toISOString()} />
    </p>
  );
}
