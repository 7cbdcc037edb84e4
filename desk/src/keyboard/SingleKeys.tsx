// The one switch for single keys (WCAG 2.1.4), on the sheet and in the settings.
import { Trans } from "@lingui/react/macro";
import { Switch } from "react-aria-components";

import "../kit/choices.css";
import { setSingleKeys, useSingleKeys } from "./setting.ts";

export function SingleKeys() {
  const isOn = useSingleKeys();
  return (
    <div className="stack">
      <Switch className="switch" isSelected={isOn} onChange={setSingleKeys}>
        <span className="switch-track" aria-hidden />
        <Trans>Single-key shortcuts</Trans>
      </Switch>
      <p className="quiet small">
        <Trans>Turn them off if you use voice control or press keys by accident. Every command is still in the palette: Ctrl+K (⌘K on a Mac).</Trans>
      </p>
    </div>
  );
}
