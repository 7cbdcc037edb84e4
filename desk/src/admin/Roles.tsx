// What each role may do, in a few lines. docs/permissions.md has the whole table, made from the rules themselves.
import { Trans, useLingui } from "@lingui/react/macro";

import { TableHead } from "../kit/TableHead.tsx";

export function Roles() {
  const { t } = useLingui();
  const rows: { id: string; role: string; reads: string; may: string }[] = [
    {
      id: "customer",
      role: t`Customer`,
      reads: t`Their own tickets, without the team’s notes`,
      may: t`Write, reply to, close, reopen and rate their own tickets`,
    },
    {
      id: "support_agent",
      role: t`Support agent`,
      reads: t`Tickets that they have or help with; unassigned tickets if the queue is open; the team’s documents`,
      may: t`Reply to, note, start, resolve and prioritize their tickets, and wait for customers; write the team’s documents`,
    },
    {
      id: "administrator",
      role: t`Administrator`,
      reads: t`Every ticket from the day they join, and any that others open for them`,
      may: t`All of that in every ticket; assign, close, transfer; people, rules and public documents. Administrators are changed only by vote`,
    },
    {
      id: "gateway",
      role: t`Gateway`,
      reads: t`Nothing`,
      may: t`List customers, for programs that take in mail`,
    },
  ];
  return (
    <section className="stack" aria-labelledby="roles">
      <h2 id="roles">
        <Trans>What each role may do</Trans>
      </h2>
      <div className="sheet folds">
        <table>
          <TableHead names={[t`Role`, t`Reads`, t`May`]} />
          <tbody>
            {rows.map(({ id, role, reads, may }) => (
              <tr key={id}>
                <th scope="row">{role}</th>
                <td data-label={t`Reads`}>{reads}</td>
                <td data-label={t`May`}>{may}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
