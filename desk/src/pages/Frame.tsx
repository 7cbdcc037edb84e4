// What is around every page of somebody who is unlocked.
import { Trans, useLingui } from "@lingui/react/macro";
import { Link, Outlet, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { Building2, Lock, PenLine, PhoneIncoming, Settings as Cog } from "lucide-react";
import { Suspense, useEffect } from "react";

import { Outbox } from "../conversation/Outbox.tsx";
import { useAction } from "../keyboard/actions.ts";
import { Keyboard } from "../keyboard/Keyboard.tsx";
import { Button } from "../kit/controls.tsx";
import { Seal } from "../kit/Seal.tsx";
import { ahead } from "../kit/ahead.ts";
import { lazy } from "../kit/lost.ts";
import { useLive } from "../live.ts";
import { KeptLine } from "../offline/KeptLine.tsx";
import { useKeptAt } from "../offline/shown.ts";
import { useAccent, useLook } from "../look/look.ts";
import { useRole } from "../queue/role.ts";
import { useInbox } from "../queue/Row.tsx";
import { isStaff } from "../queue/views.ts";
import { stayIfTouched, useOpened, useSession } from "../session/session.tsx";
import { useClaimed } from "../session/useClaimed.ts";
import { isFirst } from "./first.ts";
import { ofLater, staff } from "./parts.ts";
import { ofCustomers, ofStaff } from "./presses.ts";

const NoticesRenewal = lazy(() => import("../notices/Renewal.tsx"));
const ClaimTicket = lazy(() => ofLater(() => import("../session/ClaimTicket.tsx")).then(({ ClaimTicket }) => ({ default: ClaimTicket })));
const MissingKey = lazy(() => staff().then(({ MissingKey }) => ({ default: MissingKey })));

export function Frame() {
  const { t } = useLingui();
  const { lock } = useSession();
  const isLive = useLive();
  const { id } = useParams({ strict: false });
  const keptAt = useKeptAt(id);
  const { isAway } = useOpened();
  useEffect(() => {
    // The node keeps its half of the key again.
    if (isLive && isAway) stayIfTouched();
  }, [isLive, isAway]);
  const { name } = useLook();
  useAccent();
  const { data: role } = useRole();
  // Whoever stays on another page than the list has it without a network, too.
  const isTeam = role && isStaff(role);
  useEffect(() => (isTeam === undefined ? undefined : ahead(isTeam ? ofStaff : ofCustomers)), [isTeam]);
  const { data: inbox } = useInbox(role?.role === "customer");
  const pathname = useLocation({ select: ({ pathname }) => pathname });
  const claimed = useClaimed(role?.role === "customer");
  const navigate = useNavigate();
  useAction("lock", () => void lock());
  const write = role?.role === "customer" ? "/new" : "/call";
  useAction("newTicket", role ? () => void navigate({ to: write }) : undefined);
  return (
    <div className="frame">
      <Keyboard isStaff={role !== undefined && role.role !== "customer"} />
      <div>
        <header className="bar">
          <Link to="/" className="name">
            <Seal state="closed" />
            {name === "" ? <Trans>Support</Trans> : <bdi className="desk-name">{name}</bdi>}
          </Link>
          <span className="space" />
          {!isLive && keptAt === null && (
            <span className="tag waiting" role="status">
              <Trans>Not connected. Updates appear when the desk answers again.</Trans>
            </span>
          )}
          {role?.role === "customer" && (
            <Link to="/new" className={`button new ${isFirst(pathname, inbox) ? "primary" : ""}`}>
              <PenLine size={16} aria-hidden />
              <Trans>New ticket</Trans>
            </Link>
          )}
          {role && role.role !== "customer" && (
            <Link to="/call" className="button plain" aria-label={t`A ticket for a caller`} title={t`A ticket for a caller`}>
              <PhoneIncoming size={18} aria-hidden />
            </Link>
          )}
          {role?.role === "administrator" && (
            <Link to="/admin" className="button plain" aria-label={t`Administration`} title={t`Administration`}>
              <Building2 size={18} aria-hidden />
            </Link>
          )}
          <Link to="/settings" className="button plain" aria-label={t`Settings`} title={t`Settings`}>
            <Cog size={18} aria-hidden />
          </Link>
          <Button kind="plain" aria-label={t`Lock`} onPress={() => void lock()}>
            <Lock size={18} aria-hidden />
          </Button>
        </header>
        {keptAt !== null && <KeptLine at={keptAt} />}
      </div>
      {role && role.role !== "customer" && (
        <Suspense>
          <MissingKey />
        </Suspense>
      )}
      {role?.role === "customer" && claimed && (
        <Suspense>
          <ClaimTicket claimed={claimed} />
        </Suspense>
      )}
      <Suspense>
        <NoticesRenewal />
      </Suspense>
      <Outlet />
      <Outbox />
    </div>
  );
}
