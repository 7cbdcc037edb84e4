// A refusal of the ledger's, and when what it refuses is possible again.
import type { MessageDescriptor } from "@lingui/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";

import type { DeskError } from "../door.ts";
import { regional } from "../i18n.ts";
import { againIn } from "./again.ts";
import { wordsOf } from "./Problem.tsx";
import { explained } from "./refusal.ts";

export default function RefusalWords({ error }: { error: DeskError }) {
  const { i18n } = useLingui();
  const known = explained(error);
  if (!known) return <span dir="auto">{wordsOf(error)}</span>;
  const words: MessageDescriptor = { ...known.words, values: known.values };
  return (
    <>
      <span>{i18n._(words)}</span>
      {known.again !== null && <Again at={known.again} />}
      <details className="small quiet">
        <summary>
          <Trans>The ledger's answer</Trans>
        </summary>
        <span dir="auto">{wordsOf(error)}</span>
      </details>
    </>
  );
}

/** Counts down where it is soon: who waits for it looks at it. What is read aloud is said once. */
function Again({ at }: { at: Date }) {
  const { i18n } = useLingui();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const when = againIn(at.getTime(), now, regional(i18n.locale));
  return (
    <span aria-live="off" className="numbers">
      {when === null ? <Trans>You can do this again now.</Trans> : <Trans>Possible again: {when}</Trans>}
    </span>
  );
}
