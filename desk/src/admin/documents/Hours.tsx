// Office hours: a line a day.
import { useLingui } from "@lingui/react/macro";

import { regional } from "../../i18n.ts";
import { Field } from "../../kit/controls.tsx";
import { DAYS, type HoursForm } from "./forms.ts";

interface HoursProps {
  form: HoursForm;
  isReadOnly: boolean;
  onChange(form: HoursForm): void;
}

/** 2026-11-30 was a Monday. */
const MONDAY = Date.UTC(2026, 10, 30);

export function Hours({ form, isReadOnly, onChange }: HoursProps) {
  const { i18n, t } = useLingui();
  const nameOf = (n: number) => new Intl.DateTimeFormat(regional(i18n.locale), { weekday: "long", timeZone: "UTC" }).format(MONDAY + n * 86_400_000);
  return (
    <div className="stack">
      <Field
        label={t`Time zone`}
        hint={t`As in the IANA table, such as Europe/Berlin. Summer time is counted as it is there.`}
        value={form.zone}
        onChange={(zone) => onChange({ ...form, zone })}
        isReadOnly={isReadOnly}
      />
      <div className="days">
        {DAYS.map((day, n) => (
          <Field
            key={day}
            label={nameOf(n)}
            placeholder={t`closed`}
            value={form.week[day]}
            onChange={(text) => onChange({ ...form, week: { ...form.week, [day]: text } })}
            isReadOnly={isReadOnly}
          />
        ))}
      </div>
      <Field
        label={t`Days that are otherwise`}
        hint={t`One each line: the date, its name, and hours if it has some, such as 2026-12-24 Christmas Eve 09:00-12:30.`}
        lines={6}
        value={form.holidays}
        onChange={(holidays) => onChange({ ...form, holidays })}
        isReadOnly={isReadOnly}
      />
    </div>
  );
}
