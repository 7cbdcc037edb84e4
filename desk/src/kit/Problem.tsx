// What went wrong, why, and what to do next.
import { Trans } from "@lingui/react/macro";
import { lazy, Suspense } from "react";

import { DeskError } from "../door.ts";
import { Button } from "./controls.tsx";

/** What the ledger writes around a refusal for programs: which message of the transaction, and its code. */
const FOR_PROGRAMS = /^message \d+: | \(codespace \w+, code \d+\)$/g;
// Few desks ask for one.
const InvitationField = lazy(() => import("../session/InvitationField.tsx").then(({ InvitationField }) => ({ default: InvitationField })));

export function wordsOf(error: unknown): string {
  const words = (error instanceof Error ? error.message : String(error)).replace(FOR_PROGRAMS, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const isUnanswered = error instanceof DeskError && error.unanswered;
  return (
    <div className={`notice ${isUnanswered ? "warn" : "bad"}`} role="alert">
      <span dir="auto">{wordsOf(error)}</span>
      {isUnanswered && (
        <span className="small">
          <Trans>
            It may have arrived all the same, as <code>{error.txhash}</code>. Look at your tickets before you send it again.
          </Trans>
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
