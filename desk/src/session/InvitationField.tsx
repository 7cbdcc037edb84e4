// Where a desk lets in nobody but whom it invited: the code, or the link that holds it.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { door } from "../door.ts";
import { Button, Field } from "../kit/controls.tsx";
import { Words } from "../kit/Problem.tsx";

export function InvitationField() {
  const { t } = useLingui();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const [isKept, setKept] = useState(false);
  const go = () =>
    door.enterInvitation(text.trim()).then(() => setKept(true), setProblem);
  if (isKept) return <Trans>The invitation is saved. Send again.</Trans>;
  return (
    <div className="stack">
      <Field
        label={t`Your invitation`}
        hint={t`The link that the support team sent you, or the code in it.`}
        value={text}
        onChange={(text) => {
          setText(text);
          setProblem(undefined);
        }}
        problem={problem === undefined ? undefined : <Words error={problem} />}
        onKeyDown={(event) => {
          // It stands in the form of what is to be sent.
          if (event.key !== "Enter") return;
          event.preventDefault();
          void go();
        }}
      />
      <div className="row">
        <Button onPress={() => void go()} isDisabled={text.trim() === ""}>
          <Trans>Use this invitation</Trans>
        </Button>
      </div>
    </div>
  );
}
