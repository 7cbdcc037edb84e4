// The switch by which this device is told, and what that shows to whom.
import { Trans } from "@lingui/react/macro";
import { Switch } from "react-aria-components";

import "../keyboard/keyboard.css";
import { Problem } from "../kit/Problem.tsx";
import type { Standing } from "./device.ts";
import { useNotices } from "./useNotices.ts";

export default function Notices() {
  const { standing, change } = useNotices();
  return (
    <section className="stack" aria-labelledby="notices">
      <div>
        <h2 id="notices">
          <Trans>Notifications</Trans>
        </h2>
        <p className="quiet small">
          <Trans>This device can tell you when a ticket is assigned to you or someone replies to yours. The notification only says that there is something new.</Trans>
        </p>
      </div>
      {(standing === "on" || standing === "off") && (
        <Switch className="switch" isSelected={change.isPending ? change.variables : standing === "on"} isDisabled={change.isPending} onChange={(isOn) => change.mutate(isOn)}>
          <span className="switch-track" aria-hidden />
          <Trans>Notifications on this device</Trans>
        </Switch>
      )}
      {standing && <Obstacle standing={standing} />}
      {change.error && <Problem error={change.error} />}
      <p className="quiet small">
        <Trans>They come through your browser maker's push service, which sees that this desk sends something to this device, and when. The content is sealed.</Trans>
      </p>
    </section>
  );
}

function Obstacle({ standing }: { standing: Standing }) {
  switch (standing) {
    case "none":
      return (
        <p className="notice small">
          <Trans>This desk sends no notifications.</Trans>
        </p>
      );
    case "unable":
      return (
        <p className="notice small">
          <Trans>This browser cannot show notifications here. On an iPhone or iPad, add the desk to the home screen first, then open it from there.</Trans>
        </p>
      );
    case "denied":
      return (
        <p className="notice small">
          <Trans>Your browser blocks notifications from this page. Allow them in the browser's settings for this page, then come back.</Trans>
        </p>
      );
    default:
      return null;
  }
}
