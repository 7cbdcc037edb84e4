// What a ticket's customer is asked before it is closed, opened again or rated.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Choices } from "../kit/Choices.tsx";
import { Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { ReasonAsk } from "./ReasonAsk.tsx";

export type CustomerAsks = "close" | "reopen" | "rate";

interface PartProps {
  id: string;
  change: { mutate(work: () => Promise<Told>): void; isPending: boolean; error: unknown };
  onClose(): void;
}

export default function CustomerAsk({ asks, ...part }: PartProps & { asks: CustomerAsks }) {
  if (asks === "rate") return <Rate {...part} />;
  const { id, change, onClose } = part;
  return <ReasonAsk act={asks} isBusy={change.isPending} error={change.error} onDo={(reason) => change.mutate(() => door[asks](id, reason))} onClose={onClose} />;
}

function Rate({ id, change, onClose }: PartProps) {
  const { t } = useLingui();
  const [score, setScore] = useState<string | null>(null);
  const [comment, setComment] = useState("");
  const choices = [
    { id: "5", label: t`5, very good` },
    { id: "4", label: t`4, good` },
    { id: "3", label: t`3, fair` },
    { id: "2", label: t`2, poor` },
    { id: "1", label: t`1, very poor` },
  ];
  return (
    <Ask title={t`How well was it resolved?`} isOpen onClose={onClose}>
      <Choices label={t`Score, which is public`} choices={choices} value={score} onChange={setScore} />
      <Field label={t`Comment, which only support reads`} lines={3} value={comment} onChange={setComment} />
      {change.error !== null && <Problem error={change.error} />}
      <AskEnd
        onClose={onClose}
        isBusy={change.isPending}
        isDisabled={score === null}
        onDo={() => change.mutate(() => door.rate(id, Number(score), comment.trim() === "" ? null : comment))}
      >
        <Trans>Send</Trans>
      </AskEnd>
    </Ask>
  );
}
