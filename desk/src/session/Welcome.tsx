// The first visit: a person gets keys in one step, or brings their own.
import { Trans } from "@lingui/react/macro";
import { type ReactNode, Suspense, useEffect, useState } from "react";

import type { DeskFacts } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { ahead } from "../kit/ahead.ts";
import { Problem } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import type { WalletAccount } from "../wallet/keplr.ts";

type Step = { at: "welcome" } | { at: "restore" } | { at: "keep"; phrase: string };

// Few have a wallet.
const ConnectWallet = lazy(() => ofLater(() => import("../wallet/ConnectWallet.tsx")));
const DeskName = lazy(() => ofLater(() => import("./DeskName.tsx").then(({ DeskName }) => ({ default: DeskName }))), ({ children }) => children);
// What Start opens is fetched while the first page is read.
const keep = () => ofLater(() => import("./Keep.tsx"));
const Keep = lazy(keep);
// Few come back.
const Restore = lazy(() => ofLater(() => import("./Restore.tsx")));

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
  useEffect(() => ahead([keep]), []);
  const wallet = desk && window.keplr && (
    <Suspense>
      <ConnectWallet desk={desk} account={account} onAccount={setAccount} />
    </Suspense>
  );
  switch (step.at) {
    case "welcome":
      return <First desk={desk} inviter={inviter} claims={claims} hasWallet={account !== null} wallet={wallet} onNew={(phrase) => setStep({ at: "keep", phrase })} onRestore={() => setStep({ at: "restore" })} />;
    case "restore":
      return (
        desk && (
          <Suspense>
            <Restore desk={desk} account={account} onAccount={setAccount} onBack={() => setStep({ at: "welcome" })} />
          </Suspense>
        )
      );
    case "keep":
      return (
        desk && (
          <Suspense>
            <Keep desk={desk} account={account} phrase={step.phrase} onBack={() => setStep({ at: "welcome" })} />
          </Suspense>
        )
      );
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
          <Trans>What you write is sealed in this browser. Nobody in between can open it, not even the operator of this server.</Trans>
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
            <Trans>Support created a ticket for you. Start to read it and make it yours.</Trans>
          </p>
        )}
        {error !== null && <Problem error={error} />}
        {!isSecureContext && (
          <p className="notice warn" role="alert">
            <Trans>This address is not encrypted, so nothing can be kept safe here. Ask support for the address that begins with https.</Trans>
          </p>
        )}
        {hasWallet && wallet}
        <Button kind="primary" wide isDisabled={desk === null || !isSecureContext} onPress={() => door.newPhrase().then(onNew, setError)}>
          <Trans>Start</Trans>
        </Button>
        {!hasWallet && wallet}
        <Button kind="plain" wide isDisabled={desk === null || !isSecureContext} onPress={onRestore}>
          <Trans>I have a recovery phrase</Trans>
        </Button>
        <p className="quiet small">
          {desk === null ? (
            <Trans>Connecting to the desk</Trans>
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
