// Targets: a sheet a row, of which the first that fits a ticket counts.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { ArrowUp, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";

import "../../kit/choices.css";
import { Choices } from "../../kit/Choices.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { orKept } from "../../offline/shown.ts";
import { keys } from "../../queries.ts";
import { category, PRIORITY } from "../../queue/words.ts";
import { rowFaults, type TargetRow, type TargetsForm, type Time } from "./forms.ts";
import { Theirs } from "./Theirs.tsx";

interface TargetsProps {
  form: TargetsForm;
  isReadOnly: boolean;
  onChange(form: TargetsForm): void;
}

const PRIORITIES = ["urgent", "high", "normal", "low"] as const;
const ROWS_MAX = 64;
const ROW_FIELDS = ["priorities", "categories", "calendar", "first_response", "next_response", "resolution"] as const;
const EMPTY: TargetRow = { priorities: [], categories: [], calendar: "", first_response: "8h", next_response: "8h", resolution: "40h" };

export function Targets({ form, isReadOnly, onChange }: TargetsProps) {
  const { t } = useLingui();
  const { rows } = form;
  const { data: categories = [] } = useQuery({ queryKey: keys.categories, queryFn: () => orKept("categories") });
  const set = (rows: TargetRow[]) => onChange({ ...form, rows });
  return (
    <div className="stack">
      <Choices
        label={t`Which hours count`}
        choices={[
          { id: "office-hours", label: t`Office hours only` },
          { id: "always", label: t`All hours, day and night` },
        ]}
        value={form.calendar}
        onChange={(calendar) => onChange({ ...form, calendar })}
      />
      <p className="quiet small">
        <Trans>The first row that matches a ticket counts. Write times in hours and minutes, such as 30m, 4h or 1h30m.</Trans>
      </p>
      <Theirs of="calendar" />
      <Theirs of="rows" />
      <ol className="stack">
        {rows.map((row, n) => (
          // Rows have no name but their place.
          <li key={n} className="notice target-row">
            <Row
              row={row}
              categories={categories}
              number={n + 1}
              isReadOnly={isReadOnly}
              onChange={(next) => set(rows.with(n, next))}
              onUp={n === 0 ? undefined : () => set([...rows.slice(0, n - 1), row, ...rows.slice(n - 1, n), ...rows.slice(n + 1)])}
              onRemove={rows.length === 1 ? undefined : () => set(rows.toSpliced(n, 1))}
            />
            {ROW_FIELDS.map((field) => (
              <Theirs key={field} of={`rows.${n}.${field}`} />
            ))}
          </li>
        ))}
      </ol>
      {!isReadOnly && rows.length < ROWS_MAX && (
        <div className="row">
          <Button onPress={() => set([...rows, EMPTY])}>
            <Plus size={16} aria-hidden />
            <Trans>Add a row</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}

interface RowProps {
  row: TargetRow;
  /** The desk's. */
  categories: string[];
  number: number;
  isReadOnly: boolean;
  onChange(row: TargetRow): void;
  onUp: (() => void) | undefined;
  onRemove: (() => void) | undefined;
}

function Row({ row, categories, number, isReadOnly, onChange, onUp, onRemove }: RowProps) {
  const { i18n, t } = useLingui();
  const { times, promisesNothing } = rowFaults(row);
  const time = (label: string, field: Time) => {
    const wrong = times.includes(field) ? t`Write it like 30m, 4h or 1h30m, up to 8760h.` : undefined;
    const nothing = promisesNothing && field === "first_response" ? t`Promise at least one of the three.` : undefined;
    return (
      <Field
        label={label}
        value={row[field]}
        placeholder={t`none`}
        onChange={(value) => onChange({ ...row, [field]: value })}
        isReadOnly={isReadOnly}
        problem={wrong ?? nothing}
      />
    );
  };
  const named = (name: string) => category(name, i18n._.bind(i18n));
  // What a row names and the desk no longer has is there to be taken out: tickets of before may still have it.
  const gone = row.categories.filter((name) => !categories.includes(name));
  const choices = [...categories.map((id) => ({ id, label: named(id) })), ...gone.map((id) => ({ id, label: t`${named(id)} (not a category of this desk)` }))];
  return (
    <>
      <div className="row">
        <strong className="numbers">{number}.</strong>
        <Checks
          label={row.priorities.length === 0 ? <Trans>Any priority</Trans> : <Trans>Priority</Trans>}
          choices={PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }))}
          value={row.priorities}
          isReadOnly={isReadOnly}
          onChange={(priorities) => onChange({ ...row, priorities })}
        />
        <span className="push" />
        {!isReadOnly && onUp && (
          <Button kind="plain" aria-label={t`Move row ${number} up`} onPress={onUp}>
            <ArrowUp size={16} aria-hidden />
          </Button>
        )}
        {!isReadOnly && onRemove && (
          <Button kind="plain" aria-label={t`Remove row ${number}`} onPress={onRemove}>
            <Trash2 size={16} aria-hidden />
          </Button>
        )}
      </div>
      <Checks
        label={row.categories.length === 0 ? <Trans>Any category</Trans> : <Trans>Categories</Trans>}
        choices={choices}
        value={row.categories}
        isReadOnly={isReadOnly}
        onChange={(categories) => onChange({ ...row, categories })}
      />
      <div className="times">
        {time(t`First reply`, "first_response")}
        {time(t`Next reply`, "next_response")}
        {time(t`Resolution`, "resolution")}
        <Choices
          label={t`Hours that count`}
          choices={[
            { id: "same", label: t`as above` },
            { id: "office-hours", label: t`office hours` },
            { id: "always", label: t`day and night` },
          ]}
          value={row.calendar === "" ? "same" : row.calendar}
          onChange={(calendar) => onChange({ ...row, calendar: calendar === "same" ? "" : calendar })}
        />
      </div>
    </>
  );
}

interface ChecksProps {
  label: ReactNode;
  choices: { id: string; label: string }[];
  value: string[];
  isReadOnly: boolean;
  onChange(value: string[]): void;
}

/** Several of a few, where none means any. */
function Checks({ label, choices, value, isReadOnly, onChange }: ChecksProps) {
  return (
    <CheckboxGroup className="checks" value={value} isReadOnly={isReadOnly} onChange={onChange}>
      <Label className="label">{label}</Label>
      {choices.map(({ id, label }) => (
        <Checkbox key={id} value={id} className="check">
          <span className="check-box" aria-hidden />
          <bdi>{label}</bdi>
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
}
