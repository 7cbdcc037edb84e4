// The link by which customers come: it names this desk, so that nobody has words to compare.
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";

import { CopyButton } from "../kit/CopyButton.tsx";
import { useOpened } from "../session/session.tsx";
import { setLooked } from "./firstSteps.ts";

export function DeskLink() {
  const { desk } = useOpened();
  const link = `${location.origin}/#desk=${desk.identity}`;
  const shown = useRef<HTMLElement>(null);
  return (
    <>
      <p className="quiet">
        <Trans>
          Put this link on your website, in your e-mails, or wherever customers look for you. Anyone who opens it can write to you from their own browser without comparing the twelve words of this desk, because the link names it.
        </Trans>
      </p>
      <code ref={shown} className="notice">{link}</code>
      <div className="row">
        <CopyButton kind="primary" text={link} shown={shown} onPress={() => setLooked("link")}>
          <Trans>Copy the link</Trans>
        </CopyButton>
      </div>
    </>
  );
}
