// The phrase, shown once, with a proof that it was kept: by paste, by a password manager or by the saved file, never from memory. The passphrase
// that locks it in this browser is chosen on the same page.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import type { DeskFacts } from "../../worker/api.ts";
import { door } from "../door.ts";
import { CopyButton } from "../kit/CopyButton.tsx";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import type { WalletAccount } from "../wallet/keplr.ts";
import { phraseIn, tidied } from "./kit.ts";
import { isLongEnough, NewPassphrase } from "./NewPassphrase.tsx";
import OpenFile from "./OpenFile.tsx";
import { useMaking } from "./useMaking.ts";
import { useSaveKit } from "./useSaveKit.ts";
import { Words } from "./Words.tsx";

interface KeepProps {
  desk: DeskFacts;
  account: WalletAccount | null;
  phrase: string;
  onBack(): void;
}

export function Keep({ desk, account, phrase, onBack }: KeepProps) {
  const { t } = useLingui();
  const { make, isBusy, error } = useMaking();
  const [typed, setTyped] = useState("");
  const [passphrase, setPassphrase] = useState("");
  /** Whether the person wanted to finish: what is missing is said from then on, and not while they are at it. */
  const [isWanted, setWanted] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef<HTMLOListElement>(null);
  const saveKit = useSaveKit();
  // What was pressed is gone, and with it whatever had the keyboard.
  useEffect(() => heading.current?.focus(), []);
  const isKept = phraseIn(typed) === phrase;
  const isComplete = tidied(typed).split(" ").length >= 12;
  const problem = () => {
    if (isKept) return undefined;
    if (isComplete) return t`These words do not match the ones shown.`;
    return isWanted ? t`Paste the twelve words here, or open the file, to show that you have kept them.` : undefined;
  };
  const done = () => {
    setWanted(true);
    if (isKept && isLongEnough(passphrase)) make(phrase, passphrase, account);
  };
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), done())}>
        <h1 ref={heading} tabIndex={-1}>
          <Trans>Keep these twelve words</Trans>
        </h1>
        <p className="quiet">
          <Trans>They bring your tickets back if you lose this device or forget the passphrase. Anyone who has them can read everything you can.</Trans>
        </p>
        <Words words={phrase} label={t`Recovery phrase`} ref={shown} />
        <div className="row">
          <Button onPress={() => void door.checkPhrase(phrase).then((address) => saveKit(phrase, desk, account?.address ?? address, account !== null))}>
            <Trans>Save as a file</Trans>
          </Button>
          <CopyButton text={phrase} shown={shown}>
            <Trans>Copy</Trans>
          </CopyButton>
        </div>
        <Field
          label={t`Show that you have them`}
          hint={t`Paste them, for example from your password manager, or open the file that you saved.`}
          lines={3}
          value={typed}
          onChange={setTyped}
          problem={problem()}
        />
        <OpenFile onText={(text) => setTyped(phraseIn(text))} />
        <NewPassphrase
          label={t`A passphrase for this browser`}
          about={t`The passphrase locks what this browser keeps for you. It is never sent anywhere, so nobody can reset it.`}
          value={passphrase}
          onChange={setPassphrase}
          isMissing={isWanted}
        />
        {error !== null && <Problem error={error} />}
        <div className="row end">
          <Button kind="plain" onPress={onBack} isDisabled={isBusy}>
            <Trans>Back</Trans>
          </Button>
          <Button kind="primary" type="submit" isPending={isBusy}>
            <Trans>Finish</Trans>
          </Button>
        </div>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Sealing your keys`} />}
      </form>
    </main>
  );
}
