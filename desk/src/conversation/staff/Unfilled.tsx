// Asked before a reply is sent in which something of a canned one stands for nothing.
import { Trans, useLingui } from "@lingui/react/macro";

import { Button } from "../../kit/controls.tsx";
import { DeskButton } from "../../offline/NeedsDesk.tsx";
import { toAsk } from "./canned.ts";
import { useStaffDocument } from "./documents.ts";

/** Says what was left of canned replies and macros in a text; as long as these are not here, what could be. */
export function useUnfilled(): (text: string) => string[] {
  const { data: replies } = useStaffDocument("replies");
  const { data: macros } = useStaffDocument("macros");
  return (text) => toAsk(text, replies, macros);
}

interface UnfilledProps {
  /** As it stands in the field now. */
  text: string;
  /** What the person was about to do, where that is more than to send it. */
  label?: string | undefined;
  onAnyway(): void;
  onLeave?: () => void;
}

export function Unfilled({ text, label, onAnyway, onLeave }: UnfilledProps) {
  const { i18n } = useLingui();
  const variables = useUnfilled()(text);
  if (variables.length === 0 && label === undefined) return null;
  const named = new Intl.ListFormat(i18n.locale).format(variables);
  return (
    <div className="notice warn small stack tight" role="alert">
      {label !== undefined && (
        <strong>
          <Trans>Not sent yet: {label}</Trans>
        </strong>
      )}
      <span dir="auto">
        {variables.length === 0 ? (
          <Trans>Nothing is missing any more. Send it again to finish.</Trans>
        ) : (
          <Trans>{named} has no value here, so the customer would see it as typed. Fill it in, and send it again.</Trans>
        )}
      </span>
      <div className="row">
        {variables.length > 0 && (
          <DeskButton onPress={onAnyway}>
            <Trans>Send it as it is</Trans>
          </DeskButton>
        )}
        {onLeave && (
          <Button kind="plain" onPress={onLeave}>
            <Trans>Do not send it</Trans>
          </Button>
        )}
      </div>
    </div>
  );
}
