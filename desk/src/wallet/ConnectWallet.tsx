// Who has an account in Keplr, the wallet, brings it: at the first visit, and on another device.
import { Trans } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import type { DeskFacts } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { wordsOf } from "../kit/Problem.tsx";
import { Absent, connect, Refused, Unfit, type WalletAccount } from "./keplr.ts";

interface ConnectWalletProps {
  desk: DeskFacts;
  account: WalletAccount | null;
  onAccount(account: WalletAccount | null): void;
  /** Whether the person brings words that they have. */
  isBack?: boolean;
  /** The account that their recovery kit names: it is asked for without a press. */
  owner?: string | null;
}

export default function ConnectWallet({ desk, account, onAccount, isBack = false, owner = null }: ConnectWalletProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ask = async () => {
    const found = await connect(desk);
    // What a wallet calls an address is not what the ledger goes by.
    if ((await door.walletAddress(found.publicKey)) !== found.address) throw new Unfit();
    onAccount(found);
  };
  const go = () => {
    setBusy(true);
    setError(null);
    ask()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  const asked = useRef<string | null>(null);
  useEffect(() => {
    if (owner === null || owner === asked.current) return;
    // Once for each kit: whoever says no, goes on without, or types in between is not asked again.
    asked.current = owner;
    if (account === null) go();
  }, [owner]);
  if (account) {
    return (
      <div className="notice good" role="status">
        <strong>
          <Trans>Keplr is connected</Trans>
        </strong>
        <span>
          <Trans>
            You write as <bdi>{account.name}</bdi>, and confirm in Keplr everything you send:
          </Trans>
        </span>
        <code className="small">{account.address}</code>
        <span className="quiet small">
          {isBack ? (
            <Trans>The twelve words that you kept for this desk open your tickets. They are not the words of Keplr.</Trans>
          ) : (
            <Trans>Twelve words of your own, shown to you next, open your tickets. Keplr does not get them.</Trans>
          )}
        </span>
        <div className="row">
          <Button onPress={() => onAccount(null)}>
            <Trans>Continue without Keplr</Trans>
          </Button>
        </div>
      </div>
    );
  }
  return (
    <>
      {error !== null && (
        <div className="notice bad" role="alert">
          <Why error={error} />
        </div>
      )}
      <Button wide isPending={isBusy} onPress={go}>
        {isBack ? <Trans>My account is in Keplr</Trans> : <Trans>Connect Keplr</Trans>}
      </Button>
      {isBusy && (
        <p className="quiet small" role="status">
          <Trans>Keplr asks you whether this desk may see your address. If you see nothing, open Keplr yourself.</Trans>
        </p>
      )}
    </>
  );
}

function Why({ error }: { error: unknown }) {
  if (error instanceof Refused) return <Trans>You said no in Keplr. Nothing was connected.</Trans>;
  if (error instanceof Absent) return <Trans>Keplr is no longer in this browser. Reload this page.</Trans>;
  if (error instanceof Unfit) return <Trans>This account of Keplr cannot be used here: its key is of another kind. Choose another account in Keplr.</Trans>;
  return (
    <span>
      <Trans>Keplr could not be connected. It says:</Trans> <span dir="auto">{wordsOf(error)}</span>
    </span>
  );
}
