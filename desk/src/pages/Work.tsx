// The desk itself: views, list and conversation, as many of them beside each other as there is room for.
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { Suspense } from "react";

import { Problem } from "../kit/Problem.tsx";
import { lazy } from "../kit/lost.ts";
import { OwnTickets } from "../queue/OwnTickets.tsx";
import { useRole } from "../queue/role.ts";
import { isStaff } from "../queue/views.ts";
import { staff } from "./parts.ts";

const Conversation = lazy(() => import("../conversation/Conversation.tsx").then(({ Conversation }) => ({ default: Conversation })));
const Queue = lazy(() => staff().then(({ Queue }) => ({ default: Queue })));

export function Work() {
  const { t } = useLingui();
  const { id } = useParams({ strict: false });
  const { data: role, error, refetch } = useRole();
  const isTeam = role && isStaff(role);
  if (!role) {
    if (error) {
      return (
        <div className="column">
          <Problem error={error} onRetry={() => void refetch()} />
        </div>
      );
    }
    return <div className="bar-progress" role="progressbar" aria-label={t`Loading tickets`} />;
  }
  return (
    <main className={`work ${isTeam ? "three" : "two"} ${id === undefined ? "no-ticket" : "has-ticket"}`}>
      {isTeam ? (
        <Suspense fallback={<div className="list" />}>
          <Queue role={role} chosen={id} />
        </Suspense>
      ) : (
        <div className="list">
          <OwnTickets chosen={id} />
        </div>
      )}
      <div className="talk">
        {id === undefined ? (
          <div className="empty">
            <Trans>Choose a ticket to read it.</Trans>
          </div>
        ) : (
          <Suspense fallback={<div className="bar-progress" role="progressbar" aria-label={t`Opening the ticket`} />}>
            <Conversation id={id} role={role.role} />
          </Suspense>
        )}
      </div>
    </main>
  );
}
