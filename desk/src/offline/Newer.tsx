// The line that says that there is a newer page than this one, or that a part of this one could not be loaded. Nothing is loaded by itself.
import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";

import { leave } from "./leaving.ts";
import { DeskEnd } from "./NeedsDesk.tsx";
import { begin, useNewer } from "./renewed.ts";
import { watch, wouldLose } from "./unsaved.ts";

export default function Newer() {
  const said = useNewer();
  const [isAsked, setAsked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    watch();
    begin();
  }, []);
  const load = async () => {
    if (!isAsked && wouldLose()) return setAsked(true);
    setBusy(true);
    const isKept = await leave().then(() => true, () => false);
    setBusy(false);
    // A browser that keeps nothing now would lose what was typed.
    if (isKept || isAsked) location.reload();
    else setAsked(true);
  };
  return (
    <div className="newer">
      <span role="status">
        {said === "newer" && <Trans>There is a newer version of this page.</Trans>}
        {said === "lost" && <Trans>A part of this page could not be loaded.</Trans>}{" "}
        {said !== null && isAsked && <Trans>Unsaved text and unsent changes will be lost.</Trans>}
      </span>
      {said !== null && (
        <DeskEnd isPending={isBusy} onPress={() => void load()}>
          {isAsked ? <Trans>Reload anyway</Trans> : said === "newer" ? <Trans>Load it</Trans> : <Trans>Reload</Trans>}
        </DeskEnd>
      )}
    </div>
  );
}
