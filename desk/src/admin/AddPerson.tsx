// Taking somebody onto the team: one form, one progress, and at the end what the ledger proves.
import { plural } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import type { Added, StaffRole } from "../../worker/admin.ts";
import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Button, Field } from "../kit/controls.tsx";
import { Problem, wordsOf } from "../kit/Problem.tsx";
import { DeskEnd } from "../offline/NeedsDesk.tsx";
import { NoteLine } from "../people/NoteLine.tsx";
import { adminKeys, changed } from "./asked.ts";
import { hasRole, mayGoOn } from "./goesOn.ts";
import { Going } from "./Going.tsx";
import { type Step, Steps } from "./Steps.tsx";
import { setWaits } from "./waiting.ts";

interface AddPersonProps {
  onClose(): void;
  /** Where this is done again for somebody: what the team calls them, or nothing, and what they are called here. */
  known?: { name: string; called: string; address: string; role: StaffRole };
  /** Whether it goes on by itself: their key is there now. */
  goesOn?: boolean;
}

export function AddPerson({ onClose, known, goesOn = false }: AddPersonProps) {
  const { t } = useLingui();
  const [name, setName] = useState(known?.name ?? "");
  const [address, setAddress] = useState(known?.address ?? "");
  const [role, setRole] = useState<StaffRole>(known?.role ?? "support_agent");
  const [fault, setFault] = useState<string>();
  const add = useMutation({
    // What goes on by itself lets in, and appoints and names nobody: somebody may have taken the role away meanwhile.
    mutationFn: ({ isPressed }: { isPressed: boolean }) => {
      const person = { address: address.trim(), role };
      return isPressed ? door.addStaff({ name: name.trim() || null, ...person }) : door.letInStaff(person);
    },
    onSuccess: ({ vote, standing }) => setWaits(address.trim(), vote?.vote_applied !== false && hasRole(role, standing) && standing.active_keys === 0),
    onSettled: changed,
  });
  const go = async () => {
    const found = await door.nameFault(name);
    setFault(found === null ? undefined : wordsOf(new Error(found)));
    if (found === null) add.mutate({ isPressed: true });
  };
  // Once: what is done by itself is not done again and again where it comes to nothing.
  const hasGoneOn = useRef(false);
  const goOn = () => {
    if (hasGoneOn.current) return;
    hasGoneOn.current = true;
    add.mutate({ isPressed: false });
  };
  useEffect(() => {
    if (goesOn) goOn();
    // Only as it is opened.
  }, []);
  if (add.data) {
    const called = name.trim() || known?.called || address.trim();
    return <Result added={add.data} name={called} role={role} onClose={onClose} address={address.trim()} onAgain={() => add.mutate({ isPressed: true })} onKey={goOn} />;
  }
  return (
    <Ask title={t`Add somebody to the team`} isOpen onClose={() => !add.isPending && onClose()}>
      <Field label={t`Name in the desk book`} value={name} onChange={setName} maxLength={64} problem={fault} autoFocus isReadOnly={add.isPending} />
      <Field
        label={t`Their address`}
        hint={t`They open this desk, press “Start”, and find it in their settings, under “You”. Have them read it to you rather than mail it.`}
        value={address}
        onChange={setAddress}
        isReadOnly={add.isPending}
      />
      <Choices<StaffRole>
        label={t`Role`}
        choices={[
          { id: "support_agent", label: t`Support agent` },
          { id: "administrator", label: t`Administrator` },
        ]}
        value={role}
        onChange={setRole}
      />
      <p className="quiet small">
        {role === "administrator" ? (
          <Trans>
            They can read every ticket, vote on who is an administrator, and change everything here. More than half of the administrators have to vote for it. What they have read cannot be taken back.
          </Trans>
        ) : (
          <Trans>
            They can read the team’s documents and the tickets assigned to them; if the queue is open, unassigned tickets too. You sign their appointment.
          </Trans>
        )}
      </p>
      <Going isBusy={add.isPending} />
      {add.error && <Problem error={add.error} />}
      <AskEnd onClose={onClose} onDo={() => void go()} isBusy={add.isPending} isDisabled={name.trim() === "" || address.trim() === ""}>
        <Trans>Add them</Trans>
      </AskEnd>
    </Ask>
  );
}

interface ResultProps {
  added: Added;
  name: string;
  address: string;
  role: StaffRole;
  onClose(): void;
  onAgain(): void;
  /** Their key is there, which was missing. */
  onKey(): void;
}

function Result({ added, name, address, role, onClose, onAgain, onKey }: ResultProps) {
  const { t } = useLingui();
  const { vote, letIn, standing, without, notes } = added;
  const isAppointed = hasRole(role, standing);
  const isVote = vote?.vote_applied === false && vote.proven;
  const waits = !isVote && isAppointed && standing.active_keys === 0;
  const { data: now } = useQuery({ queryKey: adminKeys.standing(address), queryFn: () => door.standing(address), enabled: waits, staleTime: 0, gcTime: 0 });
  const hasKeyNow = waits && now !== undefined && mayGoOn(role, now);
  useEffect(() => {
    if (hasKeyNow) onKey();
  }, [hasKeyNow]);
  const steps: Step[] = [];
  if (isVote && vote.votes) {
    const [given, members] = vote.votes;
    steps.push({ id: "vote", isGood: true, text: t`Your vote was counted: ${given} of ${members} administrators so far. Once it is decided, add them again, to open tickets for them.` });
  } else {
    steps.push({ id: "role", isGood: isAppointed, text: isAppointed ? t`${name} has the role, with a valid signature` : t`No valid signature gives ${name} the role` });
    const hasKey = standing.active_keys > 0;
    if (!hasKey) steps.push({ id: "key", isGood: false, text: t`They have no key yet, so nothing can be opened for them. Ask them to open this desk and, if it asks, to press “Publish my key”. Leave this open, and the rest follows automatically.` });
    if (letIn) {
      steps.push({ id: "open", isGood: letIn.whole, text: t`They can open ${letIn.opens} of ${letIn.messages} messages, in ${plural(letIn.tickets, { one: "# ticket", other: "# tickets" })}` });
      for (const [ticket, why] of letIn.refused) steps.push({ id: ticket, isGood: false, text: `${ticket}: ${why}` });
      if (letIn.stopped !== null) steps.push({ id: "stopped", isGood: false, text: t`Stopped early: ${letIn.stopped}. Add them again to continue.` });
    }
    if (hasKey) {
      steps.push({
        id: "documents",
        isGood: without.length === 0,
        text: without.length === 0 ? t`The team’s documents are sealed for them` : t`Not sealed for them: ${without.join(", ")}`,
      });
    }
  }
  const said = new Map(notes.map((note) => [note.text, note]));
  for (const [id, note] of said) steps.push({ id, isGood: true, text: <NoteLine note={note} /> });
  const isWhole = steps.every(({ isGood }) => isGood);
  return (
    <Ask title={isVote ? t`Your vote was cast` : isWhole ? t`${name} is on the team` : t`Not everything is done`} isOpen onClose={onClose}>
      <Steps steps={steps} />
      <div className="row end">
        {!isWhole && (
          <DeskEnd onPress={onAgain}>
            <Trans>Try again</Trans>
          </DeskEnd>
        )}
        <Button kind="primary" onPress={onClose}>
          <Trans>Close</Trans>
        </Button>
      </div>
    </Ask>
  );
}
