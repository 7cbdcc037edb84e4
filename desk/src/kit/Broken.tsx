// Shown where a part of the page failed: what happened, why, and what to do next. Nothing that was typed is lost by it.
import { Trans } from "@lingui/react/macro";
import { CatchBoundary, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Button } from "./controls.tsx";
import { wordsOf } from "./Problem.tsx";

export function Broken({ error }: ErrorComponentProps) {
  return (
    <main className="center">
      <div className="card" role="alert">
        <h1>
          <Trans>This page has stopped</Trans>
        </h1>
        <p>
          <Trans>Part of this page failed or could not be loaded. It may have been updated while it was open, or the connection was lost.</Trans>
        </p>
        <p className="quiet">
          <Trans>Your tickets and drafts are safe. Reload to continue.</Trans>
        </p>
        <Button kind="primary" wide onPress={() => location.reload()}>
          <Trans>Reload</Trans>
        </Button>
        <details className="small quiet">
          <summary>
            <Trans>Details</Trans>
          </summary>
          <code dir="auto">{wordsOf(error)}</code>
        </details>
      </div>
    </main>
  );
}

/** Holds whatever fails below it. */
export function Boundary({ children }: { children: ReactNode }) {
  return (
    <CatchBoundary getResetKey={() => "page"} errorComponent={Broken}>
      {children}
    </CatchBoundary>
  );
}
