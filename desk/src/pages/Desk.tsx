// The desk of somebody who is unlocked: which of its pages is shown where.
import { Trans } from "@lingui/react/macro";
import { createRootRoute, createRoute, createRouter, Link, RouterProvider } from "@tanstack/react-router";

import { Broken } from "../kit/Broken.tsx";
import { place } from "../kit/lost.ts";
import { OwnKeysAlone } from "../session/StrangeKeys.tsx";
import { Frame } from "./Frame.tsx";
import { ofLater, ofTeam } from "./parts.ts";
import { Work } from "./Work.tsx";

const root = createRootRoute({ component: Frame, notFoundComponent: Nowhere });
const Admin = place(async () => (await (await import("../admin/texts.ts")).admin()).Admin);
const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/tickets/$id", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/new", component: place(async () => (await import("../queue/NewTicket.tsx")).NewTicket) }),
  createRoute({ getParentRoute: () => root, path: "/admin", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/admin/$part", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/replies", component: place(async () => (await ofTeam(() => import("../conversation/staff/Manager.tsx"))).default) }),
  createRoute({ getParentRoute: () => root, path: "/call", component: place(async () => (await ofTeam(() => import("../conversation/staff/Call.tsx"))).default) }),
  createRoute({ getParentRoute: () => root, path: "/receipt", component: place(async () => (await ofLater(() => import("../conversation/receipt/Check.tsx"))).default) }),
  createRoute({ getParentRoute: () => root, path: "/settings", component: place(async () => (await ofLater(() => import("./Settings.tsx"))).Settings) }),
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
