// Who works here: everybody with role, tickets and what is missing, as the ledger proves it.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import type { StaffMember } from "sealdesk/views";

import { Problem } from "../kit/Problem.tsx";
import { TableHead } from "../kit/TableHead.tsx";
import { DeskButton } from "../offline/NeedsDesk.tsx";
import { useKnown } from "../people/known.ts";
import { Name } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import { AddPerson } from "./AddPerson.tsx";
import type { PartProps } from "./Admin.tsx";
import { useRoster } from "./asked.ts";
import { teamName } from "./goesOn.ts";
import { Person } from "./Person.tsx";
import { Roles } from "./Roles.tsx";
import { useWaits } from "./waiting.ts";

export function People({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { address: mine } = useOpened();
  const { data: roster, error, refetch } = useRoster();
  const [isAdding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<StaffMember | null>(null);
  const [arrived, setArrived] = useState<StaffMember | null>(null);
  const known = useKnown();
  const waits = useWaits(roster);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!roster) return <div className="bar-progress" role="progressbar" aria-label={t`Loading the team`} />;
  return (
    <>
      <p className="quiet">
        <Trans>Roles, states and keys are proven by the ledger. The list of agents is only the node’s claim.</Trans>
      </p>
      {mayChange && (
        <div className="row">
          <DeskButton kind="primary" onPress={() => setAdding(true)}>
            <UserPlus size={16} aria-hidden />
            <Trans>Add somebody</Trans>
          </DeskButton>
        </div>
      )}
      {mayChange &&
        roster
          .filter(({ address, active_keys, former, counts }) => waits.includes(address) && active_keys > 0 && !former && counts)
          .map((member) => (
            <div key={member.address} className="notice good" role="status">
              <span>
                <Trans>
                  <Name address={member.address} isStaff /> has a key now. You can give them access to tickets and the team’s documents.
                </Trans>
              </span>
              <div className="row">
                <DeskButton kind="primary" onPress={() => setArrived(member)}>
                  <Trans>Continue</Trans>
                </DeskButton>
              </div>
            </div>
          ))}
      <div className="sheet folds">
        <table>
          <TableHead names={[t`Who`, t`Role`, t`Tickets in progress`, t`State`]} numbers={[t`Tickets in progress`]} acts={t`Change`} />
          <tbody>
            {roster.map((member) => (
              <tr key={member.address}>
                <td data-label={t`Who`}>
                  <span>
                    <Name address={member.address} isStaff />
                  </span>
                </td>
                <td data-label={t`Role`}>{member.former ? "" : member.role === "administrator" ? t`Administrator` : t`Support agent`}</td>
                <td data-label={t`Tickets in progress`} className="number">
                  {member.tickets}
                </td>
                <td data-label={t`State`}>
                  <State member={member} />
                </td>
                <td className="acts">
                  {mayChange && member.address !== mine && (
                    <DeskButton onPress={() => setChosen(member)}>
                      <Trans>Change</Trans>
                    </DeskButton>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Roles />
      {isAdding && <AddPerson onClose={() => setAdding(false)} />}
      {arrived && (
        <AddPerson
          goesOn
          known={{ name: teamName(known.get(arrived.address)), called: known.get(arrived.address)?.name ?? "", address: arrived.address, role: arrived.role }}
          onClose={() => setArrived(null)}
        />
      )}
      {chosen && <Person member={chosen} roster={roster} onClose={() => setChosen(null)} />}
    </>
  );
}

/** Whether they can work, and else what is missing. */
export function State({ member }: { member: StaffMember }) {
  if (member.former) {
    return (
      <span>
        <Trans>No longer on the team</Trans>
        {member.active_keys > 0 && (
          <>
            {": "}
            <Plural value={member.active_keys} one="# of their keys still receives sealed messages" other="# of their keys still receive sealed messages" />
          </>
        )}
      </span>
    );
  }
  switch (member.idle) {
    case "suspended":
      return <Trans>Suspended: cannot do anything until an administrator restores them</Trans>;
    case "terminated":
      return <Trans>Ended for good</Trans>;
    case "not_staff":
      return <Trans>No longer on the team</Trans>;
    case "no_key":
      return <Trans>No key yet: ask them to open this desk and, if it asks, to press “Publish my key”</Trans>;
    case null:
      return member.counts ? (
        <Trans>Active</Trans>
      ) : (
        <span>
          <Trans>
            Appointed by <Name address={member.appointed_by ?? ""} isStaff />, who is no longer an administrator: add them again
          </Trans>
        </span>
      );
  }
}
