// Asked before a macro is used of whose author nothing proves that they are staff.
import { Trans, useLingui } from "@lingui/react/macro";
import type { Warning } from "sealdesk/views";

import { Ask, AskEnd } from "../../kit/Ask.tsx";
import { steady } from "../../kit/letters.ts";
import { Warned } from "../Warned.tsx";
import type { Macro } from "./canned.ts";

interface MacroAskProps {
  macro: Macro;
  warned: readonly Warning[];
  onUse(): void;
  onClose(): void;
}

export default function MacroAsk({ macro, warned, onUse, onClose }: MacroAskProps) {
  const { t } = useLingui();
  return (
    <Ask title={t`Use “${steady(macro.name)}”?`} isOpen onClose={onClose}>
      <Warned of={warned} />
      <p>
        <Trans>Check what it does before you use it.</Trans>
      </p>
      {macro.text !== "" && (
        <p className="quiet small" dir="auto">
          {steady(macro.text)}
        </p>
      )}
      <AskEnd onClose={onClose} onDo={onUse} isBusy={false}>
        <Trans>Use it</Trans>
      </AskEnd>
    </Ask>
  );
}
