// What was promised and kept, and what customers said of it.
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useMemo, useState } from "react";
import type { Ratings } from "sealdesk/views";

import { Choices } from "../../kit/Choices.tsx";
import { Chart } from "./Chart.tsx";
import type { Drawing } from "./draw.ts";
import { type Counted, type Promised, promises, scores } from "./stats.ts";
import { date, day } from "./words.ts";

const GOALS = ["80", "90", "95", "99"] as const;

export function Targets({ decided, starts, from }: { decided: Promised[]; starts: number[]; from: ReactNode }) {
  const { i18n, t } = useLingui();
  const [goal, setGoal] = useState<(typeof GOALS)[number]>("90");
  const weeks = useMemo(() => promises(decided, starts), [decided, starts]);
  const share = ({ met, missed }: { met: number; missed: number }) => (met + missed === 0 ? null : (met / (met + missed)) * 100);
  const labels = [t`kept`, t`goal`];
  const drawing = useMemo(
    (): Drawing => ({
      at: starts,
      lines: [
        { label: labels[0] ?? "", colour: "three", values: weeks.map(share) },
        { label: labels[1] ?? "", colour: "goal", values: weeks.map(() => Number(goal)), isDashed: true },
      ],
      most: 104,
      words: (value) => i18n.number(value / 100, { style: "percent" }),
      day: (at) => day(at, i18n.locale),
    }),
    [weeks, goal, starts, labels.join(), i18n],
  );
  const percent = (value: number | null) => (value === null ? "–" : i18n.number(value / 100, { style: "percent", maximumFractionDigits: 0 }));
  const now = weeks.at(-1) ?? { met: 0, missed: 0 };
  const all = now.met + now.missed;
  const met = now.met;
  const kept = percent(share(now));
  const wanted = percent(Number(goal));
  const says =
    all === 0
      ? t`No promise fell due this week.`
      : t`${met} of ${all} promises were kept this week: ${kept}; the goal is ${wanted}.`;
  return (
    <Chart
      title={t`Targets met`}
      says={says}
      from={from}
      drawing={drawing}
      name="targets-met"
      isEmpty={decided.length === 0}
      sheet={{
        header: [t`Week`, t`Kept`, t`Missed`, t`Share in percent`],
        rows: weeks.map((week, n) => [date(starts[n] ?? 0), week.met, week.missed, share(week)]),
        shown: weeks.map((week, n) => [day(starts[n] ?? 0, i18n.locale), i18n.number(week.met), i18n.number(week.missed), percent(share(week))]),
      }}
    >
      <div className="goal">
        <Choices<(typeof GOALS)[number]> label={t`Goal`} choices={GOALS.map((id) => ({ id, label: percent(Number(id)) }))} value={goal} onChange={setGoal} />
      </div>
    </Chart>
  );
}

export function Rated({ tickets, ratings, starts, from }: { tickets: Counted[]; ratings: Ratings | undefined; starts: number[]; from: ReactNode }) {
  const { i18n, t } = useLingui();
  const weeks = useMemo(() => scores(tickets, starts), [tickets, starts]);
  const labels = [t`mean score of the week`];
  const drawing = useMemo(
    (): Drawing => ({
      at: starts,
      lines: [{ label: labels[0] ?? "", colour: "five", values: weeks.map(({ mean }) => mean) }],
      least: 0.8,
      most: 5.2,
      words: (value) => i18n.number(value),
      day: (at) => day(at, i18n.locale),
    }),
    [weeks, starts, labels.join(), i18n],
  );
  const cell = (mean: number | null) => (mean === null ? "–" : i18n.number(mean, { maximumFractionDigits: 2 }));
  const number = ratings?.number ?? 0;
  const mean = ratings?.mean_in_hundredths == null ? null : cell(ratings.mean_in_hundredths / 100);
  const given = plural(number, { one: "# rating", other: "# ratings" });
  const says = mean === null ? t`Nobody has rated a resolution yet.` : t`Average rating: ${mean} of 5, in ${given} since the desk began.`;
  return (
    <Chart
      title={t`Ratings`}
      says={says}
      from={from}
      drawing={drawing}
      name="ratings"
      isEmpty={number === 0}
      sheet={{
        header: [t`Week`, "1", "2", "3", "4", "5", t`Mean`],
        rows: weeks.map(({ counts, mean }, n) => [date(starts[n] ?? 0), ...counts, mean]),
        shown: weeks.map(({ counts, mean }, n) => [day(starts[n] ?? 0, i18n.locale), ...counts.map((count) => i18n.number(count)), cell(mean)]),
      }}
    >
      <p className="quiet small">
        <Trans>How often each score was given is proven; in which week is only the node’s claim.</Trans>
      </p>
    </Chart>
  );
}
