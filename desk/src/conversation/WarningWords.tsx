// What the client says of a text, in the words of whoever reads it and with the names that they know.
import { Trans } from "@lingui/react/macro";
import type { Message, Warning } from "sealdesk/views";

import { Name } from "../people/names.tsx";

export default function Words({ warning: { kind, text, who, knew, shown } }: { warning: Warning }) {
  const name = <Name address={who ?? ""} />;
  switch (kind) {
    case "staff_by_ledger":
      return <Trans>Only the desk's ledger says that the author is on the support team. Nobody there has signed for them.</Trans>;
    case "key_by_ledger":
      return <Trans>Only the desk's ledger says who wrote this: the author has not signed the key that signed it.</Trans>;
    case "key_by_node":
      return <Trans>Only the node says that {name} wrote this.</Trans>;
    case "circle_hidden":
      return (
        <Trans>
          The author knew change {knew} of the administrators, and this desk shows only {shown}: it hides something.
        </Trans>
      );
    case "closed_to":
      return <Trans>This was sealed so that {name} cannot open it.</Trans>;
    case "no_ticket":
      return <Trans>This does not say which ticket it answers.</Trans>;
    case "other_ticket":
      return <Trans>This was written for another ticket.</Trans>;
    case "no_circle":
      return <Trans>This does not say which administrators its author knew.</Trans>;
    case "unknown_circle":
      return <Trans>The author knew administrators whom this desk does not show.</Trans>;
    case "unreadable":
      return <Trans>Nobody can tell which ticket this was written for: its format is unknown.</Trans>;
    default:
      return text;
  }
}

/** Why a text is not there. */
export function Reason({ message: { not_shown, not_shown_kind } }: { message: Message }) {
  switch (not_shown_kind) {
    case "not_for_you":
      return <Trans>Not shown: it is sealed for others.</Trans>;
    case "cannot_open":
      return <Trans>Not shown: it cannot be opened. It is damaged, or its author did not sign it.</Trans>;
    case "withheld":
      return <Trans>Not shown: the desk withholds it, though the ledger proves that it exists.</Trans>;
    case "erased":
      return <Trans>Not shown: this desk says that it has erased it.</Trans>;
    case "unreadable":
      return <Trans>Not shown: this page does not know its format. It is damaged, or a newer program wrote it.</Trans>;
    default:
      return <Trans>Not shown: {not_shown}</Trans>;
  }
}
