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
import { useDo, useGiven } from "./doing.ts";
import type { AskProps } from "./Dialogs.tsx";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies TicketPriority[];

export function PriorityAsk({ opened: { ticket }, onClose }: AskProps) {
  const { i18n, t } = useLingui();
  const act = useDo();
  const id = ticket.ticket_id;
  const begun = useGiven<TicketPriority>(id, "prioritize") ?? ticket.priority;
  const [priority, setPriority] = useState<TicketPriority>(begun);
  const [reason, setReason] = useState("");
  // What is chosen from the list that opened by itself is done at once, since it can be taken back. Closing the list leaves time for a reason.
  const [isQuick, setQuick] = useState(true);
  const choose = (chosen: TicketPriority) => {
    setPriority(chosen);
    if (isQuick && chosen !== begun) go(chosen);
  };
  const go = (priority: TicketPriority) => {
    const name = i18n._(PRIORITY[priority]);
    const isBegun = act({
      ticket: id,
      kind: "prioritize",
      given: priority,
      isAsBefore: priority === ticket.priority,
      label: t`Priority of ${id}: ${name}`,
      done: t`The priority is now ${name}.`,
      work: () => door.act(id, [{ act: "prioritize", priority, reason: reason.trim() }]),
    });
    if (isBegun) onClose();
  };
  return (
    <Ask title={t`Priority`} isOpen onClose={onClose}>
      <Choices<TicketPriority>
        label={t`Priority (public)`}
        choices={PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }))}
        value={priority}
        onChange={choose}
        opens
        onShut={() => setQuick(false)}
      />
      <PublicWords label={t`Why, in a few words`} value={reason} onChange={setReason} />
      <AskEnd onClose={onClose} isBusy={priority === begun} onDo={() => go(priority)}>
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
    if (act({ ticket: id, kind: "transfer", label: t`Transferring ${id} to another customer`, done: t`Transferred to another customer.`, work: () => door.transfer(id, address, reason.trim()) })) onClose();
  };
  return (
    <Ask title={t`Transfer to another customer`} isOpen onClose={onClose}>
      <p>
        {claimant === null ? (
          <Trans>For someone who lost their recovery phrase and has a new account. The new address can then read and reply; the old one keeps what it has already read.</Trans>
        ) : (
          <Trans>Someone who followed the link of this ticket asks for it, from the address below. That address can then read the ticket and reply in it.</Trans>
        )}
      </p>
      <p className="notice warn small">
        <Trans>Make sure that it is the same person: ask them on the phone to read their new address to you.</Trans>
      </p>
      <Field label={t`Address of the new customer`} value={customer} onChange={setCustomer} autoFocus />
      <PublicWords label={t`Why, in a few words`} value={reason} onChange={setReason} />
      <AskEnd onClose={onClose} isBusy={false} isDisabled={customer.trim() === "" || customer.trim() === ticket.customer_address} onDo={go}>
        <Trans>Transfer it</Trans>
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
      toast(texts === 0 ? t`This node had already erased it.` : t`Its texts are erased on this node.`);
      await refresh(id);
    },
  });
  return (
    <Ask title={t`Destroy its texts on this node`} isOpen onClose={onClose}>
      <p>
        <Trans>
          This node destroys every text and file of {id}, and nothing can bring them back here. Its record, history and proofs stay. Other
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
