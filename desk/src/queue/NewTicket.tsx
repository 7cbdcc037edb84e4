// A customer writes: what it is about, what happened, and who will be able to read it, before it is sealed.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import { door } from "../door.ts";
import { AttachButton, ChosenFiles, useTarget } from "../files/Attach.tsx";
import { Stopped, useFiles } from "../files/chosen.ts";
import { Choices } from "../kit/Choices.tsx";
import { Field } from "../kit/controls.tsx";
import { toInvalid } from "../kit/invalid.ts";
import { Problem, wordsOf } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { useLook } from "../look/look.ts";
import { useDraft } from "../conversation/draft.ts";
import { Underway } from "../conversation/Held.tsx";
import { useOnce } from "../conversation/once.ts";
import { useTold } from "../conversation/told.tsx";
import { AwayLine, DeskButton, useReaching } from "../offline/NeedsDesk.tsx";
import { orKept } from "../offline/shown.ts";
import { client, keys } from "../queries.ts";
import { asksName } from "./asksName.ts";
import { useInbox } from "./Row.tsx";
import { category, PRIORITY } from "./words.ts";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies TicketPriority[];
/** What the ledger's content takes. */
const SUBJECT_LETTERS_MAX = 200;
const NAME_LETTERS_MAX = 64;

interface Draft {
  category: string | null;
  priority: TicketPriority;
  subject: string;
  message: string;
}

const EMPTY: Draft = { category: null, priority: "normal", subject: "", message: "" };

function drafted(text: string): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(text) as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

