// The recovery phrase, shown again or saved as a file, for whoever shows that they can unlock.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Proof } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { obstacle, usePasskey } from "../session/passkey.ts";
import { PasskeyProblem } from "../session/PasskeyProblem.tsx";
import { useOpened } from "../session/session.tsx";
import { useSaveKit } from "../session/useSaveKit.ts";
import { Words } from "../session/Words.tsx";

export function Kit() {
  const [phrase, setPhrase] = useState<string | null>(null);
  return phrase === null ? <Prove onPhrase={setPhrase} /> : <Shown phrase={phrase} onHide={() => setPhrase(null)} />;
}

function Shown({ phrase, onHide }: { phrase: string; onHide(): void }) {
  const { t } = useLingui();
  const { address, hasWallet, desk } = useOpened();
  const saveKit = useSaveKit();
  return (
    <div className="stack">
      <Words words={phrase} label={t`Recovery phrase`} />
      <div className="row">
        <Button onPress={() => void saveKit(phrase, desk, address, hasWallet)}>
          <Trans>Save as a file</Trans>
        </Button>
        <Button onPress={onHide}>
          <Trans>Hide it</Trans>
        </Button>
      </div>
    </div>
  );
}

function Prove({ onPhrase }: { onPhrase(phrase: string): void }) {
  const { t } = useLingui();
  const [passphrase, setPassphrase] = useState("");
  const [isBusy, setBusy] = useState(false);
  // Not offered before it is known that there can be one.
  const { data: blocked } = useQuery({ queryKey: ["passkey-obstacle"], queryFn: obstacle });
  const [error, setError] = useState<unknown>(null);
  const reveal = (prove: () => Promise<Proof>) => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    prove()
      .then((proof) => door.revealPhrase(proof))
      .then(onPhrase)
      .catch(setError)
      .finally(() => setBusy(false));
  };
  const withPasskey = async () => {
    const passkeys = await door.passkeys();
    if (passkeys.length === 0) throw new Error(t`There is no passkey yet. Type your passphrase.`);
    return usePasskey(passkeys);
  };
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), passphrase !== "" && reveal(async () => ({ passphrase })))}>
      <Field
        label={t`Passphrase, to show the recovery phrase`}
        type="password"
        autoComplete="current-password"
        value={passphrase}
        onChange={setPassphrase}
      />
      {error !== null && <PasskeyProblem error={error} />}
      <div className="row">
        <Button type="submit" isPending={isBusy} isDisabled={passphrase === ""}>
          <Trans>Show the recovery phrase</Trans>
        </Button>
        {blocked === null && (
          <Button kind="plain" isPending={isBusy} onPress={() => reveal(withPasskey)}>
            <Trans>Use a passkey</Trans>
          </Button>
        )}
      </div>
    </form>
  );
}
