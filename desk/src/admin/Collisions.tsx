// Rules that two administrators set at once: what each of them wants, and which of the two stays.
import { Trans, useLingui } from "@lingui/react/macro";
import type { Limits } from "sealdesk/views";

import { Button } from "../kit/controls.tsx";
import { NUMBERS, type RuleName, shownOf, SWITCHES, type TypedRules } from "./rules.ts";

interface CollisionsProps {
  now: Limits;
  typed: TypedRules;
  names: readonly RuleName[];
  onSettle(name: RuleName, isMine: boolean): void;
}

export function Collisions({ now, typed, names, onSettle }: CollisionsProps) {
  const { i18n, t } = useLingui();
  const on = (value: boolean | undefined) => (value ? t`on` : t`off`);
  const said = (name: RuleName): { label: string; theirs: string; mine: string } => {
    const number = NUMBERS.find((rule) => rule.name === name);
    if (number) return { label: i18n._(number.label), theirs: i18n.number(shownOf(number, now[number.name])), mine: typed.numbers?.[number.name] ?? "" };
    const rule = SWITCHES.find((one) => one.name === name);
    if (rule) return { label: i18n._(rule.label), theirs: on(now[rule.name]), mine: on(typed.switches?.[rule.name]) };
    return { label: t`Categories`, theirs: now.allowed_categories.join(", "), mine: (typed.categories ?? "").split("\n").join(", ") };
  };
  return names.map((name) => {
    const { label, theirs, mine } = said(name);
    return (
      <div key={name} className="notice warn stack" role="alert">
        <span>
          <Trans>
            {label}: somebody else set it to “{theirs}” meanwhile, and you typed “{mine}”.
          </Trans>
        </span>
        <div className="row">
          <Button aria-label={t`${label}: keep theirs`} onPress={() => onSettle(name, false)}>
            <Trans>Keep theirs</Trans>
          </Button>
          <Button aria-label={t`${label}: use mine`} onPress={() => onSettle(name, true)}>
            <Trans>Use mine</Trans>
          </Button>
        </div>
      </div>
    );
  });
}
