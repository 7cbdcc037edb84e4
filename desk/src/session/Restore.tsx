// Somebody brings words that they have: typed, pasted, or in the file that they saved. Words that this desk knows nothing of are said to be such before
// another, empty account is made of them.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import type { DeskFacts } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import ConnectWallet from "../wallet/ConnectWallet.tsx";
import type { WalletAccount } from "../wallet/keplr.ts";
import { ChoosePassphrase } from "./ChoosePassphrase.tsx";
import { deskIn, phraseIn } from "./kit.ts";
import { accountIn, type Kit, ownerOf } from "./kitAccount.ts";
import OpenFile from "./OpenFile.tsx";

/** Longest that somebody waits to hear whether the desk knows their words; nothing is decided by it. */
const KNOWN_MS = 6_000;

interface RestoreProps {
  desk: DeskFacts;
  account: WalletAccount | null;
  onAccount(account: WalletAccount | null): void;
  onBack(): void;
}

/** Whether the desk knows the account of these words. Whoever cannot be told goes on. */
const isKnown = (phrase: string): Promise<boolean> =>
  Promise.race([door.knowsAccount(phrase).catch(() => true), new Promise<true>((resolve) => setTimeout(() => resolve(true), KNOWN_MS))]);

export default function Restore({ desk, account, onAccount, onBack }: RestoreProps) {
  const { t } = useLingui();
  const [phrase, setPhrase] = useState("");
  const [kit, setKit] = useState<Kit | null>(null);
  /** The desk that the file names, by its identity. */
  const [kitDesk, setKitDesk] = useState<string | null>(null);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  /** The words that were looked at, and do not lead to an account alone. */
  const [unknown, setUnknown] = useState<string | null>(null);
  /** The words that this browser is to keep. */
  const [chosen, setChosen] = useState<string | null>(null);
  const words = phraseIn(phrase);
  const now = useRef(words);
  now.current = words;
  const owner = useOwner(kit, words);
  const isAnother = owner !== null && account !== null && account.address !== owner;
  const take = (text: string, shown: string) => {
    setPhrase(shown);
    const named = accountIn(text);
    if (named !== null) setKit({ words: phraseIn(text), account: named });
    setKitDesk(deskIn(text));
    setProblem(undefined);
  };
  const go = async () => {
    setBusy(true);
    try {
      const named = ownerOf(kit, words, await door.checkPhrase(words));
      // The words alone are another account, whatever the desk knows of that.
      const leads = named === null ? account !== null || (await isKnown(words)) : named === account?.address;
      // They may have been changed meanwhile, and are looked at anew then.
      if (now.current !== words) return;
      if (leads) setChosen(words);
      else setUnknown(words);
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const isUnknown = unknown !== null;
  const submit = () => {
    if (!isUnknown && !isAnother && !isBusy) void go();
  };
  if (chosen !== null) return <ChoosePassphrase phrase={chosen} account={account} isMet={kitDesk === desk.identity} onBack={() => setChosen(null)} />;
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), submit())}>
        {isUnknown ? (
          <Unknown owner={owner} isConnected={account !== null} />
        ) : (
          <>
            <h1>
              <Trans>Your recovery phrase</Trans>
            </h1>
            <Field
              label={t`12 or 24 words`}
              hint={t`Paste it, type it, or open the file that you saved.`}
              lines={3}
              value={phrase}
              onChange={(text) => take(text, text)}
              problem={problem}
              autoFocus
            />
            <OpenFile onText={(text) => take(text, phraseIn(text))} />
          </>
        )}
        {kitDesk !== null && kitDesk !== desk.identity && (
          <p className="notice warn" role="status">
            <Trans>This file belongs to another desk than this one. Open the address that it names, or compare the words of this desk.</Trans>
          </p>
        )}
        {owner !== null && <Owner owner={owner} isAnother={isAnother} />}
        {/* One for both: whoever said no in Keplr is not asked again. */}
        {window.keplr && <ConnectWallet desk={desk} account={account} onAccount={onAccount} isBack owner={owner} />}
        {isUnknown ? (
          <>
            {account !== null && (
              <Button kind="primary" wide isDisabled={isAnother} onPress={() => setChosen(unknown)}>
                <Trans>Continue</Trans>
              </Button>
            )}
            <Button wide onPress={() => setUnknown(null)}>
              <Trans>Check the words</Trans>
            </Button>
            {account === null && (
              <Button kind="plain" wide onPress={() => setChosen(unknown)}>
                <Trans>Continue with a new account</Trans>
              </Button>
            )}
          </>
        ) : (
          <div className="row end">
            <Button kind="plain" onPress={onBack} isDisabled={isBusy}>
              <Trans>Back</Trans>
            </Button>
            <Button kind="primary" type="submit" isPending={isBusy} isDisabled={phrase.trim() === "" || isAnother}>
              <Trans>Continue</Trans>
            </Button>
          </div>
        )}
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Looking for your account`} />}
      </form>
    </main>
  );
}

/** The account of a kit that is in a wallet, as far as it is known by now. */
function useOwner(kit: Kit | null, words: string): string | null {
  const [owner, setOwner] = useState<string | null>(null);
  useEffect(() => {
    let isHere = true;
    setOwner(null);
    if (kit !== null) door.checkPhrase(words).then((address) => isHere && setOwner(ownerOf(kit, words, address)), () => undefined);
    return () => {
      isHere = false;
    };
  }, [kit, words]);
  return owner;
}

function Owner({ owner, isAnother }: { owner: string; isAnother: boolean }) {
  return (
    <div className={`notice ${isAnother ? "warn" : ""}`} role="status">
      <span>
        {isAnother ? (
          <Trans>Another account is chosen in Keplr. This recovery kit belongs to:</Trans>
        ) : (
          <Trans>This recovery kit belongs to an account in Keplr:</Trans>
        )}
      </span>
      <code className="small">{owner}</code>
      {!window.keplr && (
        <span className="small">
          <Trans>Open this page in a browser that has Keplr. Without it these words lead to another account, which is empty.</Trans>
        </span>
      )}
    </div>
  );
}

/** The words are right, and are no account's that this desk knows; `owner` where it is known whose they are. */
function Unknown({ owner, isConnected }: { owner: string | null; isConnected: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The form that was there is gone, and with it whatever had the keyboard.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {owner === null ? <Trans>This desk does not know these words</Trans> : <Trans>These words are one half of your account</Trans>}
      </h1>
      {!isConnected && (
        <p role="status">
          {owner === null ? (
            <Trans>This desk has no account for these words alone. If you continue, you start with a new, empty account.</Trans>
          ) : (
            <Trans>Your tickets open with them and Keplr together. If you continue without Keplr, you start with another account, which has none of them.</Trans>
          )}
        </p>
      )}
      {owner === null && !isConnected && (
        <p className="quiet">
          {window.keplr ? (
            <Trans>Is your account in Keplr? Then these words open your tickets together with it.</Trans>
          ) : (
            <Trans>Is your account in Keplr? Then open this page in a browser that has Keplr.</Trans>
          )}
        </p>
      )}
    </>
  );
}
