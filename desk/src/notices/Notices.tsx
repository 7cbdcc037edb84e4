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
          <Trans>Notices</Trans>
        </h2>
        <p className="quiet small">
          <Trans>This device can tell you that a ticket was given to you, or that somebody answered on your ticket. The notice says that there is something new, and nothing else.</Trans>
        </p>
      </div>
      {(standing === "on" || standing === "off") && (
        <Switch className="switch" isSelected={change.isPending ? change.variables : standing === "on"} isDisabled={change.isPending} onChange={(isOn) => change.mutate(isOn)}>
          <span className="switch-track" aria-hidden />
          <Trans>Notices on this device</Trans>
        </Switch>
      )}
      {standing && <Obstacle standing={standing} />}
      {change.error && <Problem error={change.error} />}
      <p className="quiet small">
        <Trans>They come through the push service of your browser's maker. It sees that this desk sends something to this device, and when; what it is about is sealed.</Trans>
      </p>
    </section>
  );
}

function Obstacle({ standing }: { standing: Standing }) {
  switch (standing) {
    case "none":
      return (
        <p className="notice small">
          <Trans>This desk sends no notices.</Trans>
        </p>
      );
    case "unable":
      return (
        <p className="notice small">
          <Trans>This browser cannot show notices here. On an iPhone or iPad, add the desk to the home screen first, and open it from there.</Trans>
        </p>
      );
    case "denied":
      return (
        <p className="notice small">
          <Trans>Your browser does not let this page show notices. Allow it in the browser's settings for this page, and come back.</Trans>
        </p>
      );
    default:
      return null;
  }
}
