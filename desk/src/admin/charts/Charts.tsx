// How the desk has been, over the last weeks. Counted here, from public records that the node lists.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { door } from "../../door.ts";
import { regional } from "../../i18n.ts";
import { Choices } from "../../kit/Choices.tsx";
import { Button } from "../../kit/controls.tsx";
import { Problem } from "../../kit/Problem.tsx";
import { dates } from "../../kit/When.tsx";
import { client } from "../../queries.ts";
import { adminKeys } from "../asked.ts";
import { collect, LOOKED_UP_MAX, type Progress, promised } from "./collect.ts";
import { Rated, Targets } from "./TargetsMet.tsx";
import { Answers, Resolutions, States } from "./pictures.tsx";
import { weeks } from "./stats.ts";
import "./charts.css";

const SPANS = ["8", "13", "26", "52"] as const;
const OLD_MS = 5 * 60_000;

interface At {
  done: number;
  total: number;
}

export function Charts() {
  const { t } = useLingui();
  const [span, setSpan] = useState<(typeof SPANS)[number]>("13");
  const [at, setAt] = useState<At>({ done: 0, total: 0 });
  const tell: Progress = (done, total) => setAt({ done, total });
  const counted = useQuery({ queryKey: [...adminKeys.charts, "tickets"], queryFn: ({ signal }) => collect(tell, signal), staleTime: OLD_MS });
  const ratings = useQuery({ queryKey: [...adminKeys.charts, "ratings"], queryFn: () => door.ratings(), staleTime: OLD_MS });
  // What is counted does not move while somebody looks at it.
  const now = useMemo(() => Math.floor(Date.now() / 1000), [counted.data]);
  const starts = useMemo(() => weeks(now, Number(span)), [now, span]);
  if (counted.error) return <Problem error={counted.error} onRetry={() => void counted.refetch()} />;
  if (!counted.data) return <Looking at={at} label={t`Counting tickets`} />;
  const { tickets, isCut } = counted.data;
  const all = tickets.length;
  const from = isCut ? (
    <Trans>From {all} tickets, the newest thousand of each state; as listed by the node (not proven).</Trans>
  ) : (
    <Plural value={all} one="From # ticket, as listed by the node (not proven)." other="From # tickets, as listed by the node (not proven)." />
  );
  const looked = Math.min(all, LOOKED_UP_MAX);
  const fromNewest = <Plural value={looked} one="From # ticket, as listed by the node (not proven)." other="From the newest # tickets, as listed by the node (not proven)." />;
  const common = { tickets, starts, now };
  return (
    <>
      <p className="quiet">
        <Trans>Counted in this browser from the public parts of tickets. A week begins on Monday, in UTC.</Trans>
      </p>
      <Counted at={counted.dataUpdatedAt} isBusy={counted.isFetching} />
      <div className="goal">
        <Choices<(typeof SPANS)[number]>
          label={t`How far back`}
          choices={SPANS.map((id) => ({ id, label: t`${id} weeks` }))}
          value={span}
          onChange={setSpan}
        />
      </div>
      <div className="charts">
        <States {...common} from={from} />
        <Answers {...common} from={fromNewest} />
        <Resolutions {...common} from={from} />
        <Kept tickets={tickets} starts={starts} />
        <Rated {...common} ratings={ratings.data} from={from} />
      </div>
    </>
  );
}

/** What is shown does not move while somebody looks at it: it says when it was counted, and is counted again when it is asked to. */
export function Counted({ at, isBusy }: { at: number; isBusy: boolean }) {
  const { i18n } = useLingui();
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  const time = dates(regional(i18n.locale), isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" }).format(at);
  return (
    <div className="row small">
      <span className="quiet" role="status">
        {isToday ? <Trans>Counted at {time}</Trans> : <Trans>Counted on {time}</Trans>}
      </span>
      <Button kind="plain" isPending={isBusy} onPress={() => void client.invalidateQueries({ queryKey: adminKeys.charts })}>
        <Trans>Count again</Trans>
      </Button>
    </div>
  );
}

/** What was promised is looked up ticket by ticket, since each is proven. */
function Kept({ tickets, starts }: { tickets: Parameters<typeof promised>[0]; starts: number[] }) {
  const { t } = useLingui();
  const [at, setAt] = useState<At>({ done: 0, total: 0 });
  const decided = useQuery({
    queryKey: [...adminKeys.charts, "promised", tickets.length, tickets[0]?.id],
    queryFn: async () => {
      const { documents } = await door.documents("public");
      if (!documents.some(({ name }) => name === "sla")) return null;
      return promised(tickets, (done, total) => setAt({ done, total }));
    },
    staleTime: OLD_MS,
  });
  if (decided.error) return <Problem error={decided.error} onRetry={() => void decided.refetch()} />;
  if (decided.data === undefined) return <Looking at={at} label={t`Proving what was promised`} />;
  const looked = Math.min(tickets.length, LOOKED_UP_MAX);
  const from =
    decided.data === null ? (
      <Trans>Nothing is promised yet: publish “Targets” under “Public documents”.</Trans>
    ) : (
      <Plural value={looked} one="From # ticket, proven." other="From the newest # tickets, each proven." />
    );
  return <Targets decided={decided.data ?? []} starts={starts} from={from} />;
}

function Looking({ at, label }: { at: At; label: string }) {
  return (
    <div className="stack" role="status">
      <span className="small">
        {label}
        {at.total > 0 && (
          <span className="numbers">
            {" "}
            {at.done} / {at.total}
          </span>
        )}
      </span>
      <progress className="progress" aria-label={label} value={at.total === 0 ? undefined : at.done} max={at.total === 0 ? 1 : at.total} />
    </div>
  );
}
