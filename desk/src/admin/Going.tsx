// A long act while it goes on: which step it is at, and how much of it is done.
import { useLingui } from "@lingui/react/macro";

import type { HowFar } from "../../worker/admin.ts";
import { useHowFar } from "./asked.ts";

export function Going({ isBusy }: { isBusy: boolean }) {
  const { t } = useLingui();
  const at = useHowFar(isBusy);
  if (!isBusy) return null;
  const words: Record<HowFar["step"], string> = {
    appoint: t`Signing the appointment`,
    name: t`Saving the name in the desk book`,
    open: t`Opening tickets for them`,
    documents: t`Sealing the team’s documents for them`,
    check: t`Checking what the ledger proves`,
    revoke: t`Removing role and keys`,
    pass_on: t`Handing tickets over`,
    renew: t`Renewing what depended on them`,
  };
  const step = at ? words[at.step] : t`Starting`;
  const counted = at !== null && at.total > 0;
  return (
    <div className="stack" role="status">
      <span className="small">
        {step}
        {counted && (
          <span className="numbers">
            {" "}
            {at.done} / {at.total}
          </span>
        )}
      </span>
      {counted ? (
        <progress className="progress" aria-label={step} value={at.done} max={at.total} />
      ) : (
        <div className="bar-progress" role="progressbar" aria-label={step} />
      )}
    </div>
  );
}
