// Passing on what somebody has in work.
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { PassedOn, StaffMember } from "sealdesk/views";

import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useNames } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import { changed } from "./asked.ts";
import { Going } from "./Going.tsx";
import { type Step, Steps } from "./Steps.tsx";

interface HandOverProps {
  member: StaffMember;
  roster: StaffMember[];
  onClose(): void;
}

/** Those who can get somebody's tickets. */
export function useReceivers(roster: StaffMember[], from: string): { id: string; label: string }[] {
  const { t } = useLingui();
  const { address: mine } = useOpened();
  const names = useNames();
  return roster
    .filter(({ address, idle }) => address !== from && idle === null)
    .map(({ address }) => ({ id: address, label: address === mine ? t`Me` : names(address, true) }));
}

export function HandOver({ member, roster, onClose }: HandOverProps) {
  const { t } = useLingui();
  const names = useNames();
  const receivers = useReceivers(roster, member.address);
  const [to, setTo] = useState<string | null>(null);
  const pass = useMutation({ mutationFn: (to: string) => door.reassign(member.address, to), onSettled: changed });
  const steps = usePassedSteps(pass.data ?? null);
  const name = names(member.address, true);
  return (
    <Ask title={t`Who gets the tickets of ${name}?`} isOpen onClose={() => !pass.isPending && onClose()}>
      <Choices label={t`Who gets them`} choices={receivers} value={to} onChange={setTo} />
      <p className="quiet small">
        <Trans>Each ticket is assigned and opened in its own transaction. You can stop this and run it again: finished tickets are left alone.</Trans>
      </p>
      <Going isBusy={pass.isPending} />
      <Steps steps={steps} />
      {pass.error && <Problem error={pass.error} />}
      {pass.data ? (
        <div className="row end">
          <Button kind="primary" onPress={onClose}>
            <Trans>Close</Trans>
          </Button>
        </div>
      ) : (
        <AskEnd onClose={onClose} onDo={() => to !== null && pass.mutate(to)} isBusy={pass.isPending} isDisabled={to === null}>
          <Trans>Hand over</Trans>
        </AskEnd>
      )}
    </Ask>
  );
}

/** What came of passing tickets on. */
export function usePassedSteps(passed: PassedOn | null): Step[] {
  const { t } = useLingui();
  if (!passed) return [];
  const steps: Step[] = [];
  const count = passed.passed.length + passed.helps.length;
  steps.push({ id: "passed", isGood: passed.left?.length === 0, text: plural(count, { one: "# ticket was handed over", other: "# tickets were handed over" }) });
  if (passed.left === null) steps.push({ id: "left", isGood: false, text: t`The remaining tickets could not be checked. Try again.` });
  else if (passed.left.length > 0) steps.push({ id: "left", isGood: false, text: t`Still with them: ${passed.left.join(", ")}` });
  for (const [ticket, why] of passed.failed) steps.push({ id: ticket, isGood: false, text: `${ticket}: ${why}` });
  if (passed.doubtful > 0) steps.push({ id: "doubtful", isGood: false, text: plural(passed.doubtful, { one: "# text was left out: it was written for a different ticket", other: "# texts were left out: they were written for a different ticket" }) });
  if (passed.unproven > 0) steps.push({ id: "unproven", isGood: false, text: plural(passed.unproven, { one: "# transaction is only claimed by the node", other: "# transactions are only claimed by the node" }) });
  if (passed.stopped !== null) steps.push({ id: "stopped", isGood: false, text: t`Stopped early: ${passed.stopped}` });
  return steps;
}
