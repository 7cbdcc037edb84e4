// Which page is shown, by who is here and where they are.
import { I18nProvider as Lingui } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, RouterProvider } from "@tanstack/react-router";
import { I18nProvider, RouterProvider as AriaRouter } from "react-aria-components";

import { Notes } from "./conversation/told.tsx";
import { i18n } from "./i18n.ts";
import { Problem } from "./kit/Problem.tsx";
import { Toasts } from "./kit/toast.tsx";
import { Frame } from "./pages/Frame.tsx";
import { Work } from "./pages/Work.tsx";
import { client } from "./queries.ts";
import { Meeting } from "./session/Meeting.tsx";
import { SessionProvider, useSession } from "./session/session.tsx";
import { Unlock } from "./session/Unlock.tsx";
import { Welcome } from "./session/Welcome.tsx";

const root = createRootRoute({ component: Frame, notFoundComponent: Nowhere });
const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/tickets/$id", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/new", component: lazyRouteComponent(() => import("./queue/NewTicket.tsx"), "NewTicket") }),
  createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("./pages/Settings.tsx"), "Settings") }),
];
const router = createRouter({ routeTree: root.addChildren(routes) });

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

function Here() {
  const { t } = useLingui();
  const { state, restart } = useSession();
  switch (state.at) {
    case "starting":
      return (
        <main className="center">
          <div className="bar-progress" role="progressbar" aria-label={t`Looking for the desk`} />
        </main>
      );
    case "broken":
      return (
        <main className="center">
          <div className="card">
            <h1>
              <Trans>This desk cannot be opened now</Trans>
            </h1>
            <Problem error={state.error} onRetry={restart} />
          </div>
        </main>
      );
    case "new":
      return <Welcome desk={state.desk} />;
    case "locked":
      return <Unlock />;
    case "meeting":
      return <Meeting desk={state.opened.desk} />;
    case "open":
      return <RouterProvider router={router} />;
  }
}

export function App() {
  return (
    <Lingui i18n={i18n}>
      <Localised />
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
                <Here />
              </SessionProvider>
            </Notes>
          </Toasts>
        </QueryClientProvider>
      </AriaRouter>
    </I18nProvider>
  );
}
