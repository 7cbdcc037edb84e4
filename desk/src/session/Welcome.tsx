// The first visit: a person gets keys in one step, or brings their own.
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, Suspense, useState } from "react";

import type { DeskFacts } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import type { WalletAccount } from "../wallet/keplr.ts";
import { phraseIn, tidied } from "./kit.ts";
import OpenFile from "./OpenFile.tsx";
import { useSaveKit } from "./useSaveKit.ts";
import { Words } from "./Words.tsx";
import { useSession } from "./session.tsx";

type Step = { at: "welcome" } | { at: "passphrase"; phrase: string; isNew: boolean } | { at: "restore" } | { at: "keep"; phrase: string; passphrase: string };

// Few have a wallet.
const ConnectWallet = lazy(() => ofLater(() => import("../wallet/ConnectWallet.tsx")));
const DeskName = lazy(() => ofLater(() => import("./DeskName.tsx").then(({ DeskName }) => ({ default: DeskName }))), ({ children }) => children);
// Few come back.
const Restore = lazy(() => ofLater(() => import("./Restore.tsx")));

/** What is wrong with a passphrase that is chosen now, if anything is. */
const LETTERS_MIN = 8;

interface WelcomeProps {
  /** Null while it is looked for: until then there is only what can be read. */
  desk: DeskFacts | null;
  inviter: string | null;
  /** Whether a ticket waits for whoever followed this link. */
  claims: boolean;
}

export function Welcome({ desk, inviter, claims }: WelcomeProps) {
  const [step, setStep] = useState<Step>({ at: "welcome" });
  const [account, setAccount] = useState<WalletAccount | null>(null);
  const wallet = desk && window.keplr && (
    <Suspense>
      <ConnectWallet desk={desk} account={account} onAccount={setAccount} />
    </Suspense>
  );
  switch (step.at) {
    case "welcome":
      return <First desk={desk} inviter={inviter} claims={claims} hasWallet={account !== null} wallet={wallet} onNew={(phrase) => setStep({ at: "passphrase", phrase, isNew: true })} onRestore={() => setStep({ at: "restore" })} />;
    case "restore":
      return (
        desk && (
          <Suspense>
            <Restore desk={desk} account={account} onAccount={setAccount} onBack={() => setStep({ at: "welcome" })} onPhrase={(phrase) => setStep({ at: "passphrase", phrase, isNew: false })} />
          </Suspense>
        )
      );
    case "passphrase":
      return (
        <Passphrase
          isNew={step.isNew}
          onBack={() => setStep({ at: "welcome" })}
          onChosen={(passphrase) => setStep({ at: "keep", phrase: step.phrase, passphrase })}
          phrase={step.phrase}
          account={account}
        />
      );
    case "keep":
      return desk && <Keep desk={desk} account={account} phrase={step.phrase} passphrase={step.passphrase} />;
  }
}

interface FirstProps extends WelcomeProps {
  hasWallet: boolean;
  wallet: ReactNode;
  onNew(phrase: string): void;
  onRestore(): void;
}

function First({ desk, inviter, claims, hasWallet, wallet, onNew, onRestore }: FirstProps) {
  const [error, setError] = useState<unknown>(null);
  const byId = desk && (
    <Trans>
      This desk is <code>{desk.chainId}</code>.
    </Trans>
  );
  return (
    <main className="center">
      <div className="card">
        <Seal state="closed" />
        <h1>
          <Trans>Write to support. Only they and you can read it.</Trans>
        </h1>
        <p className="quiet">
          <Trans>What you write is sealed in this browser. Nobody in between can open it, not even whoever runs this server.</Trans>
        </p>
        {inviter !== null && (
          <p>
            <Trans>
              <bdi>{inviter}</bdi> invited you. Your invitation is shown to the desk when you send your first ticket.
            </Trans>
          </p>
        )}
        {claims && (
          <p>
            <Trans>Support wrote a ticket down for you. Start, and you can read it and make it yours.</Trans>
          </p>
        )}
        {error !== null && <Problem error={error} />}
        {hasWallet && wallet}
        <Button kind="primary" wide isDisabled={desk === null} onPress={() => door.newPhrase().then(onNew, setError)}>
          <Trans>Start</Trans>
        </Button>
        {!hasWallet && wallet}
        <Button kind="plain" wide isDisabled={desk === null} onPress={onRestore}>
          <Trans>I have a recovery phrase</Trans>
        </Button>
        <p className="quiet small">
          {desk === null ? (
            <Trans>Looking for the desk</Trans>
          ) : (
            <Suspense fallback={byId}>
              <DeskName chainId={desk.chainId}>{byId}</DeskName>
            </Suspense>
          )}
        </p>
      </div>
    </main>
  );
}

