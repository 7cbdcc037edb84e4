// How urgent a ticket is, whose it is, and the end of its texts.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import { door } from "../../door.ts";
import { Ask, AskEnd } from "../../kit/Ask.tsx";
import { Choices } from "../../kit/Choices.tsx";
import { Field } from "../../kit/controls.tsx";
import { PublicWords } from "../../kit/PublicWords.tsx";
import { Problem } from "../../kit/Problem.tsx";
import { useToast } from "../../kit/toast.tsx";
import { PRIORITY } from "../../queue/words.ts";
import { claimantOf } from "../claim.ts";
import { refresh } from "../outboxTimer.ts";
import { useDo } from "./doing.ts";
import type { AskProps } from "./Dialogs.tsx";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies TicketPriority[];

export function PriorityAsk({ opened: { ticket }, onClose }: AskProps) {
  const { i18n, t } = useLingui();
  const act = useDo();
  const [priority, setPriority] = useState<TicketPriority>(ticket.priority);
  const [reason, setReason] = useState("");
  const id = ticket.ticket_id;
  // What is chosen from the list that opened by itself is done at once, since it can be taken back. Whoever closes it says why first.
  const [isQuick, setQuick] = useState(true);
  const choose = (chosen: TicketPriority) => {
    setPriority(chosen);
    if (isQuick && chosen !== ticket.priority) go(chosen);
  };
  const go = (priority: TicketPriority) => {
    const name = i18n._(PRIORITY[priority]);
    const isBegun = act({
      ticket: id,
      label: t`Urgency of ${id}: ${name}`,
      done: t`Its urgency is ${name} now.`,
      work: () => door.act(id, [{ act: "prioritize", priority, reason: reason.trim() }]),
    });
    if (isBegun) onClose();
  };
  return (
    <Ask title={t`How urgent is it?`} isOpen onClose={onClose}>
      <Choices<TicketPriority>
        label={t`Urgency, which is public`}
        choices={PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }))}
        value={priority}
        onChange={choose}
        opens
        onShut={() => setQuick(false)}
      />
      <PublicWords label={t`Why, in a few words`} value={reason} onChange={setReason} />
      <AskEnd onClose={onClose} isBusy={priority === ticket.priority} onDo={() => go(priority)}>
        <Trans>Change</Trans>
      </AskEnd>
    </Ask>
  );
}

export function TransferAsk({ opened, onClose }: AskProps) {
  const { t } = useLingui();
  const act = useDo();
  const { ticket } = opened;
  const claimant = claimantOf(opened);
  const [customer, setCustomer] = useState(claimant ?? "");
  const [reason, setReason] = useState("");
  const id = ticket.ticket_id;
  const go = () => {
    const address = customer.trim();
    if (act({ ticket: id, label: t`Giving ${id} to another customer`, done: t`Given to another customer.`, work: () => door.transfer(id, address, reason.trim()) })) onClose();
  };
  return (
    <Ask title={t`Give to another customer`} isOpen onClose={onClose}>
      <p>
        {claimant === null ? (
          <Trans>For somebody who lost their recovery phrase and starts anew. From then on this address reads the ticket and answers in it; whoever had it before keeps what they have read.</Trans>
        ) : (
          <Trans>Whoever followed the link of this ticket asks for it, by the address below. From then on this address reads the ticket and answers in it.</Trans>
        )}
      </p>
      <p className="notice warn small">
        <Trans>Make sure by another way that it is the same person: ask them on the phone to read their new address to you.</Trans>
      </p>
      <Field label={t`Address of the new customer`} value={customer} onChange={setCustomer} autoFocus />
      <PublicWords label={t`Why, in a few words`} value={reason} onChange={setReason} />
      <AskEnd onClose={onClose} isBusy={false} isDisabled={customer.trim() === "" || customer.trim() === ticket.customer_address} onDo={go}>
        <Trans>Give it to them</Trans>
      </AskEnd>
    </Ask>
  );
}

/** Not held: nobody could take it back, so its name has to be typed first. */
export function EraseAsk({ opened: { ticket }, onClose }: AskProps) {
  const { t } = useLingui();
  const toast = useToast();
  const id = ticket.ticket_id;
  const [typed, setTyped] = useState("");
  const erase = useMutation({
    mutationFn: () => door.erase(id),
    async onSuccess({ texts }) {
      onClose();
      toast(texts === 0 ? t`It had been erased on this node before.` : t`Its texts are erased on this node.`);
      await refresh(id);
    },
  });
  return (
    <Ask title={t`Destroy its texts on this node`} isOpen onClose={onClose}>
      <p>
        <Trans>
          This node destroys every text and file of {id}, and nothing brings them back here. Its record, its history and its proofs stay. Other
          nodes, backups and exports keep theirs, and so do this node's blocks until they are dropped.
        </Trans>
      </p>
      <Field label={t`Type ${id} to destroy them`} value={typed} onChange={setTyped} autoFocus />
      {erase.error !== null && <Problem error={erase.error} />}
      <AskEnd isGrave onClose={onClose} isBusy={erase.isPending} isDisabled={typed.trim() !== id} onDo={() => erase.mutate()}>
        <Trans>Destroy them</Trans>
      </AskEnd>
    </Ask>
  );
}
