// Why somebody of the team cannot reply in a ticket, and what they can do about it: what the ledger takes from them, and nothing else.
import { Trans } from "@lingui/react/macro";
import type { Ticket } from "sealdesk/views";

import { useRole } from "../../queue/role.ts";

export function MayNotReply({ ticket }: { ticket: Ticket }) {
  const { data: role } = useRole();
  const canTake = ticket.status === "open" && role?.takes === true;
  return (
    <p className="quiet small">
      {canTake ? (
        <Trans>Only the assignee can reply. Take the ticket, or ask an administrator to assign it to you.</Trans>
      ) : (
        <Trans>Only the assignee can reply. An administrator can assign the ticket to you.</Trans>
      )}
    </p>
  );
}
