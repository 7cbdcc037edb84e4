// Offers notices to a customer who has written a ticket, once and quietly. Whoever answered is not asked again; the settings have it still.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import "./notices.css";
import { useNotices } from "./useNotices.ts";

/** That somebody was asked, in local storage: a switch of this browser like the others there. */
const ANSWER = "notices-offer";

export default function Offer() {
  const { t } = useLingui();
  const { standing, change } = useNotices();
  const [isOver, setOver] = useState(() => localStorage.getItem(ANSWER) !== null);
  if (isOver || standing !== "off") return null;
  const end = () => {
    localStorage.setItem(ANSWER, "over");
    setOver(true);
  };
  return (
    <aside className="notice offer" aria-label={t`Notifications`}>
      <span>
        <Trans>Get a notification when there is a reply?</Trans> <span className="quiet">
          <Trans>The notification only says that there is something new.</Trans>
        </span>
      </span>
      <span className="row">
        <Button isDisabled={change.isPending} onPress={() => change.mutate(true, { onSuccess: end })}>
          <Trans>Notify me</Trans>
        </Button>
        <Button kind="plain" isDisabled={change.isPending} onPress={end}>
          <Trans>Not now</Trans>
        </Button>
      </span>
      {change.error && <Problem error={change.error} />}
    </aside>
  );
}
