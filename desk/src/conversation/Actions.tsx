// What this person can do with the ticket as it stands. The ledger judges again; here only what it would refuse is left out.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { Conversation, Role, Ticket } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { useAction } from "../keyboard/actions.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { refresh } from "./hold.ts";
import { ReasonAsk } from "./ReasonAsk.tsx";
import { useTold } from "./told.tsx";

const StaffActions = lazy(() => import("./staff/StaffActions.tsx"));

export const isOver = ({ status }: Ticket): boolean => status === "resolved" || status === "closed";

export function Actions({ opened, role }: { opened: Conversation; role: Role }) {
  if (role === "customer") return <CustomerActions ticket={opened.ticket} />;
  return (
    <Suspense fallback={<div className="row actions" />}>
      <StaffActions opened={opened} role={role} />
    </Suspense>
  );
}

type Ask = "close" | "reopen" | "rate";

/** What a ticket's customer can do, also where they are staff by now. */
export function CustomerActions({ ticket }: { ticket: Ticket }) {
  const { t } = useLingui();
  const [asks, setAsks] = useState<Ask | null>(null);
  const told = useTold();
  const id = ticket.ticket_id;
  const change = useMutation({
    mutationFn: (work: () => Promise<Told>) => work(),
    async onSuccess(done) {
      setAsks(null);
      told(done, t`Done`);
      await refresh(id);
    },
  });
  const close = () => {
    change.reset();
    setAsks(null);
  };
  const isRated = ticket.ratings.some((rating) => rating.resolved_at === ticket.resolved_at);
  const canClose = ticket.status !== "closed";
  const canReopen = isOver(ticket);
  useAction("close", canClose ? () => setAsks("close") : undefined);
  useAction("reopen", canReopen ? () => setAsks("reopen") : undefined);
  return (
    <div className="row actions">
      {canClose && (
        <Button onPress={() => setAsks("close")}>
          <Trans>Close</Trans>
        </Button>
      )}
      {canReopen && (
        <Button onPress={() => setAsks("reopen")}>
          <Trans>Open again</Trans>
        </Button>
      )}
      {isOver(ticket) && ticket.resolved_at !== null && !isRated && (
        <Button onPress={() => setAsks("rate")}>
          <Trans>Rate</Trans>
        </Button>
      )}
      {asks === "rate" && <Rate id={id} change={change} onClose={close} />}
      {(asks === "close" || asks === "reopen") && (
        <ReasonAsk act={asks} isBusy={change.isPending} error={change.error} onDo={(reason) => change.mutate(() => door[asks](id, reason))} onClose={close} />
      )}
    </div>
  );
}

interface PartProps {
  id: string;
  change: { mutate(work: () => Promise<Told>): void; isPending: boolean; error: unknown };
  onClose(): void;
}

function Rate({ id, change, onClose }: PartProps) {
  const { t } = useLingui();
  const [score, setScore] = useState<string | null>(null);
  const [comment, setComment] = useState("");
  const choices = [
    { id: "5", label: t`5, very good` },
    { id: "4", label: t`4, good` },
    { id: "3", label: t`3, fair` },
    { id: "2", label: t`2, poor` },
    { id: "1", label: t`1, very poor` },
  ];
  return (
    <Ask title={t`How well was it resolved?`} isOpen onClose={onClose}>
      <Choices label={t`Score, which is public`} choices={choices} value={score} onChange={setScore} />
      <Field label={t`Comment, which only support reads`} lines={3} value={comment} onChange={setComment} />
      {change.error !== null && <Problem error={change.error} />}
      <AskEnd
        onClose={onClose}
        isBusy={change.isPending || score === null}
        onDo={() => change.mutate(() => door.rate(id, Number(score), comment.trim() === "" ? null : comment))}
      >
        <Trans>Send</Trans>
      </AskEnd>
    </Ask>
  );
}
