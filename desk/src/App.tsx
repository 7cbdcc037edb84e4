// Which page is shown, by who is here and where they are.
import { I18nProvider as Lingui } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ComponentType, Suspense, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";

import { Notes } from "./conversation/told.tsx";
import { i18n } from "./i18n.ts";
import { Boundary } from "./kit/Broken.tsx";
import { Button } from "./kit/controls.tsx";
import { Problem } from "./kit/Problem.tsx";
import { lazy } from "./kit/lost.ts";
import { Toasts } from "./kit/toast.tsx";
import { Waiting } from "./kit/Waiting.tsx";
import { ofNewer } from "./pages/parts.ts";
import { client } from "./queries.ts";
import { forgetLink, linked } from "./session/link.ts";
import { SessionProvider, useSession } from "./session/session.tsx";

const desk = () => import("./pages/Desk.tsx");
const Desk = lazy(desk);
// Whoever is unlocked needs none of these.
const Welcome = lazy(() => import("./session/Welcome.tsx").then(({ Welcome }) => ({ default: Welcome })));
const Unlock = lazy(() => import("./session/Unlock.tsx").then(({ Unlock }) => ({ default: Unlock })));
const Meeting = lazy(() => import("./session/Meeting.tsx").then(({ Meeting }) => ({ default: Meeting })));

/** How long after the first parts the line comes that says what becomes of this page, in milliseconds. */
const SETTLED_MS = 5_000;

/** What this page says of itself: in memory before its own parts may be gone, and after all that people wait for. */
function Newer() {
  const [Line, setLine] = useState<ComponentType | null>(null);
  useEffect(() => {
    const load = () => ofNewer(() => import("./offline/Newer.tsx")).then(({ default: Line }) => setLine(() => Line));
    const timer = setTimeout(() => void load().catch(() => undefined), SETTLED_MS);
    return () => clearTimeout(timer);
  }, []);
  return Line && <Line />;
}

function Starting() {
  const { t } = useLingui();
  return (
    <main className="center">
      <div className="bar-progress" role="progressbar" aria-label={t`Connecting to the desk`} />
    </main>
  );
}

function Here() {
  const { state, restart } = useSession();
  // It comes while the worker loads its module or somebody types, and nobody waits for it; what is painted first waits for it neither.
  useEffect(() => void desk().catch(() => undefined), []);
  switch (state.at) {
    case "starting":
      return state.isNew ? <Welcome desk={null} inviter={null} claims={false} /> : <Starting />;
    case "broken":
      return (
        <main className="center">
          <div className="card">
            <h1>
              <Trans>This desk cannot be opened now</Trans>
            </h1>
            <Problem error={state.error} onRetry={restart} />
            {linked() !== null && (
              <Button onPress={() => (forgetLink(), restart())}>
                <Trans>Open the desk without this link</Trans>
              </Button>
            )}
          </div>
        </main>
      );
    case "new":
      return <Welcome desk={state.desk} inviter={state.inviter} claims={state.claims} />;
    case "locked":
      return <Unlock passkeys={state.passkeys} isAway={state.isAway} />;
    case "meeting":
      return <Meeting desk={state.opened.desk} />;
    case "open":
      return <Desk />;
  }
}

export function App() {
  return (
    <Lingui i18n={i18n}>
      <Boundary>
        <Localised />
      </Boundary>
    </Lingui>
  );
}

function Localised() {
  const { i18n } = useLingui();
  return (
    <I18nProvider locale={i18n.locale}>
        <QueryClientProvider client={client}>
          <Toasts>
            <SessionProvider>
              <Notes>
                <Newer />
                <Suspense fallback={<Starting />}>
                  <Here />
                </Suspense>
                <Waiting />
              </Notes>
            </SessionProvider>
          </Toasts>
        </QueryClientProvider>
    </I18nProvider>
  );
}
