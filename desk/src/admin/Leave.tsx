// Taking somebody off the team: what they hold first, then role, keys, what rested on them, and their tickets.
import { plural } from "@lingui/core/macro";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";
import type { Holding, StaffMember } from "sealdesk/views";

import type { Removed } from "../../worker/admin.ts";
import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Button } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { DeskEnd } from "../offline/NeedsDesk.tsx";
import { NoteLine } from "../people/NoteLine.tsx";
import { useNames } from "../people/names.tsx";
import { adminKeys, changed } from "./asked.ts";
import { Going } from "./Going.tsx";
import { usePassedSteps, useReceivers } from "./HandOver.tsx";
import { type Step, Steps } from "./Steps.tsx";
import { setWaits } from "./waiting.ts";

const NOBODY = "nobody";

interface LeaveProps {
  member: StaffMember;
  roster: StaffMember[];
  onClose(): void;
}

export function Leave({ member, roster, onClose }: LeaveProps) {
  const { t } = useLingui();
  const names = useNames();
  const name = names(member.address, true);
  const held = useQuery({ queryKey: adminKeys.held(member.address), queryFn: () => door.held(member.address) });
  const receivers = [...useReceivers(roster, member.address), { id: NOBODY, label: t`Nobody yet` }];
  const [to, setTo] = useState<string | null>(null);
  // Nobody stays in somebody else's name who was not chosen.
  const [keep, setKeep] = useState<string[]>([]);
  const remove = useMutation({
    mutationFn: () => door.removeStaff({ address: member.address, role: member.role, to: to === NOBODY ? null : to, keep }),
    onSuccess: ({ vote }) => vote?.vote_applied === false ? undefined : setWaits(member.address, false),
    onSettled: changed,
  });
  if (remove.data) return <Result removed={remove.data} name={name} onClose={onClose} />;
  const needsWho = held.data !== undefined && held.data.assigned.length + held.data.helps.length > 0;
  return (
    <Ask title={member.former ? t`What ${name} left` : t`Remove ${name} from the team?`} isOpen onClose={() => !remove.isPending && onClose()}>
      {held.error && <Problem error={held.error} onRetry={() => void held.refetch()} />}
      {held.data && <Held held={held.data} />}
      {held.data && held.data.appointed.length > 0 && <Keep appointed={held.data.appointed} keep={keep} onChange={setKeep} />}
      {needsWho && <Choices label={t`Who gets their tickets`} choices={receivers} value={to} onChange={setTo} />}
      {member.role === "administrator" && (
        // As long as they are an administrator, what they granted counts: whom it alone lets in shows once it does not.
        <p className="quiet small">
          <Trans>
            People whose only access is a grant from them, such as customers who were given someone else’s ticket, are listed next, so you can give them access again. Until then, those grants count.
          </Trans>
        </p>
      )}
      <p className="quiet small">
        <Trans>
          They lose their role and keys, so nothing new can be opened by them. What was sealed for them before, they can open as long as they have their phrase.
        </Trans>
      </p>
      <Going isBusy={remove.isPending} />
      {remove.error && <Problem error={remove.error} />}
      <AskEnd isGrave onClose={onClose} onDo={() => remove.mutate()} isBusy={remove.isPending} isDisabled={!held.data || (needsWho && to === null)}>
        {member.former ? <Trans>Do the rest</Trans> : member.role === "administrator" ? <Trans>Vote for it</Trans> : <Trans>Remove them</Trans>}
      </AskEnd>
    </Ask>
  );
}

/** Whom they appointed: whoever stays is signed for anew, by whoever takes this person off. */
function Keep({ appointed, keep, onChange }: { appointed: string[]; keep: string[]; onChange(keep: string[]): void }) {
  return (
    <Boxes label={<Trans>They appointed these people. Choose who stays, signed by you.</Trans>} people={appointed} chosen={keep} onChange={onChange} />
  );
}

/** Whom nobody lets in by now into what they work on or own: what the leaver granted counts no more. */
function LetIn({ people }: { people: string[] }) {
  const [chosen, setChosen] = useState<string[]>([]);
  const renew = useMutation({ mutationFn: () => door.renewGrants(chosen), onSettled: changed });
  const left = renew.data ? [...new Set(renew.data.not_kept.map(([, who]) => who))] : people;
  if (left.length === 0) return null;
  return (
    <div className="stack">
      <Boxes
        label={<Trans>These people read nothing new in their tickets: they have no valid grant. Choose who gets access again, signed by you.</Trans>}
        people={left}
        chosen={chosen}
        onChange={setChosen}
      />
      {renew.data?.failed.map(([ticket, why]) => (
        <p key={ticket} className="small" dir="auto">
          {ticket}: {why}
        </p>
      ))}
      {renew.error && <Problem error={renew.error} />}
      <div className="row end">
        <DeskEnd onPress={() => renew.mutate()} isDisabled={renew.isPending || chosen.length === 0}>
          <Trans>Give them access</Trans>
        </DeskEnd>
      </div>
    </div>
  );
}

