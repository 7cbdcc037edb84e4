// What the desk allows. All of it is set by one transaction, and stands from the next block on.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Switch } from "react-aria-components";
import type { Limits } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import "../kit/choices.css";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { DeskButton, useReaching } from "../offline/NeedsDesk.tsx";
import type { PartProps } from "./Admin.tsx";
import { adminKeys, changed } from "./asked.ts";
import { categoriesOf, differences, ledgerOf, NUMBERS, type NumberName, numberOf, type NumberRule, shownOf, SWITCHES, type SwitchRule } from "./rules.ts";

export function Rules({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({ queryKey: adminKeys.limits, queryFn: () => door.limits() });
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className="bar-progress" role="progressbar" aria-label={t`Looking what is allowed`} />;
  return <Form key={JSON.stringify(data)} now={data} mayChange={mayChange} />;
}

function Form({ now, mayChange }: { now: Limits; mayChange: boolean }) {
  const { i18n, t } = useLingui();
  const told = useTold();
  const reaching = useReaching();
  const [limits, setLimits] = useState(now);
  const [categories, setCategories] = useState(now.allowed_categories.join("\n"));
  const { categories: named, wrong } = categoriesOf(categories);
  const next: Limits = { ...limits, allowed_categories: named };
  const set = (change: Partial<Limits>) => setLimits((before) => ({ ...before, ...change }));
  // What is typed and is not a number that the ledger takes.
  const [bad, setBad] = useState<ReadonlySet<NumberName>>(new Set());
  const [round, setRound] = useState(0);
  const setNumber = (name: NumberName, value: number | null) => {
    setBad((before) => new Set(value === null ? [...before, name] : [...before].filter((other) => other !== name)));
    if (value !== null) set({ [name]: value });
  };
  const save = useMutation({
    async mutationFn() {
      const fault = await door.limitsFault(next);
      if (fault !== null) throw new Error(fault);
      return door.setLimits(next);
    },
    async onSuccess(done) {
      told(done, t`The rules stand from the next block on.`);
      await changed();
    },
  });
  const say = { say: i18n._.bind(i18n), number: i18n.number.bind(i18n) };
  const lines = differences(now, next, { ...say, on: t`on`, off: t`off`, categories: t`Categories` });
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), !save.isPending && reaching(() => save.mutate()))}>
      <div>
        {SWITCHES.map((rule) => (
          <SwitchRow key={rule.name} rule={rule} value={next[rule.name]} isDisabled={!mayChange} onChange={(value) => set({ [rule.name]: value })} />
        ))}
        {NUMBERS.map((rule) => (
          <NumberRow
            key={`${rule.name} ${round}`}
            rule={rule}
            value={bad.has(rule.name) ? null : next[rule.name]}
            isDisabled={!mayChange}
            onChange={(value) => setNumber(rule.name, value)}
          />
        ))}
        <div className="rule">
          <Field
            label={t`Categories`}
            lines={8}
            value={categories}
            onChange={setCategories}
            isReadOnly={!mayChange}
            problem={wrong === null ? undefined : t`“${wrong}” is not possible: small letters, digits, - and _, at most 32, none twice.`}
          />
          <span className="consequence">
            <Trans>
              What a ticket can be about, a name each line, in this order. Public. One that is taken out stays on the tickets that have it; nobody
              chooses it any more.
            </Trans>
          </span>
        </div>
      </div>
      {mayChange && (lines.length > 0 || bad.size > 0) && (
        <div className="savebar stack">
          <ul className="changes" aria-label={t`What changes`}>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          {save.error && <Problem error={save.error} />}
          <div className="row end">
            <Button
              onPress={() => {
                setLimits(now);
                setCategories(now.allowed_categories.join("\n"));
                setBad(new Set());
                setRound(round + 1);
                save.reset();
              }}
            >
              <Trans>Put back</Trans>
            </Button>
            <DeskButton kind="primary" type="submit" isPending={save.isPending} isDisabled={wrong !== null || bad.size > 0 || named.length === 0}>
              {save.isPending ? <Trans>Signing…</Trans> : <Trans>Set these rules</Trans>}
            </DeskButton>
          </div>
        </div>
      )}
    </form>
  );
}

interface RowProps<Rule, Value> {
  rule: Rule;
  value: Value;
  isDisabled: boolean;
  onChange(value: Value): void;
}

function SwitchRow({ rule, value, isDisabled, onChange }: RowProps<SwitchRule, boolean>) {
  const { i18n } = useLingui();
  const id = `means-${rule.name}`;
  return (
    <div className="rule">
      <Switch className="switch" isSelected={value} isDisabled={isDisabled} onChange={onChange} aria-describedby={id}>
        <span className="switch-track" aria-hidden />
        {i18n._(rule.label)}
      </Switch>
      <span className="consequence" id={id}>
        {i18n._(value ? rule.on : rule.off)}
      </span>
    </div>
  );
}

/** A field that people type into: a spinner of React Aria announces by `innerHTML`, which the page's policy forbids. */
function NumberRow({ rule, value, isDisabled, onChange }: RowProps<NumberRule, number | null>) {
  const { i18n, t } = useLingui();
  const [typed, setTyped] = useState(value === null ? "" : i18n.number(shownOf(rule, value), { useGrouping: false, maximumFractionDigits: 3 }));
  const unit = rule.unit ? i18n._(rule.unit) : "";
  const [least, most] = [i18n.number(shownOf(rule, rule.least)), i18n.number(shownOf(rule, rule.most))];
  const range = unit === "" ? t`${least} to ${most}` : t`${least} to ${most} ${unit}`;
  return (
    <div className="rule">
      <Field
        label={i18n._(rule.label)}
        hint={range}
        inputMode="decimal"
        value={typed}
        isReadOnly={isDisabled}
        problem={value === null ? t`A number is needed: ${range}.` : undefined}
        onChange={(text) => {
          setTyped(text);
          onChange(ledgerOf(rule, numberOf(text)));
        }}
      />
      <span className="consequence">{i18n._(rule.means)}</span>
    </div>
  );
}
