// Somebody on the team for whom nothing can be sealed yet. Who has never had a key here publishes theirs by coming; whose keys were all taken out of
// use, or whose account is in a wallet, which asks for each signature, by one press. By itself it is published only for whom a signature that counts
// says to be on the team, and not for whom a node calls so.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Standing } from "sealdesk/views";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Problem } from "../kit/Problem.tsx";
import { DeskEnd } from "../offline/NeedsDesk.tsx";
import { client, keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";

/** Whether signatures that count say that somebody who may work is on the team. */
export const isAppointed = ({ state, in_circle, counts }: Standing): boolean => state === "active" && (in_circle || counts);

export function MissingKey() {
  const { t } = useLingui();
  const { address, hasWallet } = useOpened();
  const told = useTold();
  const { data } = useQuery({ queryKey: keys.own(address), queryFn: () => door.accountKeys(address), staleTime: Number.POSITIVE_INFINITY });
  const hasNone = data?.length === 0 && !hasWallet;
  const { data: standing } = useQuery({ queryKey: ["own standing", address], queryFn: () => door.standing(address), enabled: hasNone });
  const publish = useMutation({
    mutationFn: () => door.registerKey(),
    async onSuccess(done) {
      told(done, t`Your key was published.`);
      await client.invalidateQueries({ queryKey: keys.own(address) });
    },
  });
  const { mutate } = publish;
  const isFirst = hasNone && standing !== undefined && isAppointed(standing);
  useEffect(() => {
    if (isFirst) mutate();
  }, [isFirst, mutate]);
  if (!data || data.some((key) => key.revoked_at === null)) return null;
  return (
    <div className="missing-key notice warn">
      <span>
        <Trans>You are on the team, but nothing can be sealed for you yet: nobody has your key. Publish it, and an administrator can finish adding you.</Trans>
      </span>
      {publish.error && <Problem error={publish.error} />}
      <div className="row">
        <DeskEnd kind="primary" isPending={publish.isPending} onPress={() => publish.mutate()}>
          {publish.isPending ? <Trans>Publishing…</Trans> : <Trans>Publish my key</Trans>}
        </DeskEnd>
      </div>
    </div>
  );
}
