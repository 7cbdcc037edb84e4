// The link by which customers come: it names this desk, so that nobody has words to compare.
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";

import { CopyButton } from "../kit/CopyButton.tsx";
import { usePublicOrigin } from "../kit/publicOrigin.ts";
import { useOpened } from "../session/session.tsx";
import { setLooked } from "./firstSteps.ts";

export function DeskLink() {
  const { desk } = useOpened();
  const origin = usePublicOrigin();
  const link = `${origin}/#desk=${desk.identity}`;
  const shown = useRef<HTMLElement>(null);
  return (
    <>
      <p className="quiet">
        <Trans>
          Put this link on your website, in your e-mails, or wherever customers look for you. Anyone who opens it can write to you from their own browser without comparing the twelve words of this desk, because the link names it.
        </Trans>
      </p>
      {origin === null && (
        <p className="notice">
          <Trans>
            There is no link here: this page is open at an address that each computer has for itself, and a link to it would lead others to their own. It is offered
            once the node says where others reach it (<code>public_url</code> in its <code>config.toml</code>).
          </Trans>
        </p>
      )}
      {origin && (
        <>
          <code ref={shown} className="notice">{link}</code>
          <div className="row">
            <CopyButton kind="primary" text={link} shown={shown} onPress={() => setLooked("link")}>
              <Trans>Copy the link</Trans>
            </CopyButton>
          </div>
        </>
      )}
    </>
  );
}
