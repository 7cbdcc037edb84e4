// Another passphrase, by the one that is known.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useToast } from "../kit/toast.tsx";

const LETTERS_MIN = 8;

export function Passphrase() {
  const { t } = useLingui();
  const toast = useToast();
  const [now, setNow] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const differs = again !== "" && again !== next;
  const go = () => {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    door
      .changePassphrase({ passphrase: now }, next)
      .then(() => {
        setNow("");
        setNext("");
        setAgain("");
        toast(t`The passphrase is changed.`);
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), go())}>
      <div className="pair">
        <Field label={t`Current passphrase`} type="password" autoComplete="current-password" value={now} onChange={setNow} />
        <Field label={t`New passphrase`} type="password" autoComplete="new-password" value={next} onChange={setNext} />
        <Field
          label={t`Repeat the passphrase`}
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          problem={differs ? t`The two are not the same yet.` : undefined}
        />
      </div>
      {error !== null && <Problem error={error} />}
      <div className="row">
        <Button type="submit" isPending={isBusy} isDisabled={now === "" || [...next].length < LETTERS_MIN || again !== next}>
          <Trans>Change the passphrase</Trans>
        </Button>
      </div>
    </form>
  );
}
