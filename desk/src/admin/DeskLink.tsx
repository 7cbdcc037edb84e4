// The link by which customers come: it names this desk, so that nobody has words to compare.
import { Trans, useLingui } from "@lingui/react/macro";

import { Button } from "../kit/controls.tsx";
import { useToast } from "../kit/toast.tsx";
import { useOpened } from "../session/session.tsx";
import { setLooked } from "./firstSteps.ts";

export function DeskLink() {
  const { t } = useLingui();
  const toast = useToast();
  const { desk } = useOpened();
  const link = `${location.origin}/#desk=${desk.identity}`;
  const copy = async () => {
    await navigator.clipboard.writeText(link);
    setLooked("link");
    toast(t`Copied.`);
  };
  return (
    <>
      <p className="quiet">
        <Trans>
          Put this link on your website, into your mails, or wherever customers look for you. Whoever opens it writes to you from their own browser, and does not
          have to compare the twelve words of this desk, because the link names it.
        </Trans>
      </p>
      <code className="notice">{link}</code>
      <div className="row">
        <Button kind="primary" onPress={() => void copy()}>
          <Trans>Copy the link</Trans>
        </Button>
      </div>
    </>
  );
}
