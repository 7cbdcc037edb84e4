// The circle: who the administrators are, by whose votes, and which votes are open.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { OpenVote } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { TableHead } from "../kit/TableHead.tsx";
import { useToast } from "../kit/toast.tsx";
import { DeskButton } from "../offline/NeedsDesk.tsx";
import { Name, useNames } from "../people/names.tsx";
import { useOpened } from "../session/session.tsx";
import type { PartProps } from "./Admin.tsx";
import { changed, useCircle } from "./asked.ts";
import { Print } from "./Print.tsx";

/** What is voted on: somebody who would join or leave. */
interface Ballot {
  address: string;
  removes: boolean;
}

export function Administrators({ mayChange }: PartProps) {
  const { t } = useLingui();
  const { address: mine } = useOpened();
  const { data: circle, error, refetch } = useCircle();
  const [ballot, setBallot] = useState<Ballot | null>(null);
  const [isProposing, setProposing] = useState(false);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!circle) return <div className="bar-progress" role="progressbar" aria-label={t`Following the votes`} />;
  const count = circle.members.length;
  return (
    <>
      <p className="quiet">
        <Trans>
          Administrators read every ticket. Only their own votes decide who is one: more than half of them must agree to add or remove someone. This page has followed every vote since it first opened this desk.
        </Trans>
      </p>
      {count < 3 && (
        <div className="notice warn">
          {count === 1 ? (
            <Trans>There is one administrator. Anyone with that key controls the desk, and if it is lost, nobody can open old tickets. It is safer to have three.</Trans>
          ) : (
            <Trans>There are two administrators. The one who joined first can remove the other. It is safer to have three.</Trans>
          )}
        </div>
      )}
      <div className="sheet folds">
        <table>
          <TableHead names={[t`Who`, t`Since`]} acts={t`Change`} />
          <tbody>
            {circle.members.map(({ address, since }) => (
              <tr key={address}>
                <td data-label={t`Who`}>
                  <span>
                    <Name address={address} isStaff />
                  </span>
                </td>
                <td data-label={t`Since`}>{since === 0 ? <Trans>the beginning</Trans> : <Trans>change {since}</Trans>}</td>
                <td className="acts">
                  {mayChange && address !== mine && (
                    <DeskButton onPress={() => setBallot({ address, removes: true })}>
                      <Trans>Vote to remove</Trans>
                    </DeskButton>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {mayChange && (
        <div className="row">
          <DeskButton onPress={() => setProposing(true)}>
            <Trans>Propose somebody</Trans>
          </DeskButton>
        </div>
      )}
      <Votes votes={circle.votes} mine={mine} mayChange={mayChange} onVote={setBallot} />
      <section className="stack" aria-labelledby="print">
        <h2 id="print">
          <Trans>Fingerprint</Trans>
        </h2>
        <p className="quiet small">
          <Plural
            value={circle.position}
            one="Of exactly these people, after # change. Compare it with a colleague: if you both see the same, you see the same administrators."
            other="Of exactly these people, after # changes. Compare it with a colleague: if you both see the same, you see the same administrators."
          />
        </p>
        <Print hex={circle.fingerprint} />
      </section>
      {isProposing && (
        <Propose
          onClose={() => setProposing(false)}
          onPropose={(address) => {
            setProposing(false);
            setBallot({ address, removes: false });
          }}
        />
      )}
      {ballot && <Vote ballot={ballot} members={count} onClose={() => setBallot(null)} />}
    </>
  );
}

interface VotesProps {
  votes: OpenVote[];
  mine: string;
  mayChange: boolean;
  onVote(ballot: Ballot): void;
}

function Votes({ votes, mine, mayChange, onVote }: VotesProps) {
  return (
    <section className="stack" aria-labelledby="votes">
      <h2 id="votes">
        <Trans>Open votes</Trans>
      </h2>
      {votes.length === 0 && (
        <p className="quiet">
          <Trans>None. An undecided vote ends after 60 days, or with the next change.</Trans>
        </p>
      )}
      <ul className="stack">
        {votes.map((vote) => (
          <li key={`${vote.removes} ${vote.address}`} className="notice">
            <strong>
              {vote.removes ? (
                <Trans>
                  Remove <Name address={vote.address} isStaff />
                </Trans>
              ) : (
                <Trans>
                  Add <Name address={vote.address} isStaff />
                </Trans>
              )}
            </strong>
            <span className="small">
              <Trans>
                {vote.voters.length} of {vote.members} have voted for it:
              </Trans>{" "}
              {vote.voters.map((voter, n) => (
                <span key={voter}>
                  {n > 0 && ", "}
                  <Name address={voter} isStaff />
                </span>
              ))}
            </span>
            {mayChange && !vote.voters.includes(mine) && vote.address !== mine && (
              <div className="row">
                <DeskButton onPress={() => onVote(vote)}>
                  <Trans>Vote for it</Trans>
                </DeskButton>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Propose({ onClose, onPropose }: { onClose(): void; onPropose(address: string): void }) {
  const { t } = useLingui();
  const [address, setAddress] = useState("");
  return (
    <Ask title={t`Who should become an administrator?`} isOpen onClose={onClose}>
      <Field
        label={t`Their address`}
        hint={t`They open this desk, start, and find it in their settings. Compare it with them, but not by e-mail.`}
        value={address}
        onChange={setAddress}
        autoFocus
      />
      <AskEnd onClose={onClose} onDo={() => onPropose(address.trim())} isBusy={address.trim() === ""}>
        <Trans>Continue</Trans>
      </AskEnd>
    </Ask>
  );
}

function Vote({ ballot, members, onClose }: { ballot: Ballot; members: number; onClose(): void }) {
  const { t } = useLingui();
  const names = useNames();
  const told = useTold();
  const toast = useToast();
  const name = names(ballot.address, true);
  const vote = useMutation({
    mutationFn: () => door.voteOn(ballot.address, ballot.removes),
    async onSuccess(done) {
      if (told(done)) {
        const decided = ballot.removes ? t`${name} is no longer an administrator.` : t`${name} is an administrator now.`;
        toast(done.vote_applied ? decided : t`Your vote was cast. It is not decided yet.`);
      }
      await changed();
      onClose();
    },
  });
  const needed = Math.floor(members / 2) + 1;
  return (
    <Ask title={ballot.removes ? t`Vote to remove ${name}?` : t`Vote to add ${name}?`} isOpen onClose={onClose}>
      <code className="about-address">{ballot.address}</code>
      <p className="small">
        {ballot.removes ? (
          <Trans>Once it is decided, nothing new is sealed for them. What they could read, they can still read.</Trans>
        ) : (
          <Trans>Once it is decided, they can read every new ticket and vote like you. Compare the address with them first.</Trans>
        )}
      </p>
      <p className="quiet small">
        <Trans>
          Your vote counts only for the administrators as they are now. {needed} of {members} votes decide.
        </Trans>
      </p>
      {vote.error && <Problem error={vote.error} />}
      <AskEnd onClose={onClose} onDo={() => vote.mutate()} isBusy={vote.isPending}>
        {vote.isPending ? <Trans>Signing…</Trans> : <Trans>Sign and vote</Trans>}
      </AskEnd>
    </Ask>
  );
}
