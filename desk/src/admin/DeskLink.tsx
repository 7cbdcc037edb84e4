// The link by which customers come: it names this desk, so that nobody has words to compare.
import { Trans, useLingui } from "@lingui/react/macro";
import { useRef } from "react";

import { Button } from "../kit/controls.tsx";
import { useToast } from "../kit/toast.tsx";
import { useOpened } from "../session/session.tsx";
import { setLooked } from "./firstSteps.ts";

export function DeskLink() {
  const { t } = useLingui();
  const toast = useToast();
  const { desk } = useOpened();
  const link = `${location.origin}/#desk=${desk.identity}`;
  const shown = useRef<HTMLElement>(null);
  const copy = async () => {
    setLooked("link");
    try {
      await navigator.clipboard.writeText(link);
      toast(t`Copied.`);
    } catch {
      // Whoever may not copy by a button does it by hand.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
      toast(t`This browser does not let the page copy. The link is selected: copy it yourself.`);
    }
  };
  return (
    <>
      <p className="quiet">
        <Trans>
          Put this link on your website, into your mails, or wherever customers look for you. Whoever opens it writes to you from their own browser, and does not
          have to compare the twelve words of this desk, because the link names it.
        </Trans>
      </p>
      <code ref={shown} className="notice">{link}</code>
      <div className="row">
        <Button kind="primary" onPress={() => void copy()}>
          <Trans>Copy the link</Trans>
        </Button>
      </div>
    </>
  );
}
