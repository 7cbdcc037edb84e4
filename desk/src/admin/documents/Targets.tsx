// Targets: a sheet a row, and of a ticket counts the first that fits it.
import { Trans, useLingui } from "@lingui/react/macro";
import { ArrowUp, Plus, Trash2 } from "lucide-react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";

import "../../kit/choices.css";
import { Choices } from "../../kit/Choices.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { PRIORITY } from "../../queue/words.ts";
import type { TargetRow, TargetsForm } from "./forms.ts";

interface TargetsProps {
  form: TargetsForm;
  isReadOnly: boolean;
  onChange(form: TargetsForm): void;
}

const PRIORITIES = ["urgent", "high", "normal", "low"] as const;
const ROWS_MAX = 64;
const EMPTY: TargetRow = { priorities: [], categories: "", calendar: "", first_response: "8h", next_response: "8h", resolution: "40h" };

export function Targets({ form, isReadOnly, onChange }: TargetsProps) {
  const { t } = useLingui();
  const { rows } = form;
  const set = (rows: TargetRow[]) => onChange({ ...form, rows });
  return (
    <div className="stack">
      <Choices
        label={t`Whose time counts`}
        choices={[
          { id: "office-hours", label: t`Only that of the office hours` },
          { id: "always", label: t`All of it, day and night` },
        ]}
        value={form.calendar}
        onChange={(calendar) => onChange({ ...form, calendar })}
      />
      <p className="quiet small">
        <Trans>Of a ticket counts the first row that fits it. Times are hours and minutes of that calendar, such as 30m, 4h or 1h30m.</Trans>
      </p>
      <ol className="stack">
        {rows.map((row, n) => (
          // Rows have no name but their place.
          <li key={n} className="notice target-row">
            <Row
              row={row}
              number={n + 1}
              isReadOnly={isReadOnly}
              onChange={(next) => set(rows.with(n, next))}
              onUp={n === 0 ? undefined : () => set([...rows.slice(0, n - 1), row, ...rows.slice(n - 1, n), ...rows.slice(n + 1)])}
              onRemove={rows.length === 1 ? undefined : () => set(rows.toSpliced(n, 1))}
            />
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
  number: number;
  isReadOnly: boolean;
  onChange(row: TargetRow): void;
  onUp: (() => void) | undefined;
  onRemove: (() => void) | undefined;
}

function Row({ row, number, isReadOnly, onChange, onUp, onRemove }: RowProps) {
  const { i18n, t } = useLingui();
  const text = (label: string, field: "first_response" | "next_response" | "resolution" | "categories", placeholder: string) => (
    <Field label={label} value={row[field]} placeholder={placeholder} onChange={(value) => onChange({ ...row, [field]: value })} isReadOnly={isReadOnly} />
  );
  return (
    <>
      <div className="row">
        <strong className="numbers">{number}.</strong>
        <CheckboxGroup
          className="checks"
          value={row.priorities}
          isReadOnly={isReadOnly}
          onChange={(priorities) => onChange({ ...row, priorities })}
        >
          <Label className="label">{row.priorities.length === 0 ? <Trans>Any urgency</Trans> : <Trans>Urgency</Trans>}</Label>
          {PRIORITIES.map((priority) => (
            <Checkbox key={priority} value={priority} className="check">
              <span className="check-box" aria-hidden />
              {i18n._(PRIORITY[priority])}
            </Checkbox>
          ))}
        </CheckboxGroup>
        <span className="push" />
        {!isReadOnly && onUp && (
          <Button kind="plain" aria-label={t`Move row ${number} up`} onPress={onUp}>
            <ArrowUp size={16} aria-hidden />
          </Button>
        )}
        {!isReadOnly && onRemove && (
          <Button kind="plain" aria-label={t`Take row ${number} out`} onPress={onRemove}>
            <Trash2 size={16} aria-hidden />
          </Button>
        )}
      </div>
      <div className="times">
        {text(t`First answer`, "first_response", t`none`)}
        {text(t`Next answer`, "next_response", t`none`)}
        {text(t`Solution`, "resolution", t`none`)}
        {text(t`Categories`, "categories", t`all`)}
        <Choices
          label={t`Time`}
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
