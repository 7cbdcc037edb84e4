// A customer writes: what it is about, what happened, and who will be able to read it, before it is sealed.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import { door } from "../door.ts";
import { Button, Choices, Field } from "../kit/controls.tsx";
import { Problem } from "../kit/Problem.tsx";
import { Seal } from "../kit/Seal.tsx";
import { useLook } from "../look/look.ts";
import { useDraft } from "../conversation/draft.ts";
import { useTold } from "../conversation/told.tsx";
import { client, keys } from "../queries.ts";
import { category, PRIORITY } from "./words.ts";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies TicketPriority[];
/** What the ledger's content takes. */
const SUBJECT_LETTERS_MAX = 200;

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
  const [text, setText, drop] = useDraft("new");
  const draft = drafted(text);
  const set = (change: Partial<Draft>) => setText(JSON.stringify({ ...draft, ...change }));
  const [tried, setTried] = useState(false);
  const { data: categories = [], error: unknown } = useQuery({ queryKey: keys.categories, queryFn: () => door.categories() });
  const send = useMutation({
    mutationFn: (ticket: { category: string } & Omit<Draft, "category">) => door.createTicket(ticket),
    async onSuccess(done) {
      await client.invalidateQueries({ queryKey: keys.inbox });
      if (!told(done, t`Sealed and sent. Support can read it now.`)) return;
      await drop();
      const { ticket_id } = done;
      if (ticket_id !== null) await navigate({ to: "/tickets/$id", params: { id: ticket_id } });
    },
  });
  const missing = {
    category: draft.category === null ? t`Choose what it is about.` : undefined,
    subject: draft.subject.trim() === "" ? t`Say it in a few words.` : undefined,
    message: draft.message.trim() === "" ? t`Say what happened.` : undefined,
  };
  const go = () => {
    setTried(true);
    const { category, ...rest } = draft;
    if (category === null || missing.subject || missing.message) return;
    send.mutate({ category, ...rest });
  };
  return (
    <div className="scroll">
      <main className="column">
        <form className="stack" onSubmit={(event) => (event.preventDefault(), go())}>
          <h1>
            <Trans>Write to support</Trans>
          </h1>
          {welcome !== "" && <p dir="auto">{welcome}</p>}
          <Choices
            label={t`What is it about?`}
            choices={categories.map((id) => ({ id, label: category(id, (message) => i18n._(message)) }))}
            value={draft.category}
            isDisabled={categories.length === 0}
            onChange={(category) => set({ category })}
          />
          {tried && missing.category && <span className="field error">{missing.category}</span>}
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
          <Choices
            label={t`How urgent is it?`}
            choices={PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }))}
            value={draft.priority}
            onChange={(priority) => set({ priority })}
          />
          <div className="row">
            <Seal state={send.isPending ? "closing" : "open"} />
            <span className="quiet small">
              <Trans>Only you and the support team can read this. Its category, urgency and times are public to the desk.</Trans>
            </span>
          </div>
          {unknown !== null && <Problem error={unknown} />}
          {send.error && <Problem error={send.error} />}
          <div className="row end">
            <Link className="button" to="/">
              <Trans>Cancel</Trans>
            </Link>
            <Button kind="primary" type="submit" isDisabled={send.isPending}>
              {send.isPending ? <Trans>Sealing…</Trans> : <Trans>Seal and send</Trans>}
            </Button>
          </div>
        </form>
      </main>
    </div>
  );
}
