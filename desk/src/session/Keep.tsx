// The phrase, shown once, with a proof that it was kept: by paste, by a password manager or by the saved file, never from memory. The passphrase
// that locks it in this browser is chosen on the same page. One thing is asked at a time.
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

export default function Keep({ desk, account, phrase, onBack }: KeepProps) {
  const { t } = useLingui();
  const { make, isBusy, error } = useMaking();
  const [isShown, setShown] = useState(true);
  const [typed, setTyped] = useState("");
  const [passphrase, setPassphrase] = useState("");
  const [isWanted, setWanted] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const words = useRef<HTMLOListElement>(null);
  const saveKit = useSaveKit();
  // What was pressed is gone, and with it whatever had the keyboard.
  useEffect(() => {
    if (isShown) heading.current?.focus();
  }, [isShown]);
  const isKept = phraseIn(typed) === phrase;
  const isWrong = !isKept && tidied(typed).split(" ").length >= 12;
  const save = async () => {
    await saveKit(phrase, desk, account?.address ?? (await door.checkPhrase(phrase)), account !== null);
    setShown(false);
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
        {isShown ? (
          <>
            <Words words={phrase} label={t`Recovery phrase`} ref={words} />
            <div className="row">
              <Button kind="primary" onPress={() => void save()}>
                <Trans>Save as a file</Trans>
              </Button>
              <CopyButton text={phrase} shown={words} onCopied={() => setShown(false)}>
                <Trans>Copy</Trans>
              </CopyButton>
              <Button kind="plain" onPress={() => setShown(false)}>
                <Trans>I wrote them down</Trans>
              </Button>
            </div>
          </>
        ) : (
          <Button kind="plain" onPress={() => setShown(true)}>
            <Trans>Show them again</Trans>
          </Button>
        )}
        {!isShown && !isKept && (
          <>
            <Field
              label={t`Show that you have them`}
              hint={t`Paste them, for example from your password manager, or open the file that you saved.`}
              lines={3}
              value={typed}
              onChange={setTyped}
              problem={isWrong ? t`These words do not match the ones shown.` : undefined}
              autoFocus
            />
            <OpenFile onText={(text) => setTyped(phraseIn(text))} />
          </>
        )}
        {!isShown && isKept && (
          <>
            <p role="status">
              <Trans>You have them. Now choose what locks them in this browser.</Trans>
            </p>
            <NewPassphrase
              label={t`Passphrase`}
              about={t`The passphrase locks what this browser keeps for you. It is never sent anywhere, so nobody can reset it.`}
              value={passphrase}
              onChange={setPassphrase}
              isMissing={isWanted}
              autoFocus
            />
          </>
        )}
        {error !== null && <Problem error={error} />}
        <div className="row end">
          <Button kind="plain" onPress={onBack} isDisabled={isBusy}>
            <Trans>Back</Trans>
          </Button>
          {!isShown && isKept && (
            <Button kind="primary" type="submit" isPending={isBusy}>
              <Trans>Finish</Trans>
            </Button>
          )}
        </div>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Sealing your keys`} />}
      </form>
    </main>
  );
}
