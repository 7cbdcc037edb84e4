// What was not sent because somebody wrote meanwhile: who, and what can be done about it.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";

import { Keys, useKeys } from "../keyboard/Keys.tsx";
import { Button } from "../kit/controls.tsx";
import { DeskButton } from "../offline/NeedsDesk.tsx";
import { useNames } from "../people/names.tsx";
import { outbox } from "./outboxTimer.ts";
import type { Entry } from "./outbox.ts";

export default function Met({ entry }: { entry: Entry }) {
  const { i18n } = useLingui();
  const names = useNames();
  const keys = useKeys("undo");
  const met = entry.met ?? [];
  const called = met.map(({ by, isStaff }) => names(by, isStaff));
  // Customers chose what they are called: no name turns what stands around it.
  const who = <>{new Intl.ListFormat(i18n.locale).formatToParts(called).map(({ type, value }, n) => (type === "element" ? <bdi key={n}>{value}</bdi> : value))}</>;
  return (
    <>
      <strong>{entry.label}</strong>
      <p role="alert">
        <Plural value={met.length} one={`${who} wrote meanwhile. Nothing was sent yet.`} other={`${who} wrote meanwhile. Nothing was sent yet.`} />
      </p>
      <div className="row end">
        <Link className="button" to="/tickets/$id" params={{ id: entry.ticket }}>
          <Trans>Open the ticket</Trans>
        </Link>
        <Button onPress={() => outbox.undo(entry.id)}>
          <Trans>Undo</Trans>
          {keys !== undefined && <Keys keys={keys} />}
        </Button>
        <DeskButton kind="primary" onPress={() => outbox.sendNow(entry.id)}>
          <Trans>Send anyway</Trans>
        </DeskButton>
      </div>
    </>
  );
}
