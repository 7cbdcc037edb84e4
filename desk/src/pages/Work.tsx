// The desk itself: views, list and conversation, as many of them beside each other as there is room for.
import { Trans, useLingui } from "@lingui/react/macro";
import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { Problem } from "../kit/Problem.tsx";
import { OwnTickets } from "../queue/OwnTickets.tsx";
import { useInbox } from "../queue/rows.tsx";
import { everything, firstView, isStaff, VIEWS } from "../queue/views.ts";
import { useOpened } from "../session/session.tsx";

const Conversation = lazy(() => import("../conversation/Conversation.tsx").then(({ Conversation }) => ({ default: Conversation })));
// What staff need beyond a customer is fetched for them alone.
const Queue = lazy(() => import("../queue/Queue.tsx").then(({ Queue }) => ({ default: Queue })));
const Views = lazy(() => import("../queue/Queue.tsx").then(({ Views }) => ({ default: Views })));
const ViewChoice = lazy(() => import("../queue/Queue.tsx").then(({ ViewChoice }) => ({ default: ViewChoice })));

export function Work() {
  const { t } = useLingui();
  const { address } = useOpened();
  const { id } = useParams({ strict: false });
  const { data: inbox, error, refetch } = useInbox();
  const [chosen, setChosen] = useState<string>();
  if (!inbox) {
    if (error) {
      return (
        <div className="column">
          <Problem error={error} onRetry={() => void refetch()} />
        </div>
      );
    }
    return <div className="bar-progress" role="progressbar" aria-label={t`Looking for tickets`} />;
  }
  const staff = isStaff(inbox);
  const view = staff ? VIEWS.find((view) => view.id === (chosen ?? firstView(everything(inbox), address))) : undefined;
  return (
    <main className={`work ${staff ? "three" : "two"} ${id === undefined ? "no-ticket" : "has-ticket"}`}>
      {view && (
        <nav className="views" aria-label={t`Views`}>
          <Suspense>
            <Views inbox={inbox} view={view} onChoose={setChosen} />
          </Suspense>
        </nav>
      )}
      <div className="list">
        {view ? (
          <Suspense>
            <div className="views-menu">
              <ViewChoice inbox={inbox} view={view} onChoose={setChosen} />
            </div>
            <Queue inbox={inbox} view={view} chosen={id} />
          </Suspense>
        ) : (
          <OwnTickets inbox={inbox} chosen={id} />
        )}
      </div>
      <div className="talk">
        {id === undefined ? (
          <div className="empty">
            <Trans>Choose a ticket to read it.</Trans>
          </div>
        ) : (
          <Suspense fallback={<div className="bar-progress" role="progressbar" aria-label={t`Opening the ticket`} />}>
            <Conversation id={id} role={inbox.role} />
          </Suspense>
        )}
      </div>
    </main>
  );
}
