// The first meeting with a desk that no link named: people compare twelve words, or say that nobody gave them any.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import type { DeskFacts } from "../../worker/api.ts";
import { Words } from "./Words.tsx";
import { useSession } from "./session.tsx";

export function Meeting({ desk }: { desk: DeskFacts }) {
  const { t } = useLingui();
  const { agree, lock } = useSession();
  const [error, setError] = useState<unknown>(null);
  return (
    <main className="center">
      <div className="card">
        <h1>
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
        <Button kind="plain" wide onPress={() => void lock()}>
          <Trans>They differ, or I cannot compare them</Trans>
        </Button>
        <p className="quiet small">
          <Trans>You can skip this with a link from support that ends in #desk=…</Trans>
        </p>
      </div>
    </main>
  );
}
