// The first meeting with a desk that no link named: people compare twelve words, or say that they cannot.
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import type { DeskFacts } from "../../worker/api.ts";
import { Words } from "./Words.tsx";
import { useSession } from "./session.tsx";

type Answer = "differ" | "none";

export function Meeting({ desk }: { desk: DeskFacts }) {
  const { t } = useLingui();
  const { agree, lock } = useSession();
  const [error, setError] = useState<unknown>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // What was pressed is gone, and with it whatever had the keyboard.
  useEffect(() => heading.current?.focus(), [answer]);
  if (answer !== null) {
    return (
      <main className="center">
        <div className="card">
          <h1 ref={heading} tabIndex={-1}>
            {answer === "differ" ? <Trans>This is another desk</Trans> : <Trans>Ask support for their link</Trans>}
          </h1>
          <p>
            {answer === "differ" ? (
              <Trans>Somebody else may run it under this name. Nothing of yours was sent to it. Tell the support team in another way which address led you here.</Trans>
            ) : (
              <Trans>It ends in #desk=… and names the desk, so there is nothing to compare. Open it in this browser: your account waits here.</Trans>
            )}
          </p>
          <Button kind="primary" wide onPress={() => setAnswer(null)}>
            <Trans>Back</Trans>
          </Button>
          <Button kind="plain" wide onPress={() => void lock()}>
            <Trans>Lock</Trans>
          </Button>
        </div>
      </main>
    );
  }
  return (
    <main className="center">
      <div className="card">
        <h1 ref={heading} tabIndex={-1}>
          <Trans>Is this the right desk?</Trans>
        </h1>
        <p className="quiet">
          <Trans>Compare these words with the ones that the support team published or told you. If the words differ, this desk belongs to someone else.</Trans>
        </p>
        <Words words={desk.words} label={t`Words of this desk`} />
        {error !== null && <Problem error={error} />}
        <Button kind="primary" wide onPress={() => void agree().catch(setError)}>
          <Trans>They match</Trans>
        </Button>
        <Button wide onPress={() => setAnswer("differ")}>
          <Trans>They differ</Trans>
        </Button>
        <Button kind="plain" wide onPress={() => setAnswer("none")}>
          <Trans>I have none to compare</Trans>
        </Button>
      </div>
    </main>
  );
}