interface BoxesProps {
  label: ReactNode;
  people: string[];
  chosen: string[];
  onChange(chosen: string[]): void;
}

function Boxes({ label, people, chosen, onChange }: BoxesProps) {
  return (
    <CheckboxGroup className="checks" value={chosen} onChange={onChange}>
      <Label className="label">{label}</Label>
      {people.map((address) => (
        <Checkbox key={address} value={address} className="check">
          <span className="box" aria-hidden />
          <Who address={address} />
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
}

function Who({ address }: { address: string }) {
  const names = useNames();
  return (
    <span>
      <bdi>{names(address, true)}</bdi> <code className="small">{address}</code>
    </span>
  );
}

function Held({ held }: { held: Holding }) {
  return (
    <ul className="changes">
      <li>
        <Plural value={held.assigned.length} one="they have # ticket in progress" other="they have # tickets in progress" />
      </li>
      {held.helps.length > 0 && (
        <li>
          <Plural value={held.helps.length} one="they help with # ticket" other="they help with # tickets" />
        </li>
      )}
      {held.votes > 0 && (
        <li>
          <Plural value={held.votes} one="# of their open votes ends" other="# of their open votes end" />
        </li>
      )}
      {held.is_last_administrator && (
        <li>
          <Trans>They are the only administrator.</Trans>
        </li>
      )}
    </ul>
  );
}

function Result({ removed, name, onClose }: { removed: Removed; name: string; onClose(): void }) {
  const { t } = useLingui();
  const { vote, keys, appointed, renewed, standing, still, failures, notes } = removed;
  const passed = usePassedSteps(removed.passedOn);
  const isVote = vote?.vote_applied === false && vote.proven;
  const steps: Step[] = [];
  if (isVote && vote.votes) {
    const [given, members] = vote.votes;
    steps.push({ id: "vote", isGood: true, text: t`Your vote was counted: ${given} of ${members} administrators so far. Once it is decided, do this again for keys and tickets.` });
  } else {
    const isOff = !standing.in_circle && standing.role !== "support_agent";
    steps.push({ id: "role", isGood: isOff, text: isOff ? t`${name} is no longer on the team` : t`${name} is still on the team` });
    steps.push({ id: "keys", isGood: standing.active_keys === 0, text: standing.active_keys === 0 ? plural(keys, { one: "# key revoked, none is left", other: "# keys revoked, none is left" }) : plural(standing.active_keys, { one: "# key is still in use", other: "# keys are still in use" }) });
    if (appointed.length > 0) steps.push({ id: "appointed", isGood: true, text: plural(appointed.length, { one: "# agent appointed again, by you", other: "# agents appointed again, by you" }) });
    if (renewed && renewed.renewed > 0) steps.push({ id: "renewed", isGood: true, text: plural(renewed.renewed, { one: "# assignee given access again, by you", other: "# assignees given access again, by you" }) });
    for (const [ticket, why] of renewed?.failed ?? []) steps.push({ id: `renew ${ticket}`, isGood: false, text: `${ticket}: ${why}` });
    for (const who of removed.notAppointed) steps.push({ id: `not kept ${who}`, isGood: true, text: <Trans>Not appointed again: <Who address={who} /></Trans> });
    steps.push(...passed);
    const left = still.assigned.length;
    if (left > 0) steps.push({ id: "still", isGood: false, text: plural(left, { one: "# ticket still needs to be handed over.", other: "# tickets still need to be handed over." }) });
  }
  for (const failure of failures) steps.push({ id: failure, isGood: false, text: failure });
  for (const note of notes) steps.push({ id: note.text, isGood: true, text: <NoteLine note={note} /> });
  const isWhole = steps.every(({ isGood }) => isGood);
  return (
    <Ask title={isVote ? t`Your vote was cast` : isWhole ? t`${name} is off the team` : t`Not everything is done`} isOpen onClose={onClose}>
      <Steps steps={steps} />
      <LetIn people={[...new Set((renewed?.not_kept ?? []).map(([, who]) => who))]} />
      <div className="row end">
        <Button kind="primary" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </Ask>
  );
}
