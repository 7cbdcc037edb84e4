// The desk of somebody who is unlocked: which of its pages is shown where.
import { Trans } from "@lingui/react/macro";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, RouterProvider } from "@tanstack/react-router";

import { Broken } from "../kit/Broken.tsx";
import { OwnKeysAlone } from "../session/StrangeKeys.tsx";
import { Frame } from "./Frame.tsx";
import { ofLater, ofTeam } from "./parts.ts";
import { Work } from "./Work.tsx";

const root = createRootRoute({ component: Frame, notFoundComponent: Nowhere });
const Admin = lazyRouteComponent(() => import("../admin/texts.ts").then(({ admin }) => admin()), "Admin");
const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/tickets/$id", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/new", component: lazyRouteComponent(() => import("../queue/NewTicket.tsx"), "NewTicket") }),
  createRoute({ getParentRoute: () => root, path: "/admin", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/admin/$part", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/replies", component: lazyRouteComponent(() => ofTeam(() => import("../conversation/staff/Manager.tsx"))) }),
  createRoute({ getParentRoute: () => root, path: "/call", component: lazyRouteComponent(() => ofTeam(() => import("../conversation/staff/Call.tsx"))) }),
  createRoute({ getParentRoute: () => root, path: "/receipt", component: lazyRouteComponent(() => ofLater(() => import("../conversation/receipt/Check.tsx"))) }),
  createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => ofLater(() => import("./Settings.tsx")), "Settings") }),
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

export default function Desk() {
  return (
    <OwnKeysAlone>
      <RouterProvider router={router} />
    </OwnKeysAlone>
  );
}
