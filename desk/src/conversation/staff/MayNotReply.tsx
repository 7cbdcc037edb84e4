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
        <Trans>Only whoever has the ticket replies in it. Take it, or have an administrator give it to you.</Trans>
      ) : (
        <Trans>Only whoever has the ticket replies in it. An administrator can give it to you.</Trans>
      )}
    </p>
  );
}
