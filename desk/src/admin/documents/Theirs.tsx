// What somebody else wrote into a field meanwhile, below what was typed there.
import { Trans } from "@lingui/react/macro";
import { createContext, useContext } from "react";

import type { Theirs as All } from "./moved.ts";

export const TheirsHere = createContext<All>({});

/** `of` is the field's place in its form. */
export function Theirs({ of }: { of: string }) {
  const theirs = useContext(TheirsHere)[of];
  if (theirs === undefined) return null;
  const isLong = theirs.includes("\n");
  return (
    <div className="notice warn small">
      {theirs === "" ? <Trans>Somebody else emptied this meanwhile.</Trans> : isLong ? <Trans>Somebody else wrote here meanwhile:</Trans> : <Trans>Somebody else wrote here meanwhile: {theirs}</Trans>}
      {isLong && <pre dir="auto">{theirs}</pre>}
    </div>
  );
}
