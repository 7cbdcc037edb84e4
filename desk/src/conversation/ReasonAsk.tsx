// Why a ticket is closed or opened again: a customer's and the team's dialog is the same one, and the words are public.
import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";

import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Problem } from "../kit/Problem.tsx";
import { PublicWords } from "../kit/PublicWords.tsx";

interface Props {
  act: "close" | "reopen";
  isBusy?: boolean;
  error?: unknown;
  /** What else there is to know before. */
  children?: ReactNode;
  onDo(reason: string): void;
  onClose(): void;
}

export function ReasonAsk({ act, isBusy = false, error = null, children, onDo, onClose }: Props) {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const titles = { close: t`Close this ticket`, reopen: t`Reopen this ticket` };
  return (
    <Ask title={titles[act]} isOpen onClose={onClose}>
      <PublicWords label={t`Why, in a few words`} value={reason} onChange={setReason} autoFocus />
      {children}
      {error !== null && <Problem error={error} />}
      <AskEnd onClose={onClose} isBusy={isBusy} onDo={() => onDo(reason.trim())}>
        {titles[act]}
      </AskEnd>
    </Ask>
  );
}
