// What a change waits for where that takes long: a node may ask a newcomer's browser for work, or be busy.
import { Trans } from "@lingui/react/macro";
import type { Wait } from "sealdesk/views";
import { useEffect, useState } from "react";

import { onWait } from "../door.ts";

/** What is over is shown a little longer, so that nothing flashes by unread. */
const LINGER_MS = 2_000;

export function Waiting() {
  const [wait, setWait] = useState<Wait | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onWait((heard) => {
      clearTimeout(timer);
      if (heard) setWait(heard);
      // A pause ends by itself, and nobody says so.
      if (heard?.kind !== "work") timer = setTimeout(() => setWait(null), (heard?.seconds ?? 0) * 1_000 + LINGER_MS);
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
          {wait.kind === "work" ? (
            <span>
              <Trans>This desk asks a newcomer's browser for some work, once. It is being done, and may take a minute.</Trans>{" "}
              {/* Read out once, and not each second. */}
              <span className="numbers" aria-hidden>
                <Trans>{wait.seconds} s so far</Trans>
              </span>
            </span>
          ) : (
            <Trans>The desk is busy. It is asked again in a moment.</Trans>
          )}
        </div>
      )}
    </div>
  );
}
