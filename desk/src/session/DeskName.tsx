// What the desk that somebody comes to calls itself, once its document is had and proven; and beside it the name by which the ledger knows it.
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { useLook } from "../look/look.ts";

export function DeskName({ chainId, children }: { chainId: string; children: ReactNode }) {
  const { name } = useLook();
  if (name === "") return children;
  return (
    <Trans>
      This desk is <bdi>{name}</bdi> (<code>{chainId}</code>).
    </Trans>
  );
}
