// Somebody on the team for whom nothing can be sealed yet. Who has never had a key here publishes theirs by coming; whose keys were all taken out of
// use, or whose account is in a wallet, which asks for each signature, by one press.
import { Trans } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { useTold } from "../conversation/told.tsx";
import { door } from "../door.ts";
import { Problem } from "../kit/Problem.tsx";
import { DeskEnd } from "../offline/NeedsDesk.tsx";
import { client, keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";

export function MissingKey() {
  const { address, hasWallet } = useOpened();
  const told = useTold();
  const { data } = useQuery({ queryKey: keys.own(address), queryFn: () => door.accountKeys(address), staleTime: Number.POSITIVE_INFINITY });
  const publish = useMutation({
    mutationFn: () => door.registerKey(),
    async onSuccess(done) {
      told(done);
      await client.invalidateQueries({ queryKey: keys.own(address) });
    },
  });
  const { mutate } = publish;
  const isFirst = data?.length === 0 && !hasWallet;
  useEffect(() => {
    if (isFirst) mutate();
  }, [isFirst, mutate]);
  if (!data || data.some((key) => key.revoked_at === null)) return null;
  return (
    <div className="missing-key notice warn">
      <span>
        <Trans>You are on the team, but nothing can be sealed for you yet: nobody has your key. Publish it, and an administrator goes on with adding you.</Trans>
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
