// Which page is shown, by who is here and where they are.
import { I18nProvider as Lingui } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { I18nProvider, RouterProvider as AriaRouter } from "react-aria-components";

import { Notes } from "./conversation/told.tsx";
import { i18n } from "./i18n.ts";
import { Boundary, Broken } from "./kit/Broken.tsx";
import { Button } from "./kit/controls.tsx";
import { Problem } from "./kit/Problem.tsx";
import { Toasts } from "./kit/toast.tsx";
import { Waiting } from "./kit/Waiting.tsx";
import { Frame } from "./pages/Frame.tsx";
import { Work } from "./pages/Work.tsx";
import { client } from "./queries.ts";
import { forgetLink, linked } from "./session/link.ts";
import { SessionProvider, useSession } from "./session/session.tsx";
import { OwnKeysAlone } from "./session/StrangeKeys.tsx";

// Whoever is unlocked needs none of these.
const Welcome = lazy(() => import("./session/Welcome.tsx").then(({ Welcome }) => ({ default: Welcome })));
const Unlock = lazy(() => import("./session/Unlock.tsx").then(({ Unlock }) => ({ default: Unlock })));
const Meeting = lazy(() => import("./session/Meeting.tsx").then(({ Meeting }) => ({ default: Meeting })));

const root = createRootRoute({ component: Frame, notFoundComponent: Nowhere });
const Admin = lazyRouteComponent(() => import("./admin/texts.ts").then(({ admin }) => admin()), "Admin");
const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/tickets/$id", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/new", component: lazyRouteComponent(() => import("./queue/NewTicket.tsx"), "NewTicket") }),
  createRoute({ getParentRoute: () => root, path: "/admin", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/admin/$part", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/replies", component: lazyRouteComponent(() => import("./conversation/staff/Manager.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/call", component: lazyRouteComponent(() => import("./conversation/staff/Call.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/receipt", component: lazyRouteComponent(() => import("./conversation/receipt/Check.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("./pages/Settings.tsx"), "Settings") }),
];
const router = createRouter({ routeTree: root.addChildren(routes), defaultErrorComponent: Broken });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

function Nowhere() {
  return (
    <main className="empty">
      <strong>
        <Trans>Nothing is here.</Trans>
      </strong>
      <Link to="/">
        <Trans>Back to the tickets</Trans>
      </Link>
    </main>
  );
}

function Starting() {
  const { t } = useLingui();
  return (
    <main className="center">
      <div className="bar-progress" role="progressbar" aria-label={t`Looking for the desk`} />
    </main>
  );
}

function Here() {
  const { state, restart } = useSession();
  switch (state.at) {
    case "starting":
      return state.isNew ? <Welcome desk={null} inviter={null} /> : <Starting />;
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
      return <Welcome desk={state.desk} inviter={state.inviter} />;
    case "locked":
      return <Unlock passkeys={state.passkeys} />;
    case "meeting":
      return <Meeting desk={state.opened.desk} />;
    case "open":
      return (
        <OwnKeysAlone>
          <RouterProvider router={router} />
        </OwnKeysAlone>
      );
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
      <AriaRouter navigate={(path) => void router.navigate({ to: path })}>
        <QueryClientProvider client={client}>
          <Toasts>
            <Notes>
              <SessionProvider>
                <Suspense fallback={<Starting />}>
                  <Here />
                </Suspense>
                <Waiting />
              </SessionProvider>
            </Notes>
          </Toasts>
        </QueryClientProvider>
      </AriaRouter>
    </I18nProvider>
  );
}
