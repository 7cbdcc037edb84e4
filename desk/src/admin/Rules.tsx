// What the desk allows. All of it is set by one transaction, and counts from the next block on.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
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
import { setLooked } from "./firstSteps.ts";
import { client } from "../queries.ts";
import { Collisions } from "./Collisions.tsx";
import { collisions, differences, NUMBERS, type NumberRule, ruled, settledRule, shownOf, SWITCHES, type SwitchRule, type TypedRules, typedRules } from "./rules.ts";
import { useTyped } from "./formDrafts.ts";

export function Rules({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({ queryKey: adminKeys.limits, queryFn: () => door.limits() });
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className="bar-progress" role="progressbar" aria-label={t`Loading the rules`} />;
  return <Form now={data} mayChange={mayChange} />;
}

function Form({ now, mayChange }: { now: Limits; mayChange: boolean }) {
  const { i18n, t } = useLingui();
  const told = useTold();
  const reaching = useReaching();
  useEffect(() => {
    if (mayChange) setLooked("rules");
  }, [mayChange]);
  const { typed, set, putBack, publishing } = useTyped<TypedRules>("rules");
  const { next, bad, wrong } = ruled(now, typed);
  const shown = (rule: NumberRule) => i18n.number(shownOf(rule, now[rule.name]), { useGrouping: false, maximumFractionDigits: 3 });
  const type = (change: TypedRules) => {
    const changed = typedRules(now, { ...typed, ...change }, shown);
    if (changed) set(changed);
    else putBack();
  };
  const categories = typed?.categories ?? now.allowed_categories.join("\n");
  const none = next.allowed_categories.length === 0 ? t`The desk needs at least one category.` : undefined;
  const met = collisions(now, typed);
  const save = useMutation({
    async mutationFn() {
      // All of them are set at once: those of which nothing was typed stay as somebody else may have set them meanwhile.
      const stands = await door.limits();
      client.setQueryData(adminKeys.limits, stands);
      if (collisions(stands, typed).length > 0) return null;
      const { next } = ruled(stands, typed);
      const fault = await door.limitsFault(next);
      if (fault !== null) throw new Error(fault);
      return publishing(() => door.setLimits(next), ({ proven }) => proven);
    },
    async onSuccess(done) {
      if (done === null) return;
      told(done, t`The new rules apply now.`);
      await changed();
    },
  });
  const say = { say: i18n._.bind(i18n), number: i18n.number.bind(i18n) };
  const lines = differences(now, next, { ...say, on: t`on`, off: t`off`, categories: t`Categories` });
  return (
    <form data-kept className="stack" onSubmit={(event) => (event.preventDefault(), !save.isPending && reaching(() => save.mutate()))}>
      <div>
        {SWITCHES.map((rule) => (
          <SwitchRow
            key={rule.name}
            rule={rule}
            value={next[rule.name]}
            isDisabled={!mayChange}
            onChange={(value) => type({ switches: { ...typed?.switches, [rule.name]: value } })}
          />
        ))}
        {NUMBERS.map((rule) => (
          <NumberRow
            key={rule.name}
            rule={rule}
            value={typed?.numbers?.[rule.name] ?? shown(rule)}
            isWrong={bad.includes(rule.name)}
            isDisabled={!mayChange}
            onChange={(text) => type({ numbers: { ...typed?.numbers, [rule.name]: text } })}
          />
        ))}
        <div className="rule">
          <Field
            label={t`Categories`}
            lines={8}
            value={categories}
            onChange={(categories) => type({ categories })}
            isReadOnly={!mayChange}
            problem={wrong === null ? none : t`“${wrong}” is not allowed. Use lower-case letters, digits, - and _, at most 32 characters, and no name twice.`}
          />
          <span className="consequence">
            <Trans>
              The subjects a ticket can be about, one name per line, in this order. Public. A category that you remove stays on the tickets that have it, but nobody can choose it any more.
            </Trans>
          </span>
        </div>
      </div>
      {mayChange && (lines.length > 0 || met.length > 0 || bad.length > 0 || wrong !== null || none !== undefined) && (
        <div className="savebar stack">
          <ul className="changes" aria-label={t`What changes`}>
            {lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          {typed && <Collisions now={now} typed={typed} names={met} onSettle={(name, isMine) => set(settledRule(now, typed, name, isMine))} />}
          {save.error && <Problem error={save.error} />}
          <p className="quiet small">
            <Trans>Not set yet. What you changed is kept in this browser, even if you leave this page.</Trans>
          </p>
          <div className="row end">
            <Button
              onPress={() => {
                putBack();
                save.reset();
              }}
            >
              <Trans>Reset</Trans>
            </Button>
            <DeskButton kind="primary" type="submit" isPending={save.isPending} isDisabled={met.length > 0 || wrong !== null || bad.length > 0 || none !== undefined}>
              {save.isPending ? <Trans>Signing…</Trans> : <Trans>Set these rules</Trans>}
            </DeskButton>
          </div>
        </div>
      )}
    </form>
  );
}

interface SwitchRowProps {
  rule: SwitchRule;
  value: boolean;
  isDisabled: boolean;
  onChange(value: boolean): void;
}

function SwitchRow({ rule, value, isDisabled, onChange }: SwitchRowProps) {
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

interface NumberRowProps {
  rule: NumberRule;
  /** As it is typed. */
  value: string;
  isWrong: boolean;
  isDisabled: boolean;
  onChange(text: string): void;
}

/** A field that people type into: a spinner of React Aria announces by `innerHTML`, which the page's policy forbids. */
function NumberRow({ rule, value, isWrong, isDisabled, onChange }: NumberRowProps) {
  const { i18n, t } = useLingui();
  const unit = rule.unit ? i18n._(rule.unit) : "";
  const [least, most] = [i18n.number(shownOf(rule, rule.least)), i18n.number(shownOf(rule, rule.most))];
  const range = unit === "" ? t`${least} to ${most}` : t`${least} to ${most} ${unit}`;
  return (
    <div className="rule">
      <Field
        label={i18n._(rule.label)}
        hint={range}
        inputMode="decimal"
        value={value}
        isReadOnly={isDisabled}
        problem={isWrong ? t`Enter a number: ${range}.` : undefined}
        onChange={onChange}
      />
      <span className="consequence">{i18n._(rule.means)}</span>
    </div>
  );
}