export function NewTicket() {
  const { i18n, t } = useLingui();
  const navigate = useNavigate();
  const told = useTold();
  const { welcome } = useLook();
  const [text, setText, , keep] = useDraft("new");
  const once = useOnce("new", drafted);
  const draft = drafted(text);
  const set = (change: Partial<Draft>) => setText(JSON.stringify({ ...draft, ...change }));
  const reaching = useReaching();
  const [tried, setTried] = useState(false);
  const files = useFiles("new");
  const [name, setName] = useState("");
  const [nameProblem, setNameProblem] = useState<string>();
  const isNaming = useRef(false);
  const { data: ownName } = useQuery({ queryKey: keys.ownName, queryFn: () => door.ownName() });
  const { data: inbox } = useInbox();
  const { data: categories = [], error: unknown } = useQuery({ queryKey: keys.categories, queryFn: () => orKept("categories") });
  const send = useMutation({
    async mutationFn({ sent, ticket }: { sent: string; ticket: { category: string } & Omit<Draft, "category"> }) {
      await keep();
      return once.send(sent, async (only) => {
        const ids = await files.bring(null, false);
        return ids.length > 0 ? door.createTicketWith(ticket, ids, only) : door.createTicket(ticket, only);
      });
    },
    async onSuccess(done) {
      await client.invalidateQueries({ queryKey: keys.inbox });
      await client.invalidateQueries({ queryKey: keys.ownName });
      // It had arrived before: the page goes there.
      if (done === null) return;
      if (!told(done, t`Sealed and sent. Support can read it now.`)) return;
      const { ticket_id } = done;
      if (ticket_id !== null) await navigate({ to: "/tickets/$id", params: { id: ticket_id } });
    },
  });
  // It was sent before a crash or a reload, and arrived. Whoever has begun to write another one meanwhile stays.
  const isOther = text !== "" && !send.isPending && !send.isSuccess;
  useEffect(() => {
    if (once.arrived !== null && !isOther) void navigate({ to: "/tickets/$id", params: { id: once.arrived } });
    // Only when it is found: what is typed or taken away after that leads nobody anywhere.
  }, [once.arrived, navigate]);
  const form = useRef<HTMLFormElement>(null);
  const isAsked = categories.length > 0;
  // The first field, as soon as it can be answered; not where somebody is writing already.
  useEffect(() => {
    if (isAsked && !form.current?.contains(document.activeElement)) form.current?.querySelector<HTMLElement>(".select-button")?.focus();
  }, [isAsked]);
  const { isOver, target } = useTarget(files, send.isPending);
  const missing = {
    category: draft.category === null ? t`Choose what it is about.` : undefined,
    subject: draft.subject.trim() === "" ? t`Say it in a few words.` : undefined,
    message: draft.message.trim() === "" ? t`Say what happened.` : undefined,
  };
  const go = () => {
    if (send.isPending) return;
    setTried(true);
    const { category, ...rest } = draft;
    if (category === null || missing.subject || missing.message) return toInvalid(form.current);
    reaching(() => {
      const mutate = () => send.mutate({ sent: text, ticket: { category, ...rest } });
      if (name.trim() === "") return mutate();
      if (isNaming.current) return;
      isNaming.current = true;
      void named()
        .then((fault) => {
          setNameProblem(fault ?? undefined);
          if (fault === null) mutate();
          else toInvalid(form.current);
        })
        .finally(() => (isNaming.current = false));
    });
  };
  // Who they are is asked with the first ticket alone, and kept where the settings have it. What is wrong with the name; null where nothing is.
  const named = async () => {
    try {
      const fault = await door.nameFault(name.trim());
      if (fault === null) await door.setOwnName(name.trim());
      return fault === null ? null : wordsOf(new Error(fault));
    } catch (error) {
      return wordsOf(error);
    }
  };
  return (
    <div className="scroll">
      <main className="column">
        <form ref={form} data-kept className="stack" onSubmit={(event) => (event.preventDefault(), go())} {...target}>
          <h1>
            <Trans>Write to support</Trans>
          </h1>
          {welcome !== "" && <p dir="auto">{welcome}</p>}
          <Choices
            label={t`What is it about?`}
            choices={categories.map((id) => ({ id, label: category(id, (message) => i18n._(message)) }))}
            value={draft.category}
            onChange={(category) => set({ category })}
            problem={tried ? missing.category : undefined}
          />
          <Field
            label={t`Subject`}
            value={draft.subject}
            maxLength={SUBJECT_LETTERS_MAX}
            onChange={(subject) => set({ subject })}
            problem={tried ? missing.subject : undefined}
          />
          <Field
            label={t`What happened?`}
            hint={t`Markdown works: **bold**, lists, \`code\`.`}
            lines={8}
            value={draft.message}
            onChange={(message) => set({ message })}
            problem={tried ? missing.message : undefined}
          />
          <div className="field">
            <div className="row">
              <AttachButton files={files} isBusy={send.isPending} />
            </div>
            <ChosenFiles files={files} isBusy={send.isPending} isOver={isOver} />
          </div>
          <Choices
            label={t`Priority`}
            choices={PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }))}
            value={draft.priority}
            onChange={(priority) => set({ priority })}
          />
          {asksName({ ownName, inbox, typed: name }) && (
            <Field
              label={t`Your name`}
              hint={t`You may leave this empty. Your name is sealed too: only support can read it.`}
              value={name}
              onChange={setName}
              maxLength={NAME_LETTERS_MAX}
              problem={nameProblem}
            />
          )}
          <div className="sealed-for">
            <Seal state={send.isPending ? "closing" : "closed"} />
            <span className="quiet small">
              <Trans>Only you and the support team can read this. Its category, priority, times and size are public and permanent: anyone using this ledger can read them.</Trans>
            </span>
          </div>
          {unknown !== null && <Problem error={unknown} />}
          {send.error && !(send.error instanceof Stopped) && <Problem error={send.error} />}
          {once.isInterrupted && <Underway />}
          <AwayLine />
          <div className="row end">
            <Link className="button" to="/">
              <Trans>Cancel</Trans>
            </Link>
            <DeskButton kind="primary" type="submit" isPending={send.isPending}>
              {send.isPending ? <Trans>Sealing…</Trans> : <Trans>Seal and send</Trans>}
            </DeskButton>
          </div>
        </form>
      </main>
    </div>
  );
}
