// A key in one's own name that this phrase did not make reads what is sealed for its owner. It is in front of everything until it is dealt with.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { lazy } from "../kit/lost.ts";
import { orKept } from "../offline/shown.ts";
import { ofLater } from "../pages/parts.ts";

const KeyWarning = lazy(() => ofLater(() => import("./KeyWarning.tsx")).then(({ KeyWarning }) => ({ default: KeyWarning })));

/** How often it is looked for beside each visit. */
const LOOK_MS = 5 * 60_000;

/** Shows what is below only to somebody in whose name no stranger's key stands, or who went on without knowing. */
export function OwnKeysAlone({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useQuery({ queryKey: ["strange-keys"], queryFn: () => orKept("strangeKeys"), refetchInterval: LOOK_MS });
  // For this visit only: the next one asks again.
  const [goesOn, setGoesOn] = useState(false);
  if (data && data.length > 0) return <KeyWarning keys={data} refresh={refetch} />;
  if (data || goesOn) return children;
  return error === null ? <Looking /> : <Unknown error={error} onRetry={() => void refetch()} onGo={() => setGoesOn(true)} />;
}

function Looking() {
  const { t } = useLingui();
  return (
    <main className="center">
      <div className="bar-progress" role="progressbar" aria-label={t`Checking your account for unknown keys`} />
    </main>
  );
}

function Unknown({ error, onRetry, onGo }: { error: unknown; onRetry(): void; onGo(): void }) {
  return (
    <main className="center">
      <div className="card">
        <h1>
          <Trans>We couldn't check whether your account has a key you didn't make</Trans>
        </h1>
        <p>
          <Trans>Someone with such a key could read what people write to you. This page checks again each time you come back.</Trans>
        </p>
        <Problem error={error} onRetry={onRetry} />
        <Button wide onPress={onGo}>
          <Trans>Continue</Trans>
        </Button>
      </div>
    </main>
  );
}
