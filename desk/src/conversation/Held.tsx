// What a composer shows of a message that is not on the ledger yet.
import { Trans } from "@lingui/react/macro";

import { Button } from "../kit/controls.tsx";
import { outbox } from "./outboxTimer.ts";
import type { Entry } from "./outbox.ts";

export function Held({ entry }: { entry: Entry }) {
  if (entry.state === "sending") {
    return (
      <Button kind="primary" isDisabled>
        <Trans>Sealing…</Trans>
      </Button>
    );
  }
  return (
    <>
      <span className="quiet small">
        <Trans>Not sent yet.</Trans>
      </span>
      <Button onPress={() => outbox.undo(entry.id)}>
        <Trans>Undo and keep writing</Trans>
      </Button>
      <Button kind="primary" onPress={() => outbox.sendNow(entry.id)}>
        {entry.met ? <Trans>Send anyway</Trans> : <Trans>Send now</Trans>}
      </Button>
    </>
  );
}

/** A message whose sending was interrupted by a crash or a reload. */
export function Underway() {
  return (
    <div className="notice warn small" role="status">
      <Trans>
        Sending was interrupted. If it arrives after all, it appears here. You don't have to wait. If you send it again, it will still appear only once.
      </Trans>
    </div>
  );
}
