// What this person can do with the ticket as it stands. The ledger judges again; here only what it would refuse is left out.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Role, Ticket } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Ask, AskEnd, Button, Choices, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useNames } from "../people/names.tsx";
import { client, keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { useTold } from "./told.tsx";

type Act = "assign" | "resolve" | "close" | "reopen" | "rate";

const isOver = ({ status }: Ticket) => status === "resolved" || status === "closed";

export function Actions({ ticket, role }: { ticket: Ticket; role: Role }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const [act, setAct] = useState<Act | null>(null);
  const told = useTold();
  const id = ticket.ticket_id;
  const change = useMutation({
    mutationFn: (work: () => Promise<Told>) => work(),
    async onSuccess(done) {
      setAct(null);
      told(done, t`Done`);
      await client.invalidateQueries({ queryKey: keys.ticket(id) });
      await client.invalidateQueries({ queryKey: keys.inbox });
    },
  });
  const isMine = ticket.assigned_to === address;
  const isCustomer = ticket.customer_address === address;
  const isAdministrator = role === "administrator";
  const works = isMine || isAdministrator;
  const button = (name: ReactNode, onPress: () => void) => (
    <Button onPress={onPress} isDisabled={change.isPending}>
      {name}
    </Button>
  );
  const close = () => {
    change.reset();
    setAct(null);
  };
  return (
    <div className="row">
      {isAdministrator && !isOver(ticket) && button(<Trans>Assign</Trans>, () => setAct("assign"))}
      {isMine && (ticket.status === "assigned" || ticket.status === "pending_customer") &&
        button(<Trans>Start work</Trans>, () => change.mutate(() => door.startWork(id)))}
      {isMine && ticket.status === "in_progress" &&
        button(<Trans>Wait for the customer</Trans>, () => change.mutate(() => door.awaitCustomer(id)))}
      {works && !isOver(ticket) && ticket.status !== "open" && button(<Trans>Resolve</Trans>, () => setAct("resolve"))}
      {(isCustomer || isAdministrator) && ticket.status !== "closed" && button(<Trans>Close</Trans>, () => setAct("close"))}
      {(isCustomer || isAdministrator) && isOver(ticket) && button(<Trans>Open again</Trans>, () => setAct("reopen"))}
      {isCustomer && isOver(ticket) && button(<Trans>Rate</Trans>, () => setAct("rate"))}
      {act === null && change.error && <Problem error={change.error} />}
      {act === "assign" && <Assign ticket={ticket} change={change} onClose={close} />}
      {act === "rate" && <Rate id={id} change={change} onClose={close} />}
      {(act === "resolve" || act === "close" || act === "reopen") && <WithReason act={act} id={id} change={change} onClose={close} />}
    </div>
  );
}

interface PartProps {
  change: { mutate(work: () => Promise<Told>): void; isPending: boolean; error: unknown };
  onClose(): void;
}

function Assign({ ticket, change, onClose }: PartProps & { ticket: Ticket }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const names = useNames();
  const { data: agents = [] } = useQuery({ queryKey: keys.members("support_agent"), queryFn: () => door.members("support_agent") });
  const choices = [...new Set([address, ...agents])].map((id) => ({ id, label: id === address ? t`Me` : names(id, true) }));
  const [agent, setAgent] = useState<string | null>(null);
  const id = ticket.ticket_id;
  return (
    <Ask title={t`Who takes it?`} isOpen onClose={onClose}>
      <Choices label={t`Support agent`} choices={choices} value={agent} onChange={setAgent} />
      <p className="quiet small">
        <Trans>They can read all of it from then on, earlier notes too.</Trans>
      </p>
      {change.error !== null && <Problem error={change.error} />}
      <AskEnd onClose={onClose} isBusy={change.isPending || agent === null} onDo={() => change.mutate(() => door.assign(id, agent ?? ""))}>
        <Trans>Assign</Trans>
      </AskEnd>
    </Ask>
  );
}

function WithReason({ act, id, change, onClose }: PartProps & { act: "resolve" | "close" | "reopen"; id: string }) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const titles = { resolve: t`Resolve this ticket`, close: t`Close this ticket`, reopen: t`Open this ticket again` };
  const labels = { resolve: t`What was done, in a few words`, close: t`Why, in a few words`, reopen: t`Why, in a few words` };
  // The ledger asks for words here; these say no more than the act itself does.
  const usual = { resolve: "answered", close: "done", reopen: "not solved yet" };
  return (
    <Ask title={titles[act]} isOpen onClose={onClose}>
      <Field
        label={labels[act]}
        hint={t`Public: everybody who uses this ledger can read it, and it stays. You may leave it empty.`}
        value={reason}
        onChange={setReason}
        maxLength={256}
        autoFocus
      />
      {change.error !== null && <Problem error={change.error} />}
      <AskEnd onClose={onClose} isBusy={change.isPending} onDo={() => change.mutate(() => door[act](id, reason.trim() || usual[act]))}>
        {titles[act]}
      </AskEnd>
    </Ask>
  );
}

function Rate({ id, change, onClose }: PartProps & { id: string }) {
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