function Passphrase({ phrase, account, isNew, onBack, onChosen }: { phrase: string; account: WalletAccount | null; isNew: boolean; onBack(): void; onChosen(passphrase: string): void }) {
  const { t } = useLingui();
  const { enter } = useSession();
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isShort = [...passphrase].length < LETTERS_MIN;
  const differs = again !== "" && again !== passphrase;
  const done = () => {
    if (isNew) return onChosen(passphrase);
    setBusy(true);
    door.make(phrase, passphrase, account?.publicKey).then(enter, (problem: unknown) => {
      setError(problem);
      setBusy(false);
    });
  };
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), done())}>
        <h1>
          <Trans>Choose a passphrase</Trans>
        </h1>
        <p className="quiet">
          <Trans>It locks what this browser keeps for you. It is not sent anywhere, so nobody can reset it.</Trans>
        </p>
        <Field
          label={t`Passphrase`}
          hint={t`At least 8 characters. A few words are good.`}
          type="password"
          autoComplete="new-password"
          value={passphrase}
          onChange={setPassphrase}
          autoFocus
        />
        <Field
          label={t`Repeat the passphrase`}
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          problem={differs ? t`The two are not the same yet.` : undefined}
        />
        {error !== null && <Problem error={error} />}
        <div className="row end">
          <Button kind="plain" onPress={onBack}>
            <Trans>Back</Trans>
          </Button>
          <Button kind="primary" type="submit" isPending={isBusy} isDisabled={isShort || again !== passphrase}>
            <Trans>Continue</Trans>
          </Button>
        </div>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Sealing your keys`} />}
      </form>
    </main>
  );
}

/** The phrase, shown once, and a proof that it was kept: by paste, by a password manager or by the saved file, never from memory. */
function Keep({ desk, account, phrase, passphrase }: { desk: DeskFacts; account: WalletAccount | null; phrase: string; passphrase: string }) {
  const { t } = useLingui();
  const { enter } = useSession();
  const [typed, setTyped] = useState("");
  const [isConfirming, setConfirming] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const saveKit = useSaveKit();
  const isKept = phraseIn(typed) === phrase;
  const done = () => {
    setBusy(true);
    door.make(phrase, passphrase, account?.publicKey).then(enter, (problem: unknown) => {
      setError(problem);
      setBusy(false);
    });
  };
  if (!isConfirming) {
    return (
      <main className="center">
        <div className="card">
          <h1>
            <Trans>Keep these twelve words</Trans>
          </h1>
          <p className="quiet">
            <Trans>They bring your tickets back if you lose this device or forget the passphrase. Whoever has them can read as you.</Trans>
          </p>
          <Words words={phrase} label={t`Recovery phrase`} />
          <div className="row">
            <Button onPress={() => void door.checkPhrase(phrase).then((address) => saveKit(phrase, desk, account?.address ?? address, account !== null))}>
              <Trans>Save as a file</Trans>
            </Button>
            <Button onPress={() => void navigator.clipboard.writeText(phrase)}>
              <Trans>Copy</Trans>
            </Button>
          </div>
          <Button kind="primary" wide onPress={() => setConfirming(true)}>
            <Trans>I have kept them</Trans>
          </Button>
        </div>
      </main>
    );
  }
  return (
    <main className="center">
      <form className="card" onSubmit={(event) => (event.preventDefault(), done())}>
        <h1>
          <Trans>Show that you have them</Trans>
        </h1>
        <Field
          label={t`The twelve words`}
          hint={t`Paste them, also from your password manager, or open the file that you saved.`}
          lines={3}
          value={typed}
          onChange={setTyped}
          problem={tidied(typed).split(" ").length >= 12 && !isKept ? t`These are not the words that were shown.` : undefined}
          autoFocus
        />
        <OpenFile onText={(text) => setTyped(phraseIn(text))} />
        {error !== null && <Problem error={error} />}
        <div className="row end">
          <Button kind="plain" onPress={() => setConfirming(false)}>
            <Trans>Show them again</Trans>
          </Button>
          <Button kind="primary" type="submit" isPending={isBusy} isDisabled={!isKept}>
            <Trans>Finish</Trans>
          </Button>
        </div>
        {isBusy && <div className="bar-progress" role="progressbar" aria-label={t`Sealing your keys`} />}
      </form>
    </main>
  );
}
