// What stands above the list, always as high as it is, so that nothing there pushes rows: the view's name, what waits to be shown, how far the
// first filling is, and what went wrong.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ArrowUp } from "lucide-react";
import { Suspense, useEffect, useState } from "react";

import { Button } from "../kit/controls.tsx";
import { lazy } from "../kit/lost.ts";
import { Problem } from "../kit/Problem.tsx";
import { useAriaKeys } from "../keyboard/Keys.tsx";
import { fillAgain } from "./store.ts";
import type { Desk } from "./useDesk.ts";
import type { Shown } from "./useShown.ts";

const FirstSteps = lazy(() => import("../admin/texts.ts").then(({ firstSteps }) => firstSteps()));

export function Top({ name, desk, shown }: { name: string; desk: Desk; shown: Shown }) {
  const keys = useAriaKeys("showNew");
  const { i18n } = useLingui();
  const { added } = shown.waiting;
  const { error } = desk.queue;
  return (
    <div className="list-top">
      <h2 dir="auto">
        {name} <span className="quiet numbers">{new Intl.NumberFormat(i18n.locale).format(desk.count.get(desk.view.id) ?? 0)}</span>
      </h2>
      <span className="space" />
      <span role="status">
        {shown.waits && (
          <Button kind="plain" onPress={shown.show} {...keys}>
            <ArrowUp size={16} aria-hidden />
            {added > 0 ? <Plural value={added} one="# new ticket" other="# new tickets" /> : <Trans>The list has changed</Trans>}
          </Button>
        )}
      </span>
      {error !== null && desk.queue.lines.size > 0 && (
        <Button kind="plain" onPress={fillAgain}>
          <Trans>Some tickets could not be loaded. Try again</Trans>
        </Button>
      )}
      <Filling desk={desk} />
    </div>
  );
}

/** How far the first filling is. */
function Filling({ desk: { queue } }: { desk: Desk }) {
  const { i18n, t } = useLingui();
  if (queue.filled === "all" || queue.error !== null) return null;
  const number = (count: number) => new Intl.NumberFormat(i18n.locale).format(count);
  const [size, total] = [queue.lines.size, queue.total];
  const words = total === null ? t`${number(size)} tickets so far` : t`${number(size)} of ${number(total)} tickets`;
  return <progress className="filling" aria-label={words} title={words} {...(total === null ? {} : { value: size, max: Math.max(total, 1) })} />;
}

/** Nothing is shown: since nothing is there, since it is on its way, or since something went wrong. */
export function NoRows({ desk }: { desk: Desk }) {
  const { queue, view, missing } = desk;
  if (queue.error !== null) return <Problem error={queue.error} onRetry={fillAgain} />;
  if (missing === "waits") return <Skeleton />;
  if (missing === "unknown") {
    return (
      <div className="empty">
        <Trans>This link leads to a view that is not here: it was deleted, is somebody else’s, or could not be read. Choose another one.</Trans>
      </div>
    );
  }
  const isFinished = view.where.statuses?.every((status) => status === "resolved" || status === "closed") ?? false;
  if (queue.filled === "nothing" || (isFinished && queue.filled !== "all")) return <Skeleton />;
  const assigns = desk.role.role === "administrator";
  const empty = <Empty id={view.kind === "desk" ? view.id : "made"} takes={desk.role.takes} assigns={assigns} />;
  return (
    <div className="empty">
      <strong>
        <Trans>Nothing here</Trans>
      </strong>
      {assigns && queue.filled === "all" && queue.lines.size === 0 ? (
        <Suspense fallback={empty}>
          <FirstSteps otherwise={empty} />
        </Suspense>
      ) : (
        empty
      )}
    </div>
  );
}

interface EmptyProps {
  id: string;
  /** Whether they may take what nobody has; whoever may not is not shown it either. */
  takes: boolean;
  assigns: boolean;
}

/** What to do next, by the view that is empty and what this person may do. */
function Empty({ id, takes, assigns }: EmptyProps) {
  const seesAll = takes || assigns;
  switch (id) {
    case "mine":
      return seesAll ? (
        <Trans>No ticket is waiting for you. To see the unassigned ones, press G, then U.</Trans>
      ) : (
        <Trans>No ticket is waiting for you. Administrators assign them; yours appear here automatically.</Trans>
      );
    case "unassigned":
      return seesAll ? (
        <Trans>Every ticket is assigned. New ones appear here automatically.</Trans>
      ) : (
        <Trans>Administrators assign tickets here and see the unassigned ones. Yours appear under Mine.</Trans>
      );
    case "waiting":
      return <Trans>No ticket is waiting for its customer. Tickets come here with “Wait for the customer”.</Trans>;
    case "due":
      return <Trans>Nothing is due in the next four hours, and nothing is late.</Trans>;
    case "snoozed":
      return <Trans>Nothing is put aside. To put a ticket aside until later, press S in it.</Trans>;
    case "resolved":
      return <Trans>Resolved tickets stay here until the customer or the time limit closes them.</Trans>;
    case "closed":
      return <Trans>Closed tickets appear here, newest first.</Trans>;
    default:
      return <Trans>Matching tickets appear automatically.</Trans>;
  }
}

/** Nothing for the first 300 ms: most lists are there before. */
function Skeleton() {
  const { t } = useLingui();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <div className="skeleton" role="progressbar" aria-label={t`Loading tickets`}>
      {Array.from({ length: 8 }, (_, n) => (
        <div key={n} />
      ))}
    </div>
  );
}
