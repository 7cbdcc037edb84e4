// Keys: for which ones things are sealed, one's own and those of the team, with what each fingerprint is for.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AccountKey } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { TableHead } from "../kit/TableHead.tsx";
import { When } from "../kit/When.tsx";
import { DeskButton, useReaching } from "../offline/NeedsDesk.tsx";
import { useNames } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import type { PartProps } from "./Admin.tsx";
import { adminKeys, changed, useCircle, useRoster } from "./asked.ts";
import { Print } from "./Print.tsx";

const OTHER = "other";

export function Keys({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { address: mine } = useOpened();
  const names = useNames();
  const { data: roster = [] } = useRoster();
  const [who, setWho] = useState(mine);
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  const reaching = useReaching();
  const team = roster.map(({ address }) => address).filter((address) => address !== mine);
  const choices = [
    { id: mine, label: t`Me` },
    ...team.map((address) => ({ id: address, label: names(address, true) })),
    { id: OTHER, label: t`Somebody else, by address` },
  ];
  const owner = who === OTHER ? asked : who;
  return (
    <>
      <p className="quiet">
        <Trans>A message to a person is sealed for their keys that are in use. Each key counts only with its owner’s signature.</Trans>
      </p>
      <Choices label={t`Whose keys`} choices={choices} value={who} onChange={setWho} />
      {who === OTHER && (
        <form className="row" onSubmit={(event) => (event.preventDefault(), reaching(() => setAsked(typed.trim())))}>
          <Field label={t`Their address`} value={typed} onChange={setTyped} />
          <DeskButton type="submit" isDisabled={typed.trim() === ""}>
            <Trans>Look up</Trans>
          </DeskButton>
        </form>
      )}
      {owner !== "" && <KeysOf key={owner} owner={owner} isMine={owner === mine} mayChange={mayChange || owner === mine} />}
    </>
  );
}

function KeysOf({ owner, isMine, mayChange }: { owner: string; isMine: boolean; mayChange: boolean }) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery({ queryKey: adminKeys.keys(owner), queryFn: () => door.accountKeys(owner) });
  const { data: circle } = useCircle();
  const [chosen, setChosen] = useState<AccountKey | null>(null);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <div className="bar-progress" role="progressbar" aria-label={t`Loading keys`} />;
  if (data.length === 0) {
    return (
      <div className="empty">
        <strong>
          <Trans>No key yet</Trans>
        </strong>
        <span>
          <Trans>A person’s key is published with the first thing they write or do here, or when they open this desk as a member of the team. Nothing can be sealed for them before that.</Trans>
        </span>
      </div>
    );
  }
  const foreign = isMine ? data.filter((key) => !key.own && key.revoked_at === null) : [];
  const inCircle = circle?.members.some(({ address }) => address === owner) ?? false;
  return (
    <>
      {foreign.length > 0 && (
        <div className="notice bad" role="alert">
          <strong>
            <Trans>Your account has a key that your phrase did not make.</Trans>
          </strong>
          <Trans>Anyone with this key can read what is sealed for you. Revoke it unless you know whose it is.</Trans>
        </div>
      )}
      <div className="sheet folds">
        <table>
          <TableHead names={[t`Key`, t`Fingerprint`, t`In use`]} acts={t`Change`} />
          <tbody>
            {data.map((key) => (
              <tr key={key.version}>
                <td data-label={t`Key`}>
                  <span>
                    <Trans>Number {key.version}</Trans>
                    {key.label !== "" && <bdi className="quiet"> · {key.label}</bdi>}
                    {isMine && !key.own && (
                      <>
                        {" "}
                        <span className="tag high">
                          <Trans>not from your phrase</Trans>
                        </span>
                      </>
                    )}
                  </span>
                </td>
                <td data-label={t`Fingerprint`}>
                  <Print hex={key.fingerprint} />
                </td>
                <td data-label={t`In use`}>
                  <span>
                    {key.revoked_at === null ? <Trans>yes, since</Trans> : <Trans>no, revoked</Trans>} <When at={key.revoked_at ?? key.registered_at} />
                  </span>
                </td>
                <td className="acts">
                  {/* Only they themselves revoke an administrator's key. */}
                  {mayChange && key.revoked_at === null && (isMine || !inCircle) && (
                    <DeskButton onPress={() => setChosen(key)}>
                      <Trans>Revoke</Trans>
                    </DeskButton>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen && <Revoke owner={owner} isMine={isMine} chosen={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}

function Revoke({ owner, isMine, chosen, onClose }: { owner: string; isMine: boolean; chosen: AccountKey; onClose(): void }) {
  const { t } = useLingui();
  const told = useTold();
  const revoke = useMutation({
    mutationFn: () => door.revokeKey(owner, chosen.fingerprint),
    async onSuccess(done) {
      told(done, t`The key is revoked.`);
      await changed();
      onClose();
    },
  });
  return (
    <Ask title={t`Revoke this key?`} isOpen onClose={onClose}>
      <Print hex={chosen.fingerprint} />
      <p className="small">
        {isMine ? (
          <Trans>Nothing new is sealed for this key, and nobody can undo that. You can still read what was sealed before. The next thing you do publishes another key.</Trans>
        ) : (
          <Trans>Nothing new is sealed for this key, and nobody can undo that. What was sealed for it before can still be read with it.</Trans>
        )}
      </p>
      {revoke.error && <Problem error={revoke.error} />}
      <AskEnd isGrave onClose={onClose} onDo={() => revoke.mutate()} isBusy={revoke.isPending}>
        <Trans>Revoke it</Trans>
      </AskEnd>
    </Ask>
  );
}
