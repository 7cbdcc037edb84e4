// What everybody may read of this desk: when it works, what it promises, and how it looks.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import type { DocumentInfo } from "sealdesk/views";

import { door } from "../../door.ts";
import { Problem } from "../../kit/Problem.tsx";
import { TableHead } from "../../kit/TableHead.tsx";
import { When } from "../../kit/When.tsx";
import { DeskButton } from "../../offline/NeedsDesk.tsx";
import { Name } from "../../people/names.tsx";
import type { PartProps } from "../Admin.tsx";
import { adminKeys } from "../asked.ts";
import { typedIn } from "../formDrafts.ts";
import { Editor } from "./Editor.tsx";

/** Documents that have a form here. */
const FORMS = ["office-hours", "sla", "desk"];

/** Of which documents somebody typed something here that they did not publish. */
const useTypedNames = (documents: DocumentInfo[]) => {
  const names = [...new Set([...FORMS, ...documents.map(({ name }) => name)])];
  return useQuery({
    queryKey: [...adminKeys.documents, "typed", names],
    queryFn: () => typedIn(names),
    staleTime: 0,
    gcTime: 0,
  });
};

export function Documents({ mayChange }: PartProps) {
  const navigate = useNavigate();
  const { name } = useParams({ strict: false }) as { name?: string };
  if (name === undefined) return <All mayChange={mayChange} />;
  return <Editor key={name} name={name} mayChange={mayChange} onClose={() => void navigate({ to: "/admin/$part", params: { part: "documents" } })} />;
}

function All({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({ queryKey: adminKeys.documents, queryFn: () => door.documents("public") });
  const navigate = useNavigate();
  const { data: typed = [] } = useTypedNames(data?.documents ?? []);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className="bar-progress" role="progressbar" aria-label={t`Loading documents`} />;
  const known: { name: string; label: string; about: string }[] = [
    { name: "office-hours", label: t`Office hours`, about: t`When the clocks of your promises run, with holidays and time zone.` },
    { name: "sla", label: t`Targets`, about: t`How soon you promise a reply and a resolution. Whether you kept each is provable.` },
    { name: "desk", label: t`Name and colour`, about: t`The desk’s name on this page, and its accent colour.` },
  ];
  const others = data.documents.filter(({ name }) => known.every((one) => one.name !== name));
  const rows = [...known, ...others.map(({ name }) => ({ name, label: name, about: name === "page" ? t`The files that make up this page, with hashes.` : "" }))];
  const infoOf = (name: string): DocumentInfo | undefined => data.documents.find((info) => info.name === name);
  return (
    <>
      <p className="quiet">
        <Trans>Everybody can read these, and each of them is proven. Earlier versions of office hours and targets stay: a ticket keeps what was promised when its clock began.</Trans>
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
                  <span>
                    <Written info={infoOf(name)} />
                    {typed.includes(name) && (
                      <>
                        {" "}
                        <span className="tag waiting">
                          <Trans>typed, not published</Trans>
                        </span>
                      </>
                    )}
                  </span>
                </td>
                <td className="acts">
                  <DeskButton onPress={() => void navigate({ to: "/admin/$part/$name", params: { part: "documents", name } })}>{!mayChange ? <Trans>Show</Trans> : infoOf(name) ? <Trans>Change</Trans> : <Trans>Write it</Trans>}</DeskButton>
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
