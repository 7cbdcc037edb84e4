// What is not done yet because the reply that goes first was not sent, and what can be done about it.
import { Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

import { Keys, useKeys } from "../keyboard/Keys.tsx";
import { Button } from "../kit/controls.tsx";
import { DeskButton } from "../offline/NeedsDesk.tsx";
import { outbox } from "./outboxTimer.ts";
import type { Entry } from "./outbox.ts";

export default function Behind({ entry }: { entry: Entry }) {
  const keys = useKeys("undo");
  const { label, behind } = entry;
  const undo = (
    <Button onPress={() => outbox.undo(entry.id)}>
      <Trans>Undo</Trans>
      {keys !== undefined && <Keys keys={keys} />}
    </Button>
  );
  if (behind === "goes") {
    return (
      <>
        <span role="status">
          {label}<br />
          <Trans>This waits until your reply is sent.</Trans>
        </span>
        {undo}
      </>
    );
  }
  return (
    <>
      <strong>{label}</strong>
      <p role="alert">
        {behind === "stays" ? <Trans>Your reply has not been sent yet. This waits until it is sent.</Trans> : <Trans>Your reply was not sent, so nothing was done.</Trans>}
      </p>
      <div className="row end">
        <Link className="button" to="/tickets/$id" params={{ id: entry.ticket }}>
          <Trans>Open the ticket</Trans>
        </Link>
        {undo}
        {/* As long as the reply is there, its own line says what can become of it. */}
        {behind === "gone" && (
          <DeskButton kind="primary" onPress={() => outbox.sendNow(entry.id)}>
            <Trans>Send anyway</Trans>
          </DeskButton>
        )}
      </div>
    </>
  );
}
