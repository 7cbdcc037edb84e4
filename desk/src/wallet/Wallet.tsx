// Settings of somebody whose account is in a wallet: which one signs, and what is different for them.
import { Trans } from "@lingui/react/macro";

import { useOpened } from "../session/session.tsx";

export function Wallet() {
  const { hasWallet } = useOpened();
  if (!hasWallet) return null;
  return (
    <p className="quiet small">
      <Trans>
        This account is in Keplr, which asks you to confirm everything you send. Keplr's own words bring it back there. Your twelve words open what people write to you, but write nothing without Keplr.
      </Trans>
    </p>
  );
}
