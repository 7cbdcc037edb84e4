// That what is shown is what this browser kept, and of when it is.
import { Trans } from "@lingui/react/macro";

import { When } from "../kit/When.tsx";

export function KeptLine({ at }: { at: number }) {
  const when = <When at={new Date(at).toISOString()} />;
  return (
    <p className="kept-line" role="status">
      <Trans>No connection. This is what this browser kept, as of {when}.</Trans>
    </p>
  );
}
