// What everybody may read of this desk: when it works, what it promises, and how it looks.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { DocumentInfo } from "sealdesk/views";

import { door } from "../../door.ts";
import { Problem } from "../../kit/Problem.tsx";
import { TableHead } from "../../kit/TableHead.tsx";
import { When } from "../../kit/When.tsx";
import { DeskButton } from "../../offline/NeedsDesk.tsx";
import { Name } from "../../people/names.tsx";
import type { PartProps } from "../Admin.tsx";
import { adminKeys } from "../asked.ts";
import { Editor } from "./Editor.tsx";

export function Documents({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({ queryKey: adminKeys.documents, queryFn: () => door.documents("public") });
  const [chosen, setChosen] = useState<string | null>(null);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className="bar-progress" role="progressbar" aria-label={t`Looking for documents`} />;
  if (chosen !== null) return <Editor name={chosen} mayChange={mayChange} onClose={() => setChosen(null)} />;
  const known: { name: string; label: string; about: string }[] = [
    { name: "office-hours", label: t`Office hours`, about: t`When the clocks of your promises run, with holidays and time zone.` },
    { name: "sla", label: t`Targets`, about: t`How soon you promise an answer and a solution. What became of each is provable.` },
    { name: "desk", label: t`Name and colour`, about: t`What this page calls the desk, and its accent.` },
  ];
  const others = data.documents.filter(({ name }) => known.every((one) => one.name !== name));
  const rows = [...known, ...others.map(({ name }) => ({ name, label: name, about: name === "page" ? t`What this page consists of: files and hashes.` : "" }))];
  const infoOf = (name: string): DocumentInfo | undefined => data.documents.find((info) => info.name === name);
  return (
    <>
      <p className="quiet">
        <Trans>Everybody may read these, and each of them is proven. Of office hours and targets earlier versions stay: a ticket keeps what was promised when its clock began.</Trans>
      </p>
      <div className="sheet folds">
        <table>
          <TableHead names={[t`Document`, t`Written`]} acts={t`Change`} />
          <tbody>
            {rows.map(({ name, label, about }) => (
              <tr key={name}>
                <th scope="row">
                  {label}
                  <br />
                  <span className="quiet small about-document">{about}</span>
                </th>
                <td data-label={t`Written`}>
                  <Written info={infoOf(name)} />
                </td>
                <td className="acts">
                  <DeskButton onPress={() => setChosen(name)}>{!mayChange ? <Trans>Show</Trans> : infoOf(name) ? <Trans>Change</Trans> : <Trans>Write it</Trans>}</DeskButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.missing > 0 && (
        <div className="notice warn">
          <Trans>The ledger proves that there are {data.missing} more, which this node does not name.</Trans>
        </div>
      )}
    </>
  );
}

function Written({ info }: { info: DocumentInfo | undefined }) {
  if (!info) {
    return (
      <span className="quiet">
        <Trans>not yet</Trans>
      </span>
    );
  }
  return (
    <span>
      <When at={info.updated_at} />, <Name address={info.updated_by} isStaff />
    </span>
  );
}
