// What stands on top of a ticket beside its subject: where it stands, whose it is, how it stands to others.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { Link2, MoonStar, Tag } from "lucide-react";
import { Fragment, type ReactNode, Suspense } from "react";
import type { Conversation, LinkKind, TicketStatus } from "sealdesk/views";

import { regional } from "../i18n.ts";
import { oneLine } from "../kit/letters.ts";
import { Name } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import { category, CUSTOMER_STATUS, PRIORITY, STATUS, tone } from "../queue/words.ts";
import { staff } from "../pages/parts.ts";
import { lazy } from "../kit/lost.ts";
import { tagsOf } from "./tags.ts";

const DueFact = lazy(() => staff().then(({ DueFact }) => ({ default: DueFact })));

export function Facts({ opened, isCustomer }: { opened: Conversation; isCustomer: boolean }) {
  const { i18n, t } = useLingui();
  const { address } = useOpened();
  const { ticket } = opened;
  const say = (message: MessageDescriptor) => i18n._(message);
  const status = say((isCustomer ? CUSTOMER_STATUS : STATUS)[ticket.status]);
  const who = [ticket.assigned_to, ...ticket.collaborators].map((one, place) => (
    <Fragment key={one}>
      {place > 0 && ", "}
      {one === address ? <bdi>{t({ message: "you", context: "with" })}</bdi> : <Name address={one} isStaff />}
    </Fragment>
  ));
  const isUrgent = ticket.priority === "urgent" || ticket.priority === "high";
  return (
    <>
      <div className="row small">
        <span className={`tag ${tone(ticket.status, isCustomer)}`}>{status}</span>
        <span className={`tag ${isUrgent ? ticket.priority : ""}`}>{say(PRIORITY[ticket.priority])}</span>
        <span className="tag">{category(ticket.category, say)}</span>
        {!isCustomer && (
          <Suspense>
            <DueFact id={ticket.ticket_id} />
          </Suspense>
        )}
        <span className="quiet">
          {!isCustomer && (
            <>
              <Name address={ticket.customer_address} /> ·{" "}
            </>
          )}
          <With status={ticket.status} who={ticket.assigned_to === "" ? null : who} />
          <span className="numbers">{ticket.ticket_id}</span>
        </span>
      </div>
      <More opened={opened} isCustomer={isCustomer} />
    </>
  );
}

/** Whom it is with. Of a closed ticket that nobody had there is nothing to say. */
function With({ status, who }: { status: TicketStatus; who: ReactNode }) {
  if (who === null && status === "closed") return null;
  return (
    <>
      {who === null ? <Trans>not assigned yet</Trans> : status === "closed" ? <Trans>was with {who}</Trans> : <Trans>with {who}</Trans>}
      {" · "}
    </>
  );
}

function More({ opened: { ticket, messages }, isCustomer }: { opened: Conversation; isCustomer: boolean }) {
  const { i18n } = useLingui();
  const tags = isCustomer ? [] : tagsOf(messages);
  const until = ticket.snoozed_until === null ? null : new Date(ticket.snoozed_until);
  const isAside = until !== null && until.getTime() > Date.now();
  const source = oneLine(ticket.imported?.source);
  const score = ticket.ratings.at(-1)?.score;
  if (tags.length === 0 && ticket.links.length === 0 && !isAside && ticket.imported === null && score === undefined) return null;
  const when = until === null ? "" : new Intl.DateTimeFormat(regional(i18n.locale), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(until);
  return (
    <div className="row small facts-row">
      {isAside && !isCustomer && (
        <Fact icon={<MoonStar size={14} aria-hidden />}>
          <Trans>put aside until {when}</Trans>
        </Fact>
      )}
      {tags.map((tag) => (
        <Fact key={tag} icon={<Tag size={14} aria-hidden />}>
          <bdi>{oneLine(tag)}</bdi>
        </Fact>
      ))}
      {ticket.links.map((link) => (
        <Fact key={link.ticket_id} icon={<Link2 size={14} aria-hidden />}>
          <LinkWords kind={link.kind} other={link.ticket_id} />
        </Fact>
      ))}
      {ticket.imported && (
        <Fact>
          <Trans>created by support: {source}</Trans>
        </Fact>
      )}
      {score !== undefined && (
        <Fact>
          <Trans>rated {score} of 5</Trans>
        </Fact>
      )}
    </div>
  );
}

function Fact({ icon, children }: { icon?: ReactNode; children: ReactNode }) {
  return (
    <span className="tag">
      {icon}
      <span>{children}</span>
    </span>
  );
}

function LinkWords({ kind, other }: { kind: LinkKind; other: string }) {
  const link = (
    <Link to="/tickets/$id" params={{ id: other }} className="numbers">
      {other}
    </Link>
  );
  switch (kind) {
    case "related":
      return <Trans>related to {link}</Trans>;
    case "duplicate_of":
      return <Trans>duplicate of {link}</Trans>;
    case "duplicated_by":
      return <Trans>{link} is a duplicate</Trans>;
    case "follows_up":
      return <Trans>continues {link}</Trans>;
    case "followed_up_by":
      return <Trans>continues in {link}</Trans>;
  }
}
