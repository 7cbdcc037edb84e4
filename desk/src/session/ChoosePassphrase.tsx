// Whoever brought their words chooses the passphrase that locks them in this browser.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import type { WalletAccount } from "../wallet/keplr.ts";
import { isLongEnough, NewPassphrase } from "./NewPassphrase.tsx";
import { useMaking } from "./useMaking.ts";

interface ChoosePassphraseProps {
  phrase: string;
  account: WalletAccount | null;
  isMet: boolean;
  onBack(): void;
}

export function ChoosePassphrase({ phrase, account, isMet, onBack }: ChoosePassphraseProps) {
  const { t } = useLingui();
  const { make, isBusy, error } = useMaking();
  const [passphrase, setPassphrase] = useState("");
  const [isWanted, setWanted] = useState(false);
  const done = () => {
    setWanted(true);
    if (isLongEnough(passphrase)) make(phrase, passphrase, account, isMet);
  };
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), done())}>
        <h1>
          <Trans>Choose a passphrase</Trans>
        </h1>
        <p className="quiet">
          <Trans>The passphrase locks what this browser keeps for you. It is never sent anywhere, so nobody can reset it.</Trans>
        </p>
        <NewPassphrase label={t`Passphrase`} value={passphrase} onChange={setPassphrase} isMissing={isWanted} autoFocus />
        {error !== null && <Problem error={error} />}
        <div className="row end">
          <Button kind="plain" onPress={onBack} isDisabled={isBusy}>
            <Trans>Back</Trans>
          </Button>
          <Button kind="primary" type="submit" isPending={isBusy}>
            <Trans>Continue</Trans>
          </Button>
        </div>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Sealing your keys`} />}
      </form>
    </main>
  );
}
