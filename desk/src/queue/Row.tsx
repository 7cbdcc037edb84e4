// One line of a list of tickets.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Ticket } from "sealdesk/views";

import { door } from "../door.ts";
import { oneLine } from "../kit/letters.ts";
import { When } from "../kit/When.tsx";
import { orKept } from "../offline/shown.ts";
import { keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { isAnswered, isNew, open, useAnswersOpened } from "./answers.ts";
import { CUSTOMER_STATUS, PRIORITY, tone } from "./words.ts";

export function useInbox(enabled = true) {
  return useQuery({ queryKey: keys.inbox, queryFn: () => orKept("inbox"), enabled });
}

/** A customer's own ticket. */
export function Row({ ticket, isChosen }: { ticket: Ticket; isChosen: boolean }) {
  const { i18n, t } = useLingui();
  const say = (message: MessageDescriptor) => i18n._(message);
  const changed = `${ticket.updated_at} ${ticket.response_count}`;
  const { data: summary } = useQuery({
    queryKey: keys.summary(ticket.ticket_id, changed),
    queryFn: () => door.summary(ticket.ticket_id, changed),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { address } = useOpened();
  const opened = useAnswersOpened();
  const author = summary?.latestAuthor;
  const isFresh = summary !== undefined && isNew(ticket, summary, address, { opened, now: Date.now() });
  const { ticket_id: id } = ticket;
  useEffect(() => {
    if (!isChosen || !summary) return;
    const look = () => document.visibilityState === "visible" && void open(id, summary);
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [isChosen, id, summary]);
  const isUrgent = ticket.priority === "urgent" || ticket.priority === "high";
  return (
    <>
      <span className={`subject${summary && !isFresh ? " read" : ""}`} dir="auto">
        {isFresh && (
          <span className="hidden-text">
            <Trans>Unread</Trans>{" "}
          </span>
        )}
        {oneLine(summary?.subject) ?? (summary && summary.subject === null ? t`Sealed for others` : ticket.ticket_id)}
      </span>
      <When at={ticket.updated_at} />
      <span className="below">
        {isUrgent && <span className={`tag ${ticket.priority}`}>{say(PRIORITY[ticket.priority])}</span>}{" "}
        <span className={`tag ${tone(ticket.status, true)}`}>{isAnswered(ticket, author, address) ? t({ message: "replied", context: "support" }) : say(CUSTOMER_STATUS[ticket.status])}</span> <bdi>{oneLine(summary?.latest)}</bdi>
      </span>
    </>
  );
}

export function NoTickets() {
  return (
    <div className="empty">
      <strong>
        <Trans>No tickets yet</Trans>
      </strong>
      <span>
        <Trans>Only support and you can read what you write.</Trans>
      </span>
      <Link to="/new" className="button primary">
        <Trans>Write the first ticket</Trans>
      </Link>
    </div>
  );
}
