// That what is shown is what this browser kept, and of when it is.
import { Trans, useLingui } from "@lingui/react/macro";

import { regional } from "../i18n.ts";
import { dates } from "../kit/When.tsx";

export function KeptLine({ at }: { at: number }) {
  const { i18n } = useLingui();
  const when = dates(regional(i18n.locale), { dateStyle: "medium", timeStyle: "short" }).format(at);
  return (
    <p className="kept-line" role="status">
      <Trans>No connection. This is what this browser kept, as of {when}.</Trans>
    </p>
  );
}
