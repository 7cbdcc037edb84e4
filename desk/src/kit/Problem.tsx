// What went wrong, why, and what to do next.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { Suspense } from "react";

import { regional } from "../i18n.ts";
import { DeskError } from "../door.ts";
import { Button } from "./controls.tsx";
import { ofLater } from "../pages/parts.ts";
import { lazy } from "./lost.ts";
import { explained } from "./refusal.ts";

/** What the ledger writes around a refusal for programs: which message of the transaction, and its code. */
const FOR_PROGRAMS = /^message \d+: | \(codespace \w+, code \d+\)$/g;
// Few desks ask for one.
const InvitationField = lazy(() => import("../session/InvitationField.tsx").then(({ InvitationField }) => ({ default: InvitationField })));
const WalletProblem = lazy(() => ofLater(() => import("../wallet/WalletProblem.tsx")), Plain);

function Plain({ error }: { error: DeskError }) {
  return <span dir="auto">{wordsOf(error)}</span>;
}

export function wordsOf(error: unknown): string {
  const words = (error instanceof Error ? error.message : String(error)).replace(FOR_PROGRAMS, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** On a phone it can be below what is seen. */
const show = (problem: HTMLDivElement | null) => problem?.scrollIntoView({ block: "nearest" });

/** In the page's words where it knows the refusal, else in those of whoever refused. */
function Words({ error }: { error: unknown }) {
  const { i18n } = useLingui();
  if (error instanceof DeskError && error.away) return <Trans>The desk does not answer. Look at your connection, and try again.</Trans>;
  if (error instanceof DeskError && error.wallet !== undefined) {
    return (
      <Suspense>
        <WalletProblem error={error} />
      </Suspense>
    );
  }
  const known = error instanceof DeskError ? explained(error) : null;
  if (!known) return <span dir="auto">{wordsOf(error)}</span>;
  const words: MessageDescriptor = { ...known.words, values: known.values };
  const again = known.again === null ? null : new Intl.DateTimeFormat(regional(i18n.locale), { dateStyle: "medium", timeStyle: "short" }).format(known.again);
  return (
    <>
      <span>{i18n._(words)}</span>
      {again !== null && (
        <span>
          <Trans>It is possible again from {again} on.</Trans>
        </span>
      )}
      <details className="small quiet">
        <summary>
          <Trans>What the ledger said</Trans>
        </summary>
        <span dir="auto">{wordsOf(error)}</span>
      </details>
    </>
  );
}

export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const isUnanswered = error instanceof DeskError && error.unanswered;
  return (
    <div ref={show} className={`notice ${isUnanswered ? "warn" : "bad"}`} role="alert">
      <Words error={error} />
      {isUnanswered && (
        <span className="small">
          {error.txhash === undefined ? (
            <Trans>What you sent last may have arrived all the same. Load the page again, and look at your tickets before you send it again.</Trans>
          ) : (
            <Trans>
              It may have arrived all the same, as <code>{error.txhash}</code>. Look at your tickets before you send it again.
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
