// The charts themselves: what each says, draws, and holds as a table.
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useMemo } from "react";

import { STATUS } from "../../queue/words.ts";
import { Chart } from "./Chart.tsx";
import type { Drawing } from "./draw.ts";
import { answers, byState, type Counted, resolutions, type Spread, STATES, WEEK } from "./stats.ts";
import { date, day, ended, took } from "./words.ts";

interface PictureProps {
  tickets: Counted[];
  starts: number[];
  now: number;
  from: ReactNode;
}

const COLOURS = ["one", "two", "three", "four", "five"] as const;

/** Open tickets by state, as areas on top of each other. */
export function States({ tickets, starts, now, from }: PictureProps) {
  const { i18n, t } = useLingui();
  const counts = useMemo(() => byState(tickets, starts, now), [tickets, starts, now]);
  const names = STATES.map((state) => i18n._(STATUS[state]));
  const drawing = useMemo((): Drawing => {
    // Each area stands on those of the states before it; the highest is drawn first.
    const stacked = STATES.map((_, n) => counts.map((count) => STATES.slice(0, n + 1).reduce((sum, state) => sum + count[state], 0)));
    const lines = STATES.map((_, n) => ({ label: names[n] ?? "", colour: COLOURS[n] ?? "one", values: stacked[n] ?? [], isArea: n === 0 })).reverse();
    const last = STATES.length - 1;
    return {
      at: starts,
      lines,
      bands: lines.slice(0, last).map((_, n) => [n, n + 1, COLOURS[last - n] ?? "one"]),
      counts: "pieces",
      words: (value) => i18n.number(value),
      day: (at) => day(at, i18n.locale),
    };
  }, [counts, starts, names.join(), i18n]);
  const total = (n: number) => STATES.filter((state) => state !== "resolved").reduce((sum, state) => sum + (counts.at(n)?.[state] ?? 0), 0);
  const [open, before] = [total(-1), total(-2)];
  const more = open - before;
  const less = -more;
  const change =
    more === 0
      ? t`as many as a week ago`
      : more > 0
        ? plural(more, { one: "# more than a week ago", other: "# more than a week ago" })
        : plural(less, { one: "# less than a week ago", other: "# less than a week ago" });
  const tickets_ = plural(open, { one: "# ticket is unfinished", other: "# tickets are unfinished" });
  return (
    <Chart
      title={t`Tickets by state`}
      says={`${tickets_}, ${change}.`}
      from={from}
      drawing={drawing}
      name="tickets-by-state"
      isEmpty={tickets.length === 0}
      sheet={{
        header: [t`Week`, ...names],
        rows: counts.map((count, n) => [date(starts[n] ?? 0), ...STATES.map((state) => count[state])]),
        shown: counts.map((count, n) => [day(starts[n] ?? 0, i18n.locale), ...STATES.map((state) => i18n.number(count[state]))]),
      }}
    />
  );
}

