// Asked before a macro is used of whose author nothing proves that they are staff.
import { Trans, useLingui } from "@lingui/react/macro";

import { Ask, AskEnd } from "../../kit/Ask.tsx";
import type { Macro } from "./canned.ts";

interface MacroAskProps {
  macro: Macro;
  warnings: readonly string[];
  onUse(): void;
  onClose(): void;
}

export default function MacroAsk({ macro, warnings, onUse, onClose }: MacroAskProps) {
  const { t } = useLingui();
  return (
    <Ask title={t`Use “${macro.name}”?`} isOpen onClose={onClose}>
      {warnings.map((warning) => (
        <p key={warning} className="notice warn small" dir="auto">
          {warning}
        </p>
      ))}
      <p>
        <Trans>Look at what it does before you use it.</Trans>
      </p>
      {macro.text !== "" && (
        <p className="quiet small" dir="auto">
          {macro.text}
        </p>
      )}
      <AskEnd onClose={onClose} onDo={onUse} isBusy={false}>
        <Trans>Use it</Trans>
      </AskEnd>
    </Ask>
  );
}
