// Acts that are said in words: resolving, closing, opening again. What the customer shall read is sealed; reasons are public.
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Act } from "sealdesk/views";

import { door } from "../../door.ts";
import { Ask, AskEnd } from "../../kit/Ask.tsx";
import { Field } from "../../kit/controls.tsx";
import { PublicWords } from "../../kit/PublicWords.tsx";
import { draftOf, useDeliver } from "../deliver.ts";
import { useDraft } from "../draft.ts";
import { useEntry } from "../outboxTimer.ts";
import { goOn } from "../../queue/state.ts";
import { useReaching } from "../../offline/NeedsDesk.tsx";
import { useDo } from "./doing.ts";
import { ReasonAsk } from "../ReasonAsk.tsx";
import type { AskProps } from "./Dialogs.tsx";
import { Unfilled, useUnfilled } from "./Unfilled.tsx";

export function ResolveAsk({ opened: { ticket }, onClose }: AskProps) {
  const { t } = useLingui();
  const id = ticket.ticket_id;
  // The closing words are the reply that the composer has: nothing is typed twice, and nothing is lost.
  const [words, setWords, , keep] = useDraft(draftOf("reply", id));
  const [reference, setReference] = useState("");
  // What is written behind an open dialog is not read yet.
  const [seen] = useState(ticket.response_count);
  const act = useDo();
  const reaching = useReaching();
  const deliver = useDeliver(true);
  // It can still be taken back from wherever the person is by then.
  const end = () => (onClose(), goOn(id));
  const unfilled = useUnfilled();
  // A reply that waits to be sent goes out before it, as it is: nothing more can be said with it.
  const entry = useEntry(draftOf("reply", id));
  const isOnItsWay = entry?.state === "held" || entry?.state === "sending";
  const closing = isOnItsWay ? "" : words;
  const variables = unfilled(closing);
  const [isAsked, setAsked] = useState(false);
  const go = (isSure: boolean) => {
    if (variables.length > 0 && !isSure) return setAsked(true);
    const resolve: Act = { act: "resolve", reference: reference.trim() };
    const label = t`Resolving ${id}`;
    if (closing.trim() === "") {
      if (act({ ticket: id, kind: "resolve", label, done: t`Resolved.`, seen, work: () => door.act(id, [resolve]) })) end();
      return;
    }
    const send = () => deliver({ kind: "reply", ticket: id, text: words, count: ticket.response_count, seen, then: [resolve], label });
    // A browser that keeps nothing refuses the claim, and says so.
    if (reaching(() => void keep().catch(() => undefined).then(send))) end();
  };
  return (
    <Ask title={t`Resolve this ticket`} isOpen onClose={onClose}>
      {isOnItsWay ? (
        <p className="quiet small">
          <Trans>Your reply is sent before that, as it is.</Trans>
        </p>
      ) : (
        <Field
          label={t`Closing words, for the customer and support only`}
          hint={t`Sealed, and sent with the resolution. You may leave it empty.`}
          lines={4}
          value={words}
          onChange={setWords}
          autoFocus
        />
      )}
      <PublicWords label={t`What was done, in a few words`} value={reference} onChange={setReference} />
      {isAsked && variables.length > 0 && <Unfilled text={words} onAnyway={() => go(true)} />}
      <AskEnd onClose={onClose} isBusy={false} onDo={() => go(false)}>
        <Trans>Resolve this ticket</Trans>
      </AskEnd>
    </Ask>
  );
}

export function PublicReasonAsk({ opened: { ticket }, act: what, onClose }: AskProps & { act: "close" | "reopen" }) {
  const { t } = useLingui();
  const act = useDo();
  const id = ticket.ticket_id;
  const [seen] = useState(ticket.response_count);
  const labels = { close: t`Closing ${id}`, reopen: t`Reopening ${id}` };
  const done = { close: t`Closed.`, reopen: t`Reopened.` };
  const go = (reason: string) => {
    if (act({ ticket: id, kind: what, label: labels[what], done: done[what], seen: what === "close" ? seen : undefined, work: () => door.act(id, [{ act: what, reason }]) })) onClose();
  };
  return (
    <ReasonAsk act={what} onDo={go} onClose={onClose}>
      {what === "reopen" && ticket.assigned_to !== "" && (
        <p className="quiet small">
          <Trans>The ticket is then unassigned: assign it again.</Trans>
        </p>
      )}
    </ReasonAsk>
  );
}