/** How long something took: the middle half as a band, the middle as a line, each ticket as a dot. */
function Spreads({ title, says, from, spreads, dots, starts, name }: { title: string; says: string; from: ReactNode; spreads: Spread[]; dots: { at: number; value: number }[]; starts: number[]; name: string }) {
  const { i18n, t } = useLingui();
  const labels = [t`a quarter took longer`, t`the median`, t`a quarter was faster`];
  const drawing = useMemo(
    (): Drawing => ({
      at: starts,
      lines: [
        { label: labels[0] ?? "", colour: "two", values: spreads.map(({ most }) => most), isDashed: true },
        { label: labels[1] ?? "", colour: "one", values: spreads.map(({ median }) => median) },
        { label: labels[2] ?? "", colour: "two", values: spreads.map(({ quarter }) => quarter), isDashed: true },
      ],
      bands: [[0, 2, "two"]],
      dots,
      most: scaleOf(spreads, dots),
      counts: "seconds",
      words: (value) => (value === 0 ? "0" : took(value, i18n.locale)),
      day: (at) => day(at, i18n.locale),
    }),
    [spreads, dots, starts, labels.join(), i18n],
  );
  const cell = (seconds: number | null) => (seconds === null ? "–" : took(seconds, i18n.locale));
  return (
    <Chart
      title={title}
      says={says}
      from={from}
      drawing={drawing}
      name={name}
      isEmpty={spreads.every(({ count }) => count === 0)}
      sheet={{
        header: [t`Week`, t`Tickets`, t`Tenth`, t`Quarter`, t`Median`, t`Three quarters`, t`Nine tenths`],
        rows: spreads.map(({ count, low, quarter, median, most, high }, n) => [date(starts[n] ?? 0), count, low, quarter, median, most, high]),
        shown: spreads.map(({ count, low, quarter, median, most, high }, n) => [
          day(starts[n] ?? 0, i18n.locale),
          i18n.number(count),
          ...[low, quarter, median, most, high].map(cell),
        ]),
      }}
    >
      <p className="quiet small">
        <Trans>Each dot is a ticket. Times in the file are in seconds.</Trans>
      </p>
    </Chart>
  );
}

/** High enough for nine of ten, so that one ticket that took a month does not flatten all others. */
function scaleOf(spreads: Spread[], dots: { value: number }[]): number {
  const high = Math.max(60, ...spreads.map(({ high, most }) => Math.max(high ?? 0, most ?? 0)));
  return Math.min(Math.max(60, ...dots.map(({ value }) => value)), high * 1.5) * 1.08;
}

/** How the newest week compares with the one before. */
function useCompared(): (spreads: Spread[], words: { some(median: string): string; none: string }) => string {
  const { i18n, t } = useLingui();
  return (spreads, { some, none }) => {
    const [before, now] = [spreads.at(-2)?.median ?? null, spreads.at(-1)?.median ?? null];
    if (now === null) return none;
    const said = some(took(now, i18n.locale));
    if (before === null) return ended(said);
    const change = now - before;
    if (Math.abs(change) < 60) return t`${said}, the same as last week.`;
    const size = took(Math.abs(change), i18n.locale);
    return change < 0 ? t`${said}, ${size} less than last week.` : t`${said}, ${size} more than last week.`;
  };
}

/** Dots spread over their week, so that they are not on top of each other. */
const within = (starts: number[], at: number): number | null => {
  const start = starts.find((start) => at >= start && at < start + WEEK);
  return start === undefined ? null : start + ((at - start) / WEEK - 0.5) * WEEK * 0.6;
};

export function Answers({ tickets, starts, from }: PictureProps) {
  const { t } = useLingui();
  const compared = useCompared();
  const spreads = useMemo(() => answers(tickets, starts), [tickets, starts]);
  const dots = useMemo(
    () =>
      tickets.flatMap(({ created, answered }) => {
        const at = within(starts, created);
        return answered == null || at === null ? [] : [{ at, value: answered - created }];
      }),
    [tickets, starts],
  );
  const says = compared(spreads, { some: (median) => t`First replies took a median of ${median} this week`, none: t`No ticket from this week has a reply yet.` });
  return <Spreads title={t`First reply`} says={says} from={from} spreads={spreads} dots={dots} starts={starts} name="first-answer" />;
}

export function Resolutions({ tickets, starts, from }: PictureProps) {
  const { t } = useLingui();
  const compared = useCompared();
  const spreads = useMemo(() => resolutions(tickets, starts), [tickets, starts]);
  const dots = useMemo(
    () =>
      tickets.flatMap(({ created, over }) => {
        const at = over === null ? null : within(starts, over);
        return over === null || at === null ? [] : [{ at, value: over - created }];
      }),
    [tickets, starts],
  );
  const says = compared(spreads, { some: (median) => t`This week’s tickets took a median of ${median} to resolve`, none: t`No ticket was resolved this week.` });
  return <Spreads title={t`Resolution`} says={says} from={from} spreads={spreads} dots={dots} starts={starts} name="resolution" />;
}
