// What can be changed about somebody on the team, each with what follows from it.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { StaffMember } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { PublicWords } from "../kit/PublicWords.tsx";
import { Problem } from "../kit/Problem.tsx";
import { useNames } from "../people/names.tsx";
import { useKnown } from "../people/known.ts";
import { AddPerson } from "./AddPerson.tsx";
import { changed } from "./asked.ts";
import { teamName } from "./goesOn.ts";
import { HandOver } from "./HandOver.tsx";
import { Leave } from "./Leave.tsx";

interface PersonProps {
  member: StaffMember;
  roster: StaffMember[];
  onClose(): void;
}

type Act = "again" | "hand-over" | "leave" | "suspend" | "restore" | "end";

export function Person({ member, roster, onClose }: PersonProps) {
  const { t } = useLingui();
  const names = useNames();
  const known = useKnown().get(member.address);
  const [act, setAct] = useState<Act | null>(null);
  const name = names(member.address, true);
  const isAdministrator = member.role === "administrator";
  switch (act) {
    case "again":
      return <AddPerson known={{ name: teamName(known), called: known?.name ?? "", address: member.address, role: member.role }} onClose={onClose} />;
    case "hand-over":
      return <HandOver member={member} roster={roster} onClose={onClose} />;
    case "leave":
      return <Leave member={member} roster={roster} onClose={onClose} />;
    case "suspend":
    case "restore":
    case "end":
      return <Account member={member} act={act} onClose={onClose} />;
    case null:
      break;
  }
  const acts: { id: Act; label: string; follows: string; isThere: boolean }[] = [
    {
      id: "hand-over",
      label: t`Hand their tickets over`,
      follows: t`Someone else gets their tickets in progress and can read all of each. They stay on the team.`,
      isThere: member.tickets > 0 && !member.former,
    },
    {
      id: "again",
      label: t`Add again`,
      follows: t`Appoints them with your signature if it is missing, opens what they cannot open yet, and seals the team’s documents for them.`,
      isThere: !member.counts || member.active_keys > 0 || member.idle === "no_key",
    },
    {
      id: "suspend",
      label: t`Suspend`,
      follows: t`They cannot do anything until someone restores them. What they could read, they can still read.`,
      isThere: !isAdministrator && !member.former && member.state === "active",
    },
    { id: "restore", label: t`Restore`, follows: t`They may work again, as before.`, isThere: member.state === "suspended" },
    {
      id: "end",
      label: t`End the account for good`,
      follows: t`The account never acts again, and nobody can undo that. Possible a day after it was suspended.`,
      isThere: member.state === "suspended",
    },
    {
      id: "leave",
      label: member.former ? t`Do the rest` : isAdministrator ? t`Vote to remove them from the team` : t`Remove them from the team`,
      follows: member.former
        ? t`Their keys are revoked, what depended on them is renewed, and their tickets go to the person you choose.`
        : isAdministrator
        ? t`More than half of the administrators have to vote for it. Then keys and tickets follow.`
        : t`They lose their role, their keys are revoked, what depended on them is renewed, and their tickets go to the person you choose.`,
      isThere: true,
    },
  ];
  return (
    <Ask title={<bdi>{name}</bdi>} isOpen onClose={onClose}>
      <ul className="acts-list">
        {acts
          .filter(({ isThere }) => isThere)
          .map(({ id, label, follows }) => (
            <li key={id}>
              <Button wide onPress={() => setAct(id)}>
                {label}
              </Button>
              <span className="quiet small">{follows}</span>
            </li>
          ))}
      </ul>
      <div className="row end">
        <Button onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </Ask>
  );
}

const STATES = { suspend: "suspended", restore: "active", end: "terminated" } as const;

function Account({ member, act, onClose }: { member: StaffMember; act: "suspend" | "restore" | "end"; onClose(): void }) {
  const { t } = useLingui();
  const names = useNames();
  const told = useTold();
  const [reason, setReason] = useState("");
  const name = names(member.address, true);
  const change = useMutation({
    mutationFn: () => door.setAccountState(member.address, STATES[act], reason.trim()),
    async onSuccess(done) {
      told(done, { suspend: t`${name} is suspended.`, restore: t`${name} may work again.`, end: t`The account of ${name} has ended.` }[act]);
      await changed();
      onClose();
    },
  });
  const title = { suspend: t`Suspend ${name}?`, restore: t`Restore ${name}?`, end: t`End the account of ${name} for good?` }[act];
  return (
    <Ask title={title} isOpen onClose={onClose}>
      <PublicWords label={t`Why, in a few words`} value={reason} onChange={setReason} autoFocus />
      {change.error && <Problem error={change.error} />}
      <AskEnd isGrave={act === "end"} onClose={onClose} onDo={() => change.mutate()} isBusy={change.isPending}>
        {{ suspend: t`Suspend`, restore: t`Restore`, end: t`End it` }[act]}
      </AskEnd>
    </Ask>
  );
}
