// What a composer shows of a message that is not on the ledger yet.
import { Trans, useLingui } from "@lingui/react/macro";

import { regional } from "../i18n.ts";
import { Button } from "../kit/controls.tsx";
import { outbox } from "./hold.ts";
import type { Entry } from "./outbox.ts";
import { MAY_ARRIVE_MS } from "./sending.ts";

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
        <Trans>Undo and go on writing</Trans>
      </Button>
      <Button kind="primary" onPress={() => outbox.sendNow(entry.id)}>
        <Trans>Send now</Trans>
      </Button>
    </>
  );
}

/** A message whose sending was interrupted by a crash or a reload. */
export function Underway({ since }: { since: number }) {
  const { i18n } = useLingui();
  const until = new Intl.DateTimeFormat(regional(i18n.locale), { timeStyle: "short" }).format(since + MAY_ARRIVE_MS);
  return (
    <div className="notice warn small" role="status">
      <Trans>
        Sending this was interrupted. It may still arrive by {until}, and is then shown above. If it does not, you can send it again; your text
        is kept until then.
      </Trans>
    </div>
  );
}
