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
        <Trans>Colleagues do not see what you are viewing, and you do not see them: Keplr would ask you to confirm it every few seconds.</Trans>
      </p>
    );
  }
  return (
    <>
      <Switch className="switch" isSelected={isOn} onChange={setShows}>
        <span className="switch-track" aria-hidden />
        <Trans>Show colleagues what I am viewing</Trans>
      </Switch>
      <p className="quiet small">
        <Trans>
          Colleagues who have the same ticket open see that you are viewing it or writing a reply. The operator of this desk can also see which ticket you are viewing and when. It isn't stored. If you turn this off, you do not see your colleagues either.
        </Trans>
      </p>
    </>
  );
}
