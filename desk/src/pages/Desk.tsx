// The desk of somebody who is unlocked: which of its pages is shown where.
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { createRootRoute, createRoute, createRouter, Link, RouterProvider } from "@tanstack/react-router";

import { Broken } from "../kit/Broken.tsx";
import { place } from "../kit/lost.ts";
import { useRole } from "../queue/role.ts";
import { isStaff } from "../queue/views.ts";
import { OwnKeysAlone } from "../session/StrangeKeys.tsx";
import { Frame } from "./Frame.tsx";
import { ofLater, ofTeam } from "./parts.ts";
import { Work } from "./Work.tsx";

// The view that staff look at stands in the address, on any page: whoever comes back to the tickets comes back to it.
const validateSearch = ({ view }: Record<string, unknown>): { view?: string } => (typeof view === "string" && view !== "" ? { view } : {});
const root = createRootRoute({ component: Frame, notFoundComponent: Nowhere, validateSearch });
const Admin = place(async () => (await (await import("../admin/texts.ts")).admin()).Admin);
const routes = [
  createRoute({ getParentRoute: () => root, path: "/", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/tickets/$id", component: Work }),
  createRoute({ getParentRoute: () => root, path: "/new", component: place(async () => (await import("../queue/NewTicket.tsx")).NewTicket) }),
  createRoute({ getParentRoute: () => root, path: "/admin", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/admin/$part", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/admin/$part/$name", component: Admin }),
  createRoute({ getParentRoute: () => root, path: "/replies", component: forTheTeam(() => import("../conversation/staff/Manager.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/call", component: forTheTeam(() => import("../conversation/staff/Call.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/receipt", component: place(async () => (await ofLater(() => import("../conversation/receipt/Check.tsx"))).default) }),
  createRoute({ getParentRoute: () => root, path: "/settings", component: place(async () => (await ofLater(() => import("./Settings.tsx"))).Settings) }),
];
const router = createRouter({ routeTree: root.addChildren(routes), defaultErrorComponent: Broken });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** A page of the team's: a customer who comes to its address is told so, and fetches nothing of it. */
function forTheTeam(load: () => Promise<{ default: () => ReactNode }>): () => ReactNode {
  const Page = place(async () => (await ofTeam(load)).default);
  return function Guarded() {
    const { t } = useLingui();
    const { data: role } = useRole();
    const looking = <div className="bar-progress" role="progressbar" aria-label={t`Loading your account`} />;
    if (!role) return looking;
    if (!isStaff(role)) {
      return (
        <Elsewhere>
          <Trans>This part is for the support team.</Trans>
        </Elsewhere>
      );
    }
    return <Page />;
  };
}

function Nowhere() {
  return (
    <Elsewhere>
      <Trans>There is nothing here.</Trans>
    </Elsewhere>
  );
}

function Elsewhere({ children }: { children: ReactNode }) {
  return (
    <main className="empty">
      <strong>{children}</strong>
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
