// The desk's own affairs: who works here, what is allowed and promised, and how it has been. Fetched for staff who open it, and for nobody else.
import { Trans, useLingui } from "@lingui/react/macro";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type ComponentType, Suspense } from "react";

import { Choices } from "../kit/Choices.tsx";
import { lazy } from "../kit/lost.ts";
import { AwayLine } from "../offline/NeedsDesk.tsx";
import { useRole } from "../queue/role.ts";
import "./admin.css";

const People = lazy(() => import("./People.tsx").then(({ People }) => ({ default: People })));
const Administrators = lazy(() => import("./Administrators.tsx").then(({ Administrators }) => ({ default: Administrators })));
const Keys = lazy(() => import("./Keys.tsx").then(({ Keys }) => ({ default: Keys })));
const Rules = lazy(() => import("./Rules.tsx").then(({ Rules }) => ({ default: Rules })));
const Documents = lazy(() => import("./documents/Documents.tsx").then(({ Documents }) => ({ default: Documents })));
const Health = lazy(() => import("./Health.tsx").then(({ Health }) => ({ default: Health })));
const DeskLink = lazy(() => import("./DeskLink.tsx").then(({ DeskLink }) => ({ default: DeskLink })));
const Charts = lazy(() => import("./charts/Charts.tsx").then(({ Charts }) => ({ default: Charts })));

/** A page of its own, which agents write, too. */
const REPLIES = "replies";

/** Parts where nothing can be changed. */
const SHOWN_ONLY: readonly string[] = ["link", "health", "charts"];

/** What every part is told: whether this person may change things here. */
export interface PartProps {
  mayChange: boolean;
}

export function Admin() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { part = "people" } = useParams({ strict: false }) as { part?: string };
  const { data: role } = useRole();
  const parts: { id: string; label: string; Part: ComponentType<PartProps> }[] = [
    { id: "people", label: t`People`, Part: People },
    { id: "administrators", label: t`Administrators`, Part: Administrators },
    { id: "keys", label: t`Keys`, Part: Keys },
    { id: "rules", label: t`Rules`, Part: Rules },
    { id: "documents", label: t`Public documents`, Part: Documents },
    { id: "link", label: t`Link to this desk`, Part: DeskLink },
    { id: "health", label: t`Health and storage`, Part: Health },
    { id: "charts", label: t`Charts`, Part: Charts },
  ];
  if (!role) return <div className="bar-progress" role="progressbar" aria-label={t`Loading your account`} />;
  if (role.role === "customer") {
    return (
      <main className="empty">
        <strong>
          <Trans>This part is for the support team.</Trans>
        </strong>
        <Link to="/">
          <Trans>Back to the tickets</Trans>
        </Link>
      </main>
    );
  }
  const found = parts.find(({ id }) => id === part) ?? parts[0];
  if (!found) return null;
  const { Part } = found;
  return (
    <div className="admin">
      <nav className="admin-parts" aria-label={t`Administration`}>
        {parts.map(({ id, label }) => (
          <Link key={id} to="/admin/$part" params={{ part: id }} className="view" aria-current={id === found.id ? "page" : undefined}>
            {label}
          </Link>
        ))}
        <Link to="/replies" className="view">
          <Trans>Canned replies</Trans>
        </Link>
      </nav>
      <div className="scroll">
        <main className="admin-page stack">
          <div className="admin-menu">
            <Choices
              label={t`Part`}
              hiddenLabel
              choices={[...parts, { id: REPLIES, label: t`Canned replies` }]}
              value={found.id}
              onChange={(id) => void navigate(id === REPLIES ? { to: "/replies" } : { to: "/admin/$part", params: { part: id } })}
            />
          </div>
          <h1>{found.label}</h1>
          {role.role !== "administrator" && (
            <p className="quiet small">
              <Trans>You see this as a support agent. Only administrators can change it.</Trans>
            </p>
          )}
          {!SHOWN_ONLY.includes(found.id) && <AwayLine ofActs />}
          <Suspense fallback={<div className="bar-progress" role="progressbar" aria-label={t`Loading`} />}>
            <Part mayChange={role.role === "administrator"} />
          </Suspense>
        </main>
      </div>
    </div>
  );
}
