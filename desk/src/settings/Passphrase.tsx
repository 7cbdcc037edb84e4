// Another passphrase, by the one that is known.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useToast } from "../kit/toast.tsx";
import { isLongEnough, NewPassphrase } from "../session/NewPassphrase.tsx";

export function Passphrase() {
  const { t } = useLingui();
  const toast = useToast();
  const [now, setNow] = useState("");
  const [next, setNext] = useState("");
  const [isWanted, setWanted] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = () => {
    setWanted(true);
    if (isBusy || !isLongEnough(next)) return;
    setBusy(true);
    setError(null);
    door
      .changePassphrase({ passphrase: now }, next)
      .then(() => {
        setNow("");
        setNext("");
        setWanted(false);
        toast(t`The passphrase is changed.`);
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), go())}>
      <div className="pair">
        <Field label={t`Current passphrase`} type="password" autoComplete="current-password" value={now} onChange={setNow} />
        <NewPassphrase label={t`New passphrase`} value={next} onChange={setNext} isMissing={isWanted} />
      </div>
      {error !== null && <Problem error={error} />}
      <div className="row">
        <Button type="submit" isPending={isBusy} isDisabled={now === "" || next === ""}>
          <Trans>Change the passphrase</Trans>
        </Button>
      </div>
    </form>
  );
}
