// What somebody else wrote into a field meanwhile, below what was typed there.
import { Trans } from "@lingui/react/macro";
import { createContext, useContext } from "react";

import { steady } from "../../kit/letters.ts";
import type { Theirs as All } from "./moved.ts";

export const TheirsHere = createContext<All>({});

/** `of` is the field's place in its form. */
export function Theirs({ of }: { of: string }) {
  const written = useContext(TheirsHere)[of];
  if (written === undefined) return null;
  const isLong = written.includes("\n");
  // What is compared is not turned by a letter in it.
  const shown = steady(written);
  const theirs = <bdi>{shown}</bdi>;
  return (
    <div className="notice warn small">
      {written === "" ? <Trans>Somebody else emptied this meanwhile.</Trans> : isLong ? <Trans>Somebody else wrote here meanwhile:</Trans> : <Trans>Somebody else wrote here meanwhile: {theirs}</Trans>}
      {isLong && <pre dir="auto">{shown}</pre>}
    </div>
  );
}
