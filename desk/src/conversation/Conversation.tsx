// One ticket: what was said, what happened, who can read it, and what this person can do next.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Conversation as Opened, Role, Ticket } from "sealdesk/views";

import { door } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { oneLine } from "../kit/letters.ts";
import { Problem } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { Name } from "../people/names.tsx";
import { keys } from "../queries.ts";
import { category, CUSTOMER_STATUS, PRIORITY, STATUS, tone } from "../queue/words.ts";
import { Actions } from "./Actions.tsx";
import { Composer } from "./Composer.tsx";
import { Messages } from "./Messages.tsx";
import { Readers } from "./Readers.tsx";

export function Conversation({ id, role }: { id: string; role: Role }) {
  const { data, error, refetch, isPending } = useQuery({ queryKey: keys.ticket(id), queryFn: () => door.read(id) });
  if (isPending) return <Loading />;
  if (!data) {
    return (
      <div className="column">
        <Problem error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  return <Shown key={id} opened={data} role={role} />;
}

/** Nothing for the first 300 ms: most tickets are there before. */
function Loading() {
  const { t } = useLingui();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return isLate ? <div className="bar-progress" role="progressbar" aria-label={t`Opening the ticket`} /> : null;
}

function Shown({ opened, role }: { opened: Opened; role: Role }) {
  const { t } = useLingui();
  const { ticket, messages } = opened;
  const isCustomer = role === "customer";
  const [showsReaders, setShowsReaders] = useState(false);
  const isDoubtful = messages.some((message) => message.warnings.length > 0);
  const end = useRef<HTMLDivElement>(null);
  const count = messages.length;
  useEffect(() => {
    if (count > 0) end.current?.scrollIntoView({ block: "end" });
  }, [count]);
  return (
    <article className="conversation" aria-labelledby="subject">
      <header className="head">
        <div className="title">
          <Link className="button plain back" to="/" aria-label={t`Back to the list`}>
            <ArrowLeft size={18} aria-hidden />
          </Link>
          <h1 id="subject" dir="auto">
            {oneLine(messages[0]?.subject) ?? ticket.ticket_id}
          </h1>
          <Button kind="plain" aria-label={isDoubtful ? t`Who can read this: something is doubtful` : t`Who can read this`} onPress={() => setShowsReaders(true)}>
            <Seal state={isDoubtful ? "amber" : "closed"} />
          </Button>
        </div>
        <Facts ticket={ticket} isCustomer={isCustomer} />
        <Actions ticket={ticket} role={role} />
      </header>
      <div className="messages" role="log" aria-label={t`Conversation`}>
        <Messages opened={opened} isCustomer={isCustomer} />
        <div ref={end} />
      </div>
      <Composer ticket={ticket} isCustomer={isCustomer} />
      <Readers opened={opened} isOpen={showsReaders} onClose={() => setShowsReaders(false)} />
    </article>
  );
}

function Facts({ ticket, isCustomer }: { ticket: Ticket; isCustomer: boolean }) {
  const { i18n } = useLingui();
  const say = (message: MessageDescriptor) => i18n._(message);
  const status = say((isCustomer ? CUSTOMER_STATUS : STATUS)[ticket.status]);
  const isUrgent = ticket.priority === "urgent" || ticket.priority === "high";
  return (
    <div className="row small">
      <span className={`tag ${tone(ticket.status, isCustomer)}`}>{status}</span>
      <span className={`tag ${isUrgent ? ticket.priority : ""}`}>{say(PRIORITY[ticket.priority])}</span>
      <span className="tag">{category(ticket.category, say)}</span>
      <span className="quiet">
        {!isCustomer && (
          <>
            <Name address={ticket.customer_address} /> ·{" "}
          </>
        )}
        {ticket.assigned_to === "" ? (
          <Trans>nobody has it yet</Trans>
        ) : (
          <Trans>
            with <Name address={ticket.assigned_to} isStaff />
          </Trans>
        )}{" "}
        · <span className="numbers">{ticket.ticket_id}</span>
      </span>
    </div>
  );
}
