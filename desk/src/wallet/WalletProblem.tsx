// Why a wallet did not sign, and what to do about it. Nothing was sent, or it is said what was.
import { Trans } from "@lingui/react/macro";

import type { DeskError } from "../door.ts";
import { wordsOf } from "../kit/Problem.tsx";
import { useSession } from "../session/session.tsx";

export default function WalletProblem({ error }: { error: DeskError }) {
  const { state } = useSession();
  const address = state.at === "open" || state.at === "meeting" ? state.opened.address : null;
  switch (error.wallet) {
    case "refused":
      return <Trans>You said no in Keplr. Nothing was sent.</Trans>;
    case "absent":
      return <Trans>Keplr is not in this browser, or does not answer, so nothing was sent. Install or unlock it, load this page again, and try again.</Trans>;
    case "another_account":
      return (
        <>
          <span>
            <Trans>Another account is chosen in Keplr. Nothing was sent. Choose this one in Keplr, and try again:</Trans>
          </span>
          {address !== null && <code className="small">{address}</code>}
        </>
      );
    case "something_else":
      return <Trans>Keplr signed something other than this page asked for. Nothing was sent. Change neither fee nor memo in Keplr, and try again.</Trans>;
    case "still_underway":
      return <Trans>The desk changed meanwhile, so Keplr was asked again, and did not sign. What you confirmed first may still arrive.</Trans>;
    case "too_late":
      return <Trans>Keplr's answer came too late. Nothing was sent. Try again, and confirm it within ten minutes.</Trans>;
    default:
      return <span dir="auto">{wordsOf(error)}</span>;
  }
}
