// A visit of somebody whose keys this browser keeps.
import { Trans, useLingui } from "@lingui/react/macro";
import { Fingerprint } from "lucide-react";
import { Suspense, useState } from "react";

import type { Proof } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { wordsOf } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import { usePasskey } from "./passkey.ts";
import { PasskeyProblem } from "./PasskeyProblem.tsx";
import { useSession } from "./session.tsx";

const LeaveAsk = lazy(() => ofLater(() => import("./LeaveAsk.tsx")));

/** Whether it is what the vault says of another passphrase (crates/client/src/vault.rs). */
const isWrong = (error: unknown): boolean => /the passphrase does not open it/i.test(wordsOf(error));

interface Props {
  passkeys: string[];
  /** Whether the desk does not answer: this browser opens what it keeps all the same. */
  isAway: boolean;
}

export function Unlock({ passkeys, isAway }: Props) {
  const { t } = useLingui();
  const { enter, restart } = useSession();
  const [passphrase, setPassphrase] = useState("");
  const [problem, setProblem] = useState<string>();
  const [passkeyError, setPasskeyError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const unlock = async (proof: Proof) => {
    try {
      enter(await door.unlock(proof));
    } catch (error) {
      // What the browser threw away meanwhile is not asked for again.
      const isGone = await door.start(null).then(({ hasVault }) => !hasVault, () => false);
      if (isGone) return restart();
      throw error;
    }
  };
  const begin = () => {
    setBusy(true);
    setProblem(undefined);
    setPasskeyError(null);
  };
  const withPassphrase = () => {
    if (isBusy || passphrase === "") return;
    begin();
    unlock({ passphrase })
      .catch((error: unknown) => setProblem(isWrong(error) ? t`This passphrase does not open it.` : wordsOf(error)))
      .finally(() => setBusy(false));
  };
  const withPasskey = () => {
    if (isBusy) return;
    begin();
    usePasskey(passkeys)
      .then(unlock)
      .catch(setPasskeyError)
      .finally(() => setBusy(false));
  };
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), withPassphrase())}>
        <Seal state="closed" />
        <h1>
          <Trans>Welcome back</Trans>
        </h1>
        {isAway && (
          <p className="notice" role="status">
            <Trans>The desk does not answer. Unlock to see what this browser kept.</Trans>
          </p>
        )}
        {passkeys.length > 0 && (
          <Button kind="primary" wide onPress={withPasskey} isPending={isBusy}>
            <Fingerprint size={18} aria-hidden />
            <Trans>Unlock with a passkey</Trans>
          </Button>
        )}
        {passkeyError !== null && <PasskeyProblem error={passkeyError} />}
        <Field
          label={t`Passphrase`}
          type="password"
          autoComplete="current-password"
          value={passphrase}
          onChange={setPassphrase}
          problem={problem}
          autoFocus={passkeys.length === 0}
        />
        <Button kind={passkeys.length > 0 ? "normal" : "primary"} wide type="submit" isPending={isBusy} isDisabled={passphrase === ""}>
          <Trans>Unlock</Trans>
        </Button>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Unlocking`} />}
        <Leave />
      </form>
    </main>
  );
}

function Leave() {
  const [isLeaving, setLeaving] = useState(false);
  return (
    <>
      <Button kind="plain" onPress={() => setLeaving(true)}>
        <Trans>Use a recovery phrase instead</Trans>
      </Button>
      {isLeaving && (
        <Suspense>
          <LeaveAsk onClose={() => setLeaving(false)} />
        </Suspense>
      )}
    </>
  );
}
