// A ticket that support wrote down for somebody who called: who followed its link reads it, and asks for it to be theirs.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";

import type { Claimed } from "../../worker/caller.ts";
import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Button } from "../kit/controls.tsx";
import { oneLine } from "../kit/letters.ts";
import { Problem } from "../kit/Problem.tsx";
import { Said } from "../kit/Said.tsx";
import { DeskEnd } from "../offline/NeedsDesk.tsx";
import { client, keys } from "../queries.ts";
import { useInbox } from "../queue/Row.tsx";
import "./claim.css";

export function ClaimTicket({ claimed }: { claimed: Claimed }) {
  const { t } = useLingui();
  const told = useTold();
  const drop = async () => {
    await door.dropClaim();
    await client.invalidateQueries({ queryKey: keys.claimed });
  };
  const claim = useMutation({
    mutationFn: () => door.claimTicket(),
    async onSuccess(done) {
      told(done, t`Support knows this ticket is yours.`);
      await client.invalidateQueries({ queryKey: keys.claimed });
    },
  });
  const { data: inbox } = useInbox(claimed.isAsked);
  const isGiven = inbox !== undefined && [...inbox.own, ...inbox.closed].some((one) => one.ticket_id === claimed.ticket);
  useEffect(() => {
    if (claimed.isAsked && isGiven) void drop();
  }, [claimed.isAsked, isGiven]);
  if (claimed.isAsked) {
    const subject = <bdi>{oneLine(claimed.subject) ?? claimed.ticket}</bdi>;
    // What was asked stays in the ticket: whoever does not want to see it on every page takes away the notice alone.
    return (
      <Line onDismiss={() => void drop()}>
        <Trans>Asked for: {subject}. Support gives it to you.</Trans>
      </Line>
    );
  }
  if (claimed.isOver) {
    return (
      <Line onDismiss={() => void drop()}>
        <Trans>This link has already been used. If that was not you, tell support.</Trans>
      </Line>
    );
  }
  const { ticket } = claimed;
  return (
    <section className="claim notice" aria-label={t`A ticket for you`}>
      <h2>
        <Trans>Support created this ticket for you</Trans>
      </h2>
      <strong dir="auto">{oneLine(claimed.subject) ?? ticket}</strong>
      {claimed.text !== null && <Said text={claimed.text} />}
      {claim.error && <Problem error={claim.error} />}
      <div className="row">
        <DeskEnd kind="primary" isPending={claim.isPending} onPress={() => claim.mutate()}>
          <Trans>Make it mine</Trans>
        </DeskEnd>
        <Button onPress={() => void drop()}>
          <Trans>Not mine</Trans>
        </Button>
      </div>
    </section>
  );
}

function Line({ onDismiss, children }: { onDismiss(): void; children: ReactNode }) {
  const { t } = useLingui();
  return (
    <section className="claim notice" aria-label={t`A ticket for you`}>
      <span>{children}</span>
      <div className="row">
        <Button onPress={onDismiss}>
          <Trans>Dismiss</Trans>
        </Button>
      </div>
    </section>
  );
}
