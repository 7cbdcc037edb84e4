// The queue of staff: the views at the side, and the tickets of the chosen one, tens of thousands if need be.
import { Plural, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { GridList, GridListItem, ListLayout, Virtualizer } from "react-aria-components";
import type { Inbox } from "sealdesk/views";

import { Choices } from "../kit/controls.tsx";
import { useOpened } from "../session/session.tsx";
import { Nothing, Row, ticketsOf } from "./rows.tsx";
import { everything, VIEWS, type View } from "./views.ts";

/** In pixels, as the style sheet has it. */
const ROW_HEIGHT = 62;

interface QueueProps {
  inbox: Inbox;
  view: View;
  chosen: string | undefined;
}

export function Queue({ inbox, view, chosen }: QueueProps) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { address } = useOpened();
  const tickets = ticketsOf(inbox, view, address);
  if (tickets.length === 0) return <Nothing isCustomer={false} />;
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
            <Row ticket={ticket} isCustomer={false} />
          </GridListItem>
        )}
      </GridList>
    </Virtualizer>
  );
}

interface ViewsProps {
  inbox: Inbox;
  view: View;
  onChoose(id: string): void;
}

function counted(inbox: Inbox, me: string) {
  return VIEWS.map((view) => ({ ...view, count: everything(inbox).filter((ticket) => view.has(ticket, me)).length }));
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
