// What is around every page of somebody who is unlocked.
import { Trans, useLingui } from "@lingui/react/macro";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { Lock, PenLine, Settings as Cog } from "lucide-react";

import { useAction } from "../keyboard/actions.ts";
import { Keyboard } from "../keyboard/Keyboard.tsx";
import { Button } from "../kit/controls.tsx";
import { Seal } from "../kit/Seal.tsx";
import { useLive } from "../live.ts";
import { useRole } from "../queue/role.ts";
import { useSession } from "../session/session.tsx";

export function Frame() {
  const { t } = useLingui();
  const { lock } = useSession();
  const isLive = useLive();
  const { data: role } = useRole();
  const navigate = useNavigate();
  useAction("lock", () => void lock());
  useAction("newTicket", role?.role === "customer" ? () => void navigate({ to: "/new" }) : undefined);
  return (
    <div className="frame">
      <Keyboard isStaff={role !== undefined && role.role !== "customer"} />
      <header className="bar">
        <Link to="/" className="name">
          <Seal state="closed" />
          <Trans>Support</Trans>
        </Link>
        <span className="space" />
        {!isLive && (
          <span className="tag waiting" role="status">
            <Trans>Not connected. What is new appears when the desk answers again.</Trans>
          </span>
        )}
        {role?.role === "customer" && (
          <Link to="/new" className="button primary">
            <PenLine size={16} aria-hidden />
            <Trans>New ticket</Trans>
          </Link>
        )}
        <Link to="/settings" className="button plain" aria-label={t`Settings`}>
          <Cog size={18} aria-hidden />
        </Link>
        <Button kind="plain" aria-label={t`Lock`} onPress={() => void lock()}>
          <Lock size={18} aria-hidden />
        </Button>
      </header>
      <Outlet />
    </div>
  );
}
