// Asked before a reply is sent in which something of a canned one stands for nothing.
import { Trans, useLingui } from "@lingui/react/macro";

import { Button } from "../../kit/controls.tsx";
import { DeskButton } from "../../offline/NeedsDesk.tsx";
import { leftIn, macrosIn, repliesIn } from "./canned.ts";
import { useStaffDocument } from "./documents.ts";

/** Says what was left of canned replies and macros in a text. */
export function useUnfilled(): (text: string) => string[] {
  const { data: replies } = useStaffDocument("replies");
  const { data: macros } = useStaffDocument("macros");
  return (text) => leftIn(text, [...repliesIn(replies), ...macrosIn(macros)]);
}

interface UnfilledProps {
  variables: readonly string[];
  /** What the person was about to do, where that is more than to send it. */
  label?: string | undefined;
  onAnyway(): void;
  onLeave?: () => void;
}

export function Unfilled({ variables, label, onAnyway, onLeave }: UnfilledProps) {
  const { i18n } = useLingui();
  const named = new Intl.ListFormat(i18n.locale).format(variables);
  return (
    <div className="notice warn small stack tight" role="alert">
      {label !== undefined && (
        <strong>
          <Trans>Not sent yet: {label}</Trans>
        </strong>
      )}
      <span dir="auto">
        <Trans>{named} stands for nothing here, and the customer would read it so. Write what belongs there, and send it again.</Trans>
      </span>
      <div className="row">
        <DeskButton onPress={onAnyway}>
          <Trans>Send it as it stands</Trans>
        </DeskButton>
        {onLeave && (
          <Button kind="plain" onPress={onLeave}>
            <Trans>Do not send it</Trans>
          </Button>
        )}
      </div>
    </div>
  );
}
