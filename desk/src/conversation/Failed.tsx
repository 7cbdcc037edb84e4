// What could not be sent: why, and what can be done about it now.
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

import { DeskError } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { DeskButton } from "../offline/NeedsDesk.tsx";
import { outbox } from "./outboxTimer.ts";
import type { Entry } from "./outbox.ts";

/** A message is there once however often it is sent. Of any other act nobody knows whether it was done, where it was sent and nobody answered. */
export const canRepeat = ({ isKept = false, error }: Pick<Entry, "isKept" | "error">): boolean => isKept || !(error instanceof DeskError && error.unanswered);

export default function Failed({ entry }: { entry: Entry }) {
  return (
    <>
      <strong>{entry.label}</strong>
      <Problem error={entry.error} />
      <div className="row end">
        <Link className="button" to="/tickets/$id" params={{ id: entry.ticket }} onClick={() => outbox.dismiss(entry.id)}>
          <Trans>Open the ticket</Trans>
        </Link>
        <Button onPress={() => outbox.dismiss(entry.id)}>
          <Trans>Dismiss</Trans>
        </Button>
        {canRepeat(entry) && (
          <DeskButton kind="primary" onPress={() => outbox.again(entry.id)}>
            <Trans>Send again</Trans>
          </DeskButton>
        )}
      </div>
    </>
  );
}
