// Office hours: a line a day.
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";

import { door } from "../../door.ts";
import { regional } from "../../i18n.ts";
import { Field } from "../../kit/controls.tsx";
import { type DayFault, DAYS, hoursBody, hoursFaults, type HoursForm } from "./forms.ts";
import { Theirs } from "./Theirs.tsx";

interface HoursProps {
  form: HoursForm;
  isReadOnly: boolean;
  onChange(form: HoursForm): void;
}

/** 2026-11-30 was a Monday. */
const MONDAY = Date.UTC(2026, 10, 30);
const CLOSED = { monday: "", tuesday: "", wednesday: "", thursday: "", friday: "", saturday: "", sunday: "" };

/** Whether the client's table has a time zone of this name: hours in which nothing else can be wrong are possible in it. */
export const zoneQuery = (zone: string) => ({
  queryKey: ["zone", zone.trim()],
  queryFn: async () => (await door.documentFault("office-hours", hoursBody({ zone, week: { ...CLOSED, monday: "9-17" }, holidays: "" }))) === null,
  staleTime: Number.POSITIVE_INFINITY,
});

export function Hours({ form, isReadOnly, onChange }: HoursProps) {
  const { i18n, t } = useLingui();
  const { data: isZone = true } = useQuery(zoneQuery(form.zone));
  const nameOf = (n: number) => new Intl.DateTimeFormat(regional(i18n.locale), { weekday: "long", timeZone: "UTC" }).format(MONDAY + n * 86_400_000);
  const { week, isNeverOpen, exception } = hoursFaults(form);
  const wordsOf = (fault: DayFault): string =>
    ({
      form: t`Write hours like 9:00-17:00, with commas between several, and leave closed days empty. Midnight at the end is 24:00.`,
      order: t`The hours have to follow one another: 9:00-12:00, 13:00-17:00.`,
      many: t`The limit is eight spans a day.`,
      date: t`Write the date first, like 2026-12-25.`,
      twice: t`This date appears twice.`,
      days: t`The limit is 500 dates.`,
    })[fault];
  return (
    <div className="stack">
      <Field
        label={t`Time zone`}
        hint={t`Its name in the IANA database, such as Europe/Berlin. Daylight saving time is taken into account.`}
        value={form.zone}
        onChange={(zone) => onChange({ ...form, zone })}
        isReadOnly={isReadOnly}
        problem={isZone ? undefined : t`This is not the name of a time zone. Spell it exactly as the IANA table does, such as Europe/Berlin.`}
      />
      <Theirs of="zone" />
      <div className="days">
        {DAYS.map((day, n) => {
          const fault = week[day];
          const open = isNeverOpen && n === 0 ? t`The desk has to be open on at least one day.` : undefined;
          return (
            <div key={day} className="stack">
              <Field
                label={nameOf(n)}
                placeholder={t`closed`}
                value={form.week[day]}
                onChange={(text) => onChange({ ...form, week: { ...form.week, [day]: text } })}
                isReadOnly={isReadOnly}
                problem={fault === undefined ? open : wordsOf(fault)}
              />
              <Theirs of={`week.${day}`} />
            </div>
          );
        })}
      </div>
      <Field
        label={t`Exceptions`}
        hint={t`One per line: the date, its name, and the hours if you are open, such as 2026-12-24 Christmas Eve 9:00-12:30.`}
        lines={6}
        value={form.holidays}
        onChange={(holidays) => onChange({ ...form, holidays })}
        isReadOnly={isReadOnly}
        problem={exception === null ? undefined : `${t`In the line “${exception.line}”:`} ${wordsOf(exception.fault)}`}
      />
      <Theirs of="holidays" />
    </div>
  );
}
