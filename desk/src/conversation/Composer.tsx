// Where a reply or a note is written. It says which of the two before, while and after somebody types.
import { Trans, useLingui } from "@lingui/react/macro";
import { type RefObject, Suspense, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Conversation, Role } from "sealdesk/views";

import { AttachButton, ChosenFiles, useTarget } from "../files/Attach.tsx";
import { useFiles } from "../files/chosen.ts";
import { useAction } from "../keyboard/actions.ts";
import { Button, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { lazy } from "../kit/lost.ts";
import { DeskButton, useReaching } from "../offline/NeedsDesk.tsx";
import { askIfQuiet } from "../offline/reach.ts";
import { staff } from "../pages/parts.ts";
import { typed } from "../presence/typing.ts";
import { useOpened } from "../session/session.tsx";
import { draftOf, type Kind, useDeliver, useIsInterrupted } from "./deliver.ts";
import { useDraft } from "./draft.ts";
import { createFieldFocus, type FieldFocus } from "./fieldFocus.ts";
import { Held, Underway } from "./Held.tsx";
import { outbox, useEntry } from "./outboxTimer.ts";
import { useOtherDevices } from "./devices.ts";
import type { Sent } from "./staff/CannedMenu.tsx";
import type { Planned } from "./tags.ts";

/** After how long without a word of the desk's it is asked whether it is there, once somebody begins to write. */
const QUIET_MS = 30_000;

/** What looks like a variable of a canned reply, as long as what knows them is on its way. */
const BRACES = /\{\p{L}[^{}\n]*\}/gu;

/** What somebody was about to send, in which something stands for nothing. */
interface Asked {
  then: Planned[];
  label: string;
  before: Sent["before"];
}

const SendMenu = lazy(() => staff().then(({ SendMenu }) => ({ default: SendMenu })));
const MayNotReply = lazy(() => staff().then(({ MayNotReply }) => ({ default: MayNotReply })));
const Unfilled = lazy(() => staff().then(({ Unfilled }) => ({ default: Unfilled })));
const CannedMenu = lazy(() => staff().then(({ CannedMenu }) => ({ default: CannedMenu })));

export function Composer({ opened, role }: { opened: Conversation; role: Role }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const { ticket } = opened;
  const id = ticket.ticket_id;
  const isCustomer = role === "customer";
  const [kind, setKind] = useState<Kind>("reply");
  const isNote = kind === "note";
  const draft = draftOf(kind, id);
  const [text, setText, , keep] = useDraft(draft);
  const [problem, setProblem] = useState<unknown>(null);
  const entry = useEntry(draft);
  const isInterrupted = useIsInterrupted(kind, opened);
  const deliver = useDeliver(!isCustomer);
  useOtherDevices(draft, text, setText, opened, !isCustomer);
  // What was attached to a note is not attached to the reply.
  const both = { reply: useFiles(`reply/${id}`), note: useFiles(`note/${id}`) };
  const files = both[kind];
  const isWaiting = entry?.state === "held" || entry?.state === "sending";
  const { isOver, target } = useTarget(files, isWaiting);
  const form = useRef<HTMLFormElement>(null);
  const focus = (kind: Kind) => {
    flushSync(() => setKind(kind));
    form.current?.querySelector("textarea")?.focus();
  };
  const works = role === "administrator" || ticket.assigned_to === address || ticket.collaborators.includes(address);
  const isOwn = ticket.customer_address === address;
  const mayReply = works || isOwn;
  const isStrange = isCustomer && !isOwn;
  const fieldFocus = useFieldFocus(form, entry?.state);
  // Whose ticket it is reads everything in it.
  const mayNote = !isCustomer && works && !isOwn;
  const isClosed = ticket.status === "closed";
  const reaching = useReaching();
  const isBegun = text !== "";
  useEffect(() => {
    if (isBegun) askIfQuiet(QUIET_MS);
  }, [isBegun]);
  useAction("reply", isClosed || isStrange ? undefined : () => focus("reply"));
  useAction("note", isClosed || !mayNote ? undefined : () => focus("note"));
  const isEmpty = text.trim() === "" && files.chosen.length === 0;
  const cannot = isEmpty || isWaiting || !(isNote ? mayNote : mayReply);
  const unfilled = useRef<(text: string) => string[]>((text) => (isCustomer ? [] : (text.match(BRACES) ?? [])));
  const [asked, setAsked] = useState<Asked | null>(null);
  // What was to be done beside a text that is gone is not done beside the next one.
  const isGone = kind === "reply" && text.trim() === "";
  useEffect(() => {
    if (isGone) setAsked(null);
  }, [isGone]);
  const isAsked = asked !== null && kind === "reply" && !isGone;
  const send = (then: Planned[], label: string, sent?: Sent, isSure = false) => {
    if (cannot && (sent === undefined || isWaiting)) return;
    const said = sent?.text ?? text;
    const variables = isSure || isNote ? [] : unfilled.current(said);
    if (variables.length > 0) {
      setAsked({ then, label, before: sent?.before });
      const at = said.indexOf(variables[0] ?? "");
      // The words of a macro are in the field by then.
      setTimeout(() => {
        const field = form.current?.querySelector("textarea");
        field?.focus();
        field?.setSelectionRange(at, at + (variables[0]?.length ?? 0));
      });
      return;
    }
    reaching(() => {
      setProblem(null);
      setAsked(null);
      fieldFocus.sends();
      const message = { kind, ticket: id, text, count: ticket.response_count, then, label, files, onUndo: () => focus(kind), ...sent };
      // What may be lost with the tab is not held: it is kept first.
      keep().then(() => deliver(message), (problem: unknown) => (fieldFocus.stays(), setProblem(problem)));
    });
  };
  // Whoever was asked goes on with what they were about to do.
  const go = (asked: Asked, isSure: boolean) => send(asked.then, asked.label, { text, before: asked.before }, isSure);
  const plain = () => (isAsked ? go(asked, false) : begin());
  const begin = () => send([], isNote ? t`Leaving a note in ${id}` : t`Sending your reply in ${id}`);
  // Whoever is somewhere else sends nothing by it.
  const fromHere = (act: () => void) => form.current?.contains(document.activeElement) && act();
  useAction("send", isClosed || isStrange ? undefined : () => fromHere(plain));
  if (isStrange) return null;
  if (isClosed) {
    return (
      <div className="composer quiet small">
        <Trans>This ticket is closed. Reopen it to write in it.</Trans>
      </div>
    );
  }
  return (
    <form
      ref={form}
      data-kept
      className={`composer${isNote ? " note" : ""}`}
      onSubmit={(event) => (event.preventDefault(), plain())}
      {...target}
    >
      {!isCustomer && (
        <div className="row">
          <Button kind={isNote ? "plain" : "normal"} aria-pressed={!isNote} onPress={() => setKind("reply")}>
            <Trans>Reply</Trans>
          </Button>
          {mayNote && (
            <Button kind={isNote ? "normal" : "plain"} aria-pressed={isNote} onPress={() => setKind("note")}>
              <Trans>Note</Trans>
            </Button>
          )}
          <span className="quiet small">
            {isNote ? <Trans>The customer cannot read this.</Trans> : <Trans>The customer can read this.</Trans>}
          </span>
        </div>
      )}
      <Field
        label={isNote ? t`Your note` : t`Your reply`}
        hiddenLabel
        placeholder={isNote ? t`Write a note for the team` : isCustomer ? t`Write a reply` : t`Write a reply, or :: for a canned one`}
        lines={2}
        value={text}
        onChange={(next) => {
          setText(next);
          typed(!isNote && next.trim() !== "");
        }}
        // Once the text is taken off the field, the next one can be written, though this one is still being tidied up.
        isReadOnly={entry?.state === "held" || (entry?.state === "sending" && text !== "")}
      />
      {!mayReply && !isNote && (
        <Suspense>
          <MayNotReply ticket={ticket} />
        </Suspense>
      )}
      {isOwn && ticket.status === "resolved" && (
        <span className="quiet small">
          <Trans>This is resolved. A reply opens it again.</Trans>
        </span>
      )}
      <ChosenFiles files={files} isBusy={isWaiting} isOver={isOver} />
      {problem !== null && <Problem error={problem} />}
      {isInterrupted && <Underway />}
      {isAsked && !isWaiting && (
        <Suspense>
          <Unfilled text={text} label={asked.then.length > 0 || asked.before ? asked.label : undefined} onAnyway={() => go(asked, true)} onLeave={() => setAsked(null)} />
        </Suspense>
      )}
      <div className="row end">
        {!isCustomer && !isWaiting && (
          <Suspense>
            <CannedMenu opened={opened} kind={kind} text={text} onText={setText} onSend={send} form={form} unfilled={unfilled} />
          </Suspense>
        )}
        <AttachButton files={files} isBusy={isWaiting} isQuiet />
        <span className="space" />
        {entry?.state === "sending" && <Seal state="closing" />}
        {isWaiting && entry ? (
          <Held entry={entry} />
        ) : (
          <>
            <DeskButton kind="primary" type="submit" isDisabled={cannot}>
              {isNote ? <Trans>Leave the note</Trans> : <Trans>Send</Trans>}
            </DeskButton>
            {!isCustomer && works && (
              <Suspense>
                <SendMenu ticket={ticket} kind={kind} isDisabled={cannot} onSend={send} fromHere={fromHere} />
              </Suspense>
            )}
          </>
        )}
      </div>
    </form>
  );
}

/** The buttons change while what was written goes out: whoever pressed one is given the field. */
function useFieldFocus(form: RefObject<HTMLFormElement | null>, stage: string | undefined): FieldFocus {
  const [field] = useState(() =>
    createFieldFocus({
      isInside: () => form.current?.contains(document.activeElement) ?? false,
      isNowhere: () => document.activeElement === document.body,
      focus: () => form.current?.querySelector("textarea")?.focus({ preventScroll: true }),
      soon: (work) => void requestAnimationFrame(() => requestAnimationFrame(work)),
    }),
  );
  // The outbox tells before anything is drawn by it: the button is still there then.
  useEffect(() => outbox.subscribe(field.changes), [field]);
  useLayoutEffect(field.changed, [field, stage]);
  return field;
}
