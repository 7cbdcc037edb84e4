// What a reply says of its ticket in the same transaction: both happen, or neither.
import { useLingui } from "@lingui/react/macro";
import { ChevronDown } from "lucide-react";
import type { Act, Ticket } from "sealdesk/views";

import { useAction } from "../../keyboard/actions.ts";
import { MenuButton } from "../../kit/MenuButton.tsx";
import type { Kind } from "../deliver.ts";

interface SendMenuProps {
  ticket: Ticket;
  kind: Kind;
  isDisabled: boolean;
  onSend(then: Act[], label: string): void;
  /** Does it only where the focus is in what is being written. */
  fromHere(act: () => void): void;
}

interface Line {
  id: string;
  name: string;
  label: string;
  then: Act[];
}

export default function SendMenu({ ticket, kind, isDisabled, onSend, fromHere }: SendMenuProps) {
  const { t } = useLingui();
  const id = ticket.ticket_id;
  const isNote = kind === "note";
  const resolve: Act = { act: "resolve", reference: "" };
  const lines: Line[] = [];
  if (ticket.status !== "open" && ticket.status !== "resolved") {
    lines.push({
      id: "resolve",
      name: isNote ? t`Leave the note and resolve` : t`Send and resolve`,
      label: t`Resolving ${id}`,
      then: [resolve],
    });
  }
  if (!isNote && (ticket.status === "assigned" || ticket.status === "in_progress" || ticket.status === "pending_customer")) {
    lines.push({
      id: "wait",
      name: t`Send and wait for the customer`,
      label: t`Sending your reply in ${id}, which then waits for the customer`,
      then: [{ act: "await_customer" }],
    });
  }
  const resolving = lines.find((line) => line.id === "resolve");
  useAction("sendResolve", resolving ? () => fromHere(() => onSend(resolving.then, resolving.label)) : undefined);
  if (lines.length === 0) return null;
  return (
    <MenuButton
      needsDesk
      kind="primary"
      isDisabled={isDisabled}
      aria-label={t`More ways to send`}
      placement="top end"
      lines={lines}
      onChoose={(id) => lines.filter((line) => line.id === id).forEach((line) => onSend(line.then, line.label))}
    >
      <ChevronDown size={16} aria-hidden />
    </MenuButton>
  );
}
