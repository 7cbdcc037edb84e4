// What a reply says of its ticket in the same transaction: both happen, or neither.
import { useLingui } from "@lingui/react/macro";
import { ChevronDown } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { Act, Ticket } from "sealdesk/views";

import { Button } from "../../kit/controls.tsx";
import type { Kind } from "../deliver.ts";

interface SendMenuProps {
  ticket: Ticket;
  kind: Kind;
  isDisabled: boolean;
  onSend(then: Act[], label: string): void;
}

interface Line {
  id: string;
  name: string;
  label: string;
  then: Act[];
}

export default function SendMenu({ ticket, kind, isDisabled, onSend }: SendMenuProps) {
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
  if (lines.length === 0) return null;
  return (
    <MenuTrigger>
      <Button kind="primary" isDisabled={isDisabled} aria-label={t`More ways to send`}>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Popover className="popover" placement="top end">
        <Menu onAction={(key) => lines.filter((line) => line.id === key).forEach((line) => onSend(line.then, line.label))}>
          {lines.map((line) => (
            <MenuItem key={line.id} id={line.id} className="option">
              {line.name}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
