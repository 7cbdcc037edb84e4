// A visit of somebody whose keys this browser keeps.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { door } from "../door.ts";
import { Ask, Button, Field } from "../kit/controls.tsx";
import { wordsOf } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { useSession } from "./session.tsx";

export function Unlock() {
  const { t } = useLingui();
  const { enter, signOut } = useSession();
  const [passphrase, setPassphrase] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const go = () => {
    setBusy(true);
    setProblem(undefined);
    door.unlock(passphrase).then(enter, (error: unknown) => {
      setProblem(wordsOf(error));
      setBusy(false);
    });
  };
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), go())}>
        <Seal state="closed" />
        <h1>
          <Trans>Welcome back</Trans>
        </h1>
        <Field
          label={t`Passphrase`}
          type="password"
          autoComplete="current-password"
          value={passphrase}
          onChange={setPassphrase}
          problem={problem}
          autoFocus
        />
        <Button kind="primary" wide type="submit" isDisabled={isBusy || passphrase === ""}>
          <Trans>Unlock</Trans>
        </Button>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Unlocking`} />}
        <Button kind="plain" onPress={() => setLeaving(true)}>
          <Trans>Use a recovery phrase instead</Trans>
        </Button>
        <Ask title={t`Remove what this browser keeps?`} isOpen={isLeaving} onClose={() => setLeaving(false)}>
          <p>
            <Trans>Your tickets stay on the ledger. To open them again, here or elsewhere, you need your recovery phrase.</Trans>
          </p>
          <div className="row end">
            <Button onPress={() => setLeaving(false)}>
              <Trans>Cancel</Trans>
            </Button>
            <Button kind="primary" onPress={() => void signOut()}>
              <Trans>Remove</Trans>
            </Button>
          </div>
        </Ask>
      </form>
    </main>
  );
}
