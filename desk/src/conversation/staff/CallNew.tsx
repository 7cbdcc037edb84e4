// A ticket for a caller who has no account here: written by a key that is made for it alone, which the claim link gives into their hands.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { NewTicket, TicketPriority } from "sealdesk/views";

import { door } from "../../door.ts";
import { Choices } from "../../kit/Choices.tsx";
import { Field } from "../../kit/controls.tsx";
import { toInvalid } from "../../kit/invalid.ts";
import { Problem, wordsOf } from "../../kit/Problem.tsx";
import { useToast } from "../../kit/toast.tsx";
import { AwayLine, DeskButton, useReaching } from "../../offline/NeedsDesk.tsx";
import { client, keys } from "../../queries.ts";
import { category, PRIORITY } from "../../queue/words.ts";
import { useDraft } from "../draft.ts";
import { Underway } from "../Held.tsx";
import { useOnce } from "../once.ts";
import { useTold } from "../told.tsx";
import { MADE } from "./made.ts";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies TicketPriority[];
const SUBJECT_LETTERS_MAX = 200;

type Draft = Required<NewTicket>;

const EMPTY: Draft = { name: "", category: "", priority: "normal", subject: "", message: "" };

function drafted(text: string): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(text) as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

export function CallNew() {
  const { i18n, t } = useLingui();
  const told = useTold();
  const toast = useToast();
  const [text, setText, , keep] = useDraft("caller");
  const once = useOnce("caller", drafted, MADE);
  const draft = drafted(text);
  const set = (part: Partial<Draft>) => setText(JSON.stringify({ ...draft, ...part }));
  const reaching = useReaching();
  const [tried, setTried] = useState(false);
  const [nameFault, setNameFault] = useState<string>();
  const { data: categories = [] } = useQuery({ queryKey: keys.categories, queryFn: () => door.categories() });
  const isDone = t`Created, and sealed for the team. Give the caller their link.`;
  const send = useMutation({
    async mutationFn({ ticket, text }: { ticket: Draft; text: string }) {
      await keep();
      return once.send(text, (only) => door.writeForCaller(ticket, only));
    },
    onSuccess(done) {
      setTried(false);
      // What had arrived before is told below.
      if (done !== null) told(done, isDone);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.callers }),
  });
  // It was sent before a crash, a reload or a lost answer, and arrived.
  const { reset } = send;
  const shown = useRef<string | null>(null);
  useEffect(() => {
    if (once.arrived === null || once.arrived === shown.current) return;
    shown.current = once.arrived;
    reset();
    toast(isDone);
    void client.invalidateQueries({ queryKey: keys.callers });
  }, [once.arrived, isDone, reset, toast]);
  const missing = {
    category: draft.category === "" ? t`Choose what it is about.` : undefined,
    subject: draft.subject.trim() === "" ? t`Say it in a few words.` : undefined,
    message: draft.message.trim() === "" ? t`Say what happened.` : undefined,
  };
  const problemOf = (field: keyof typeof missing) => (tried ? missing[field] : undefined);
  const isChecking = useRef(false);
  const go = async () => {
    if (isChecking.current || send.isPending) return;
    setTried(true);
    const name = draft.name.trim();
    isChecking.current = true;
    const fault = await (name === "" ? Promise.resolve(null) : door.nameFault(name)).finally(() => {
      isChecking.current = false;
    });
    setNameFault(fault === null ? undefined : wordsOf(new Error(fault)));
    if (fault === null && Object.values(missing).every((problem) => problem === undefined)) reaching(() => send.mutate({ ticket: { ...draft, name }, text }));
  };
  return (
    <form data-kept className="stack" onSubmit={(event) => (event.preventDefault(), toInvalid(event.currentTarget), void go())}>
      <Field label={t`Caller’s name`} value={draft.name} maxLength={64} onChange={(name) => set({ name })} problem={nameFault} />
      <Choices<string>
        label={t`What is it about?`}
        choices={categories.map((id) => ({ id, label: category(id, (message) => i18n._(message)) }))}
        value={draft.category === "" ? null : draft.category}
        onChange={(category) => set({ category })}
        problem={problemOf("category")}
      />
      <Field label={t`Subject`} value={draft.subject} maxLength={SUBJECT_LETTERS_MAX} onChange={(subject) => set({ subject })} problem={problemOf("subject")} />
      <Field label={t`What happened?`} lines={6} value={draft.message} onChange={(message) => set({ message })} problem={problemOf("message")} />
      <Choices<TicketPriority> label={t`Priority`} choices={PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }))} value={draft.priority} onChange={(priority) => set({ priority })} />
      <p className="quiet small">
        <Trans>
          The ticket is written with a key made only for it, under the name you give. Only administrators and the people they assign it to can read it. The caller makes it theirs with a link.
        </Trans>
      </p>
      {send.error !== null && <Problem error={send.error} />}
      {once.isInterrupted && <Underway />}
      <AwayLine />
      <div className="row end">
        <DeskButton kind="primary" type="submit" isPending={send.isPending}>
          {send.isPending ? <Trans>Sealing…</Trans> : <Trans>Create sealed ticket</Trans>}
        </DeskButton>
      </div>
    </form>
  );
}
