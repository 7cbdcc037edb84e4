// The switch by which colleagues see each other at tickets, and who learns of it. There is none where the node does not offer it.
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Switch } from "react-aria-components";

import "../kit/choices.css";
import { door } from "../door.ts";
import { keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { setShows, useShows } from "./setting.ts";

export function ShowsSwitch() {
  const isOn = useShows();
  const { data: isOffered } = useQuery({ queryKey: keys.presence, queryFn: () => door.offersPresence(), staleTime: Number.POSITIVE_INFINITY });
  const { hasWallet } = useOpened();
  if (!isOffered) return null;
  if (hasWallet) {
    return (
      <p className="quiet small">
        <Trans>Colleagues do not see what you look at, and you do not see them: Keplr would ask you to confirm it every few seconds.</Trans>
      </p>
    );
  }
  return (
    <>
      <Switch className="switch" isSelected={isOn} onChange={setShows}>
        <span className="switch-track" aria-hidden />
        <Trans>Show colleagues what I look at</Trans>
      </Switch>
      <p className="quiet small">
        <Trans>
          Colleagues who have the same ticket open see that you look at it, or write a reply. Whoever runs this desk learns it too: which ticket you look at, and when. It is not kept. If you turn it off, you do not see your colleagues either.
        </Trans>
      </p>
    </>
  );
}
