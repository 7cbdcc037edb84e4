// Somebody brings words that they have: typed, pasted, or in the file that they saved. Words that this desk knows nothing of are said to be such before
// another, empty account is made of them.
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useState } from "react";

import type { DeskFacts } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import ConnectWallet from "../wallet/ConnectWallet.tsx";
import type { WalletAccount } from "../wallet/keplr.ts";
import { phraseIn } from "./kit.ts";
import { accountIn } from "./named.ts";
import OpenFile from "./OpenFile.tsx";

/** Longest that somebody waits to hear whether the desk knows their words; nothing is decided by it. */
const KNOWN_MS = 6_000;

interface RestoreProps {
  desk: DeskFacts;
  account: WalletAccount | null;
  onAccount(account: WalletAccount | null): void;
  onBack(): void;
  onPhrase(phrase: string): void;
}

/** Whether the desk knows the account of these words. Whoever cannot be told goes on. */
const isKnown = (phrase: string): Promise<boolean> =>
  Promise.race([door.knowsAccount(phrase).catch(() => true), new Promise<true>((resolve) => setTimeout(() => resolve(true), KNOWN_MS))]);

export default function Restore({ desk, account, onAccount, onBack, onPhrase }: RestoreProps) {
  const { t } = useLingui();
  const [phrase, setPhrase] = useState("");
  const [named, setNamed] = useState<string | null>(null);
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [isUnknown, setUnknown] = useState(false);
  const words = phraseIn(phrase);
  const owner = useOwner(named, words);
  const take = (text: string, shown: string) => {
    setPhrase(shown);
    setNamed(accountIn(text));
    setProblem(undefined);
  };
  const go = async () => {
    setBusy(true);
    try {
      await door.checkPhrase(words);
      if (account !== null || (await isKnown(words))) onPhrase(words);
      else setUnknown(true);
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const wallet = window.keplr && <ConnectWallet desk={desk} account={account} onAccount={onAccount} isBack owner={owner} />;
  if (isUnknown) return <Unknown wallet={wallet} isConnected={account !== null} onCheck={() => setUnknown(false)} onGo={() => onPhrase(words)} />;
  const isAnother = owner !== null && account !== null && account.address !== owner;
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), void go())}>
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
        {owner !== null && (
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
        )}
        {wallet}
        <div className="row end">
          <Button kind="plain" onPress={onBack} isDisabled={isBusy}>
            <Trans>Back</Trans>
          </Button>
          <Button kind="primary" type="submit" isPending={isBusy} isDisabled={phrase.trim() === "" || isAnother}>
            <Trans>Continue</Trans>
          </Button>
        </div>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Looking for your account`} />}
      </form>
    </main>
  );
}

/** The account that a kit names, where its words alone do not lead to it: that is one in a wallet. */
function useOwner(named: string | null, words: string): string | null {
  const [owner, setOwner] = useState<string | null>(null);
  useEffect(() => {
    let isHere = true;
    setOwner(null);
    if (named !== null) door.checkPhrase(words).then((address) => isHere && setOwner(address === named ? null : named), () => undefined);
    return () => {
      isHere = false;
    };
  }, [named, words]);
  return owner;
}

interface UnknownProps {
  wallet: ReactNode;
  isConnected: boolean;
  onCheck(): void;
  onGo(): void;
}

/** The words are right, and this desk has nothing of theirs. */
function Unknown({ wallet, isConnected, onCheck, onGo }: UnknownProps) {
  return (
    <main className="center">
      <div className="card">
        <h1>
          <Trans>This desk does not know these words</Trans>
        </h1>
        {!isConnected && (
          <p role="status">
            <Trans>No ticket was ever written with these words at this desk. If you go on, you begin with a new, empty account.</Trans>
          </p>
        )}
        {wallet ? (
          !isConnected && (
            <p className="quiet">
              <Trans>Is your account in Keplr? Then these words open your tickets together with it.</Trans>
            </p>
          )
        ) : (
          <p className="quiet">
            <Trans>Is your account in Keplr? Then open this page in a browser that has Keplr.</Trans>
          </p>
        )}
        {wallet}
        {isConnected && (
          <Button kind="primary" wide onPress={onGo}>
            <Trans>Continue</Trans>
          </Button>
        )}
        <Button wide onPress={onCheck}>
          <Trans>Check the words</Trans>
        </Button>
        {!isConnected && (
          <Button kind="plain" wide onPress={onGo}>
            <Trans>Go on with a new account</Trans>
          </Button>
        )}
      </div>
    </main>
  );
}
