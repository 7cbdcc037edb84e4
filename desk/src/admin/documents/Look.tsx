// What the desk is called on this page, and its accent.
import { useLingui } from "@lingui/react/macro";

import { Field } from "../../kit/controls.tsx";
import type { LookForm } from "../../look/document.ts";
import { isColour } from "./forms.ts";
import { Theirs } from "./Theirs.tsx";

interface LookProps {
  form: LookForm;
  isReadOnly: boolean;
  onChange(form: LookForm): void;
}

export function Look({ form, isReadOnly, onChange }: LookProps) {
  const { t } = useLingui();
  return (
    <div className="stack">
      <Field
        label={t`Name of the desk`}
        hint={t`Shown at the top of the page. Empty = Support.`}
        value={form.name}
        onChange={(name) => onChange({ ...form, name })}
        maxLength={40}
        isReadOnly={isReadOnly}
      />
      <Theirs of="name" />
      <Field
        label={t`A line for customers writing a ticket`}
        hint={t`Shown above a new ticket, for example when you reply.`}
        lines={2}
        value={form.welcome}
        onChange={(welcome) => onChange({ ...form, welcome })}
        maxLength={280}
        isReadOnly={isReadOnly}
      />
      <Theirs of="welcome" />
      <Field
        label={t`Accent`}
        hint={t`A colour such as #0a7d5a. The page makes it lighter or darker where text would be hard to read.`}
        value={form.accent}
        onChange={(accent) => onChange({ ...form, accent })}
        maxLength={7}
        isReadOnly={isReadOnly}
        problem={isColour(form.accent) ? undefined : t`A colour is # and three or six digits from 0 to f.`}
      />
      <Theirs of="accent" />
    </div>
  );
}
