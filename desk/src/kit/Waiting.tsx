// What a change waits for where that takes long: a node may ask a newcomer's browser for work, or be busy.
import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";

import type { Waited } from "../../worker/api.ts";
import { onWait } from "../door.ts";

/** What is over is shown a little longer, so that nothing flashes by unread. */
const LINGER_MS = 2_000;

export function Waiting() {
  const [wait, setWait] = useState<Waited | null>(null);
  useEffect(() => {
    let isAsked = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onWait((heard) => {
      clearTimeout(timer);
      // What was confirmed is asked for no more.
      if (heard || isAsked) setWait(heard);
      isAsked = heard?.kind === "wallet";
      // A pause ends by itself, and nobody says so.
      if (heard?.kind !== "work" && !isAsked) timer = setTimeout(() => setWait(null), (heard?.seconds ?? 0) * 1_000 + LINGER_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  return (
    <div role="status" aria-live="polite">
      {wait && (
        <div className="toast">
          {wait.kind === "wallet" ? (
            <Trans>Confirm in Keplr</Trans>
          ) : wait.kind === "work" ? (
            <span>
              <Trans>This desk asks each new browser to solve a puzzle once. This can take a minute.</Trans>{" "}
              {/* Read out once, and not each second. */}
              <span className="numbers" aria-hidden>
                <Trans>{wait.seconds} s so far</Trans>
              </span>
            </span>
          ) : (
            <Trans>The desk is busy. Trying again in a moment.</Trans>
          )}
        </div>
      )}
    </div>
  );
}
