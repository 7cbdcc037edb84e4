// What went wrong, why, and what to do next.
import { Trans } from "@lingui/react/macro";
import { Suspense } from "react";

import { DeskError } from "../door.ts";
import { Button } from "./controls.tsx";
import { ofLater } from "../pages/parts.ts";
import { lazy } from "./lost.ts";

/** What the ledger writes around a refusal for programs: which message of the transaction, and its code. */
const FOR_PROGRAMS = /^message \d+: | \(codespace \w+, code \d+\)$/g;
// Few desks ask for one.
const InvitationField = lazy(() => ofLater(() => import("../session/InvitationField.tsx")).then(({ InvitationField }) => ({ default: InvitationField })));
// What the ledger refuses it refuses whoever is connected. Without these words its own are shown.
const RefusalWords = lazy(() => ofLater(() => import("./RefusalWords.tsx")), Own);
const WorkerErrorText = lazy(() => ofLater(() => import("./WorkerErrorText.tsx")), Own);
const WalletProblem = lazy(() => ofLater(() => import("../wallet/WalletProblem.tsx")), Own);

export function wordsOf(error: unknown): string {
  const words = (error instanceof Error ? error.message : String(error)).replace(FOR_PROGRAMS, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** On a phone it can be below what is seen. */
const show = (problem: HTMLDivElement | null) => problem?.scrollIntoView({ block: "nearest" });

function Own({ error }: { error: unknown }) {
  return <span dir="auto">{wordsOf(error)}</span>;
}

/** What went wrong, in the page's words where it knows the refusal, else in those of whoever refused. */
export function Words({ error }: { error: unknown }) {
  if (!(error instanceof DeskError)) return <Own error={error} />;
  if (error.away) return <Trans>The desk does not answer. Check your connection and try again.</Trans>;
  if (error.wallet !== undefined) return <Suspense><WalletProblem error={error} /></Suspense>;
  if (error.kind !== undefined) return <Suspense><WorkerErrorText error={error} /></Suspense>;
  if (error.code !== undefined) return <Suspense><RefusalWords error={error} /></Suspense>;
  return <Own error={error} />;
}

export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const isUnanswered = error instanceof DeskError && error.unanswered;
  return (
    <div ref={show} className={`notice ${isUnanswered ? "warn" : "bad"}`} role="alert">
      <Words error={error} />
      {isUnanswered && (
        <span className="small">
          {error.txhash === undefined ? (
            <Trans>Your last message may still have arrived. Reload the page and check your tickets before you send it again.</Trans>
          ) : (
            <Trans>
              Your last message may still have arrived, as <code>{error.txhash}</code>. Check your tickets before you send it again.
            </Trans>
          )}
        </span>
      )}
      {error instanceof DeskError && error.admission === "invitation" && (
        <Suspense>
          <InvitationField />
        </Suspense>
      )}
      {onRetry && (
        <div className="row">
          <Button onPress={onRetry}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}
