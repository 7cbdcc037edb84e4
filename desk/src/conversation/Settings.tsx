// What a person chooses about writing: whether it can be taken back, where drafts go, and under which name staff answer.
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Switch } from "react-aria-components";

import "../kit/choices.css";
import { Field } from "../kit/controls.tsx";
import { ShowsSwitch } from "../presence/ShowsSwitch.tsx";
import { useRole } from "../queue/role.ts";
import { useOpened } from "../session/session.tsx";
import { goesElsewhere, setGoesElsewhere } from "./devices.ts";
import { setCanUndo, useCanUndo } from "./outboxTimer.ts";
import { setSignature, useSignature } from "./staff/facts.ts";

export default function Writing() {
  const { data: role } = useRole();
  const staff = role !== undefined && role.role !== "customer";
  const canUndo = useCanUndo(staff);
  const { hasWallet } = useOpened();
  const [isElsewhere, setElsewhere] = useState(goesElsewhere);
  return (
    <section className="stack" aria-labelledby="writing">
      <h2 id="writing">
        <Trans>Writing</Trans>
      </h2>
      <Switch className="switch" isSelected={canUndo} onChange={setCanUndo}>
        <span className="switch-track" aria-hidden />
        <Trans>Wait ten seconds before sending anything, so I can undo it</Trans>
      </Switch>
      {staff && (
        <>
          {hasWallet ? (
            <p className="quiet small">
              <Trans>Drafts stay in this browser: Keplr would ask you to confirm each of them.</Trans>
            </p>
          ) : (
            <>
              <Switch
                className="switch"
                isSelected={isElsewhere}
                onChange={(isOn) => {
                  setGoesElsewhere(isOn);
                  setElsewhere(isOn);
                }}
              >
                <span className="switch-track" aria-hidden />
                <Trans>Take drafts with me to my other devices</Trans>
              </Switch>
              <p className="quiet small">
                <Trans>They go to the ledger, sealed for you alone. It is then public that you write, and when. This browser keeps drafts either way.</Trans>
              </p>
            </>
          )}
          <ShowsSwitch />
          <Signature />
          <Link to="/replies">
            <Trans>Canned replies and macros</Trans>
          </Link>
        </>
      )}
    </section>
  );
}

function Signature() {
  const { t } = useLingui();
  const kept = useSignature();
  const [name, setName] = useState<string | null>(null);
  return (
    <Field
      label={t`Your name in canned replies`}
      hint={t`The variable “agent” becomes this name. Customers can read it.`}
      value={name ?? kept}
      maxLength={64}
      onChange={(next) => {
        setName(next);
        void setSignature(next).catch(() => undefined);
      }}
    />
  );
}
