// The list of tickets: a customer's own, or the view that an agent has chosen.
import type { MessageDescriptor } from "@lingui/core";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { GridList, GridListItem, ListLayout, Virtualizer } from "react-aria-components";
import type { Inbox, Ticket } from "sealdesk/views";

import { door } from "../door.ts";
import { Choices } from "../kit/controls.tsx";
import { When } from "../kit/When.tsx";
import { useNames } from "../people/names.tsx";
import { keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { byChange, byUrgency, isStaff, VIEWS, type View } from "./views.ts";
import { CUSTOMER_STATUS, PRIORITY, STATUS, tone } from "./words.ts";

const ROW_HEIGHT = 62;

export function useInbox() {
  return useQuery({ queryKey: keys.inbox, queryFn: () => door.inbox() });
}

interface QueueProps {
  inbox: Inbox;
  view: View | undefined;
  chosen: string | undefined;
}

/** What stands in a list, in its order. */
export function ticketsOf(inbox: Inbox, view: View | undefined, me: string): Ticket[] {
  if (!view) return [...inbox.own].sort(byChange);
  return inbox.tickets.filter((ticket) => view.has(ticket, me)).sort(byUrgency);
}

export function Queue({ inbox, view, chosen }: QueueProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { address } = useOpened();
  const tickets = ticketsOf(inbox, view, address);
  if (tickets.length === 0) return <Nothing isCustomer={!isStaff(inbox)} />;
  return (
    <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW_HEIGHT }}>
      <GridList
        className="scroll"
        aria-label={t`Tickets`}
        items={tickets}
        selectionMode="single"
        selectionBehavior="replace"
        selectedKeys={chosen ? [chosen] : []}
        onSelectionChange={(selected) => {
          const [id] = selected === "all" ? [] : [...selected];
          if (typeof id === "string") void navigate({ to: "/tickets/$id", params: { id } });
        }}
      >
        {(ticket) => (
          <GridListItem id={ticket.ticket_id} textValue={ticket.ticket_id} className="ticket">
            <Row ticket={ticket} isCustomer={!isStaff(inbox)} />
          </GridListItem>
        )}
      </GridList>
    </Virtualizer>
  );
}

function Row({ ticket, isCustomer }: { ticket: Ticket; isCustomer: boolean }) {
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
        {summary?.subject ?? (summary ? t`Sealed for others` : ticket.ticket_id)}
      </span>
      <When at={ticket.updated_at} />
      <span className="below">
        {isUrgent && <span className={`tag ${ticket.priority}`}>{say(PRIORITY[ticket.priority])}</span>}{" "}
        <span className={`tag ${tone(ticket.status, isCustomer)}`}>{status}</span> {who && <bdi>{who} · </bdi>}
        <bdi>{summary?.latest}</bdi>
      </span>
    </>
  );
}

function Nothing({ isCustomer }: { isCustomer: boolean }) {
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

interface ViewsProps {
  inbox: Inbox;
  view: View;
  onChoose(id: string): void;
}

function counted(inbox: Inbox, me: string) {
  return VIEWS.map((view) => ({ ...view, count: inbox.tickets.filter((ticket) => view.has(ticket, me)).length }));
}

/** The views at the side, where there is room. */
export function Views({ inbox, view, onChoose }: ViewsProps) {
  const { i18n, t } = useLingui();
  const { address } = useOpened();
  return (
    <GridList
      aria-label={t`Views`}
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={[view.id]}
      onSelectionChange={(selected) => selected !== "all" && onChoose(String([...selected][0]))}
    >
      {counted(inbox, address).map(({ id, name, count }) => (
        <GridListItem key={id} id={id} textValue={i18n._(name)} className="view">
          <span>{i18n._(name)}</span>
          <span className="quiet numbers">
            {count}
            <span className="hidden-text">
              {" "}
              <Plural value={count} one="ticket" other="tickets" />
            </span>
          </span>
        </GridListItem>
      ))}
    </GridList>
  );
}

/** The same where there is not. */
export function ViewChoice({ inbox, view, onChoose }: ViewsProps) {
  const { i18n, t } = useLingui();
  const { address } = useOpened();
  const choices = counted(inbox, address).map(({ id, name, count }) => ({ id, label: `${i18n._(name)} (${count})` }));
  return <Choices label={t`View`} hiddenLabel choices={choices} value={view.id} onChange={onChoose} />;
}
