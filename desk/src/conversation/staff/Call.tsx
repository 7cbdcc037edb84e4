// Somebody called, and their ticket is written for them: by a key that is made for it and given to them with a link; or, where they have an
// address and the ledger takes tickets that are told, by an administrator. Else the caller gets a link and writes it themselves.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { TicketForCaller, TicketPriority } from "sealdesk/views";

import { door } from "../../door.ts";
import { Choices } from "../../kit/Choices.tsx";
import { CopyButton } from "../../kit/CopyButton.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { toInvalid } from "../../kit/invalid.ts";
import { Problem } from "../../kit/Problem.tsx";
import { usePublicOrigin } from "../../kit/publicOrigin.ts";
import { AwayLine, DeskButton, useReaching } from "../../offline/NeedsDesk.tsx";
import { useNames } from "../../people/names.tsx";
import { client, keys } from "../../queries.ts";
import { useRole } from "../../queue/role.ts";
import { useQueue } from "../../queue/store.ts";
import { category, PRIORITY } from "../../queue/words.ts";
import { useOpened } from "../../session/session.tsx";
import { useDraft } from "../draft.ts";
import { useTold } from "../told.tsx";
import { CallNew } from "./CallNew.tsx";
import { ClaimLinks } from "./ClaimLinks.tsx";
import { NoPublicLink } from "./NoPublicLink.tsx";

const PRIORITIES = ["low", "normal", "high", "urgent"] as const satisfies TicketPriority[];
const SOURCES = ["phone", "mail", "visit"] as const;
const SUBJECT_LETTERS_MAX = 200;

type Draft = Required<Omit<TicketForCaller, "at" | "name">>;

/** The ledger takes each number of a source once: a call that was sent twice is one ticket. */
const blank = (): Draft => ({
  customer: "",
  category: "",
  priority: "normal",
  subject: "",
  message: "",
  source: "phone",
  source_id: `${new Date().toISOString().slice(0, 10)}-${crypto.randomUUID().slice(0, 8)}`,
  author: "",
});

function drafted(text: string): Draft | null {
  try {
    return { ...blank(), ...(JSON.parse(text) as Partial<Draft>) };
  } catch {
    return null;
  }
}

export default function Call() {
  const { t } = useLingui();
  const [kind, setKind] = useState<"new" | "known">("new");
  const kinds = [
    { id: "new" as const, label: t`has no account here` },
    { id: "known" as const, label: t`has an address here` },
  ];
  const { data: role } = useRole();
  const { data: rules } = useQuery({ queryKey: ["rules"], queryFn: () => door.rules() });
  // Where customers are listed, a key that was made for one call is none of them.
  const { data: limits } = useQuery({ queryKey: ["limits"], queryFn: () => door.limits(), staleTime: 0 });
  const may = role?.role === "administrator" && rules?.import_open === true;
  return (
    <div className="scroll">
      <main className="column stack">
        <Link to="/" className="quiet small">
          <Trans>Back to the tickets</Trans>
        </Link>
        <h1>
          <Trans>A ticket for a caller</Trans>
        </h1>
        {role && rules && limits && (
          <>
            {role.role === "administrator" && !may && (
              <p className="quiet small">
                <Trans>
                  To create one for someone who has an address here, first allow imports:{" "}
                  <Link to="/admin/$part" params={{ part: "rules" }}>
                    Rules
                  </Link>
                  .
                </Trans>
              </p>
            )}
            {may && <Choices<"new" | "known"> label={t`The caller`} choices={kinds} value={kind} onChange={setKind} />}
            {may && kind === "known" ? <Write /> : limits.listed_customers ? <OnlyListed /> : <CallNew />}
            <ClaimLinks />
          </>
        )}
        <Invite />
      </main>
    </div>
  );
}

function OnlyListed() {
  return (
    <p className="notice">
      <Trans>
        At this desk only listed customers can write tickets, so you cannot create one for someone without an account. Have the caller start with the link below and read their address to you; an administrator adds them to the list; then they can write.
      </Trans>
    </p>
  );
}

/** What a caller needs to write by themselves. */
function Invite() {
  const { desk } = useOpened();
  const shown = useRef<HTMLElement>(null);
  const origin = usePublicOrigin();
  const link = `${origin}/#desk=${desk.identity}`;
  return (
    <section className="stack" aria-labelledby="invite">
      <h2 id="invite">
        <Trans>Invite somebody to this desk</Trans>
      </h2>
      <p className="quiet small">
        <Trans>The caller starts in their own browser and need not compare the twelve words: the link names this desk.</Trans>
      </p>
      {origin === null && <NoPublicLink />}
      {origin && (
        <>
          <code ref={shown} className="notice">{link}</code>
          <div className="row">
            <CopyButton text={link} shown={shown}>
              <Trans>Copy the link</Trans>
            </CopyButton>
          </div>
        </>
      )}
    </section>
  );
}

function Write() {
  const { i18n, t } = useLingui();
  const names = useNames();
  const navigate = useNavigate();
  const told = useTold();
  const { lines } = useQueue();
  const [text, setText, drop] = useDraft("call");
  const [first, setFirst] = useState(blank);
  const reaching = useReaching();
  const draft = drafted(text) ?? first;
  const set = (part: Partial<Draft>) => setText(JSON.stringify({ ...draft, ...part }));
  const [tried, setTried] = useState(false);
  const { data: categories = [] } = useQuery({ queryKey: keys.categories, queryFn: () => door.categories() });
  const send = useMutation({
    mutationFn: ({ ticket }: { sent: string; ticket: TicketForCaller }) => door.createFor(ticket),
    async onSuccess(done, { sent }) {
      await client.invalidateQueries({ queryKey: keys.inbox });
      if (!told(done, t`Created, and sealed for the customer and the team.`)) return;
      await drop(sent);
      const { ticket_id } = done;
      if (ticket_id !== null) await navigate({ to: "/tickets/$id", params: { id: ticket_id } });
    },
  });
  const missing = {
    customer: draft.customer.trim() === "" ? t`Enter the customer’s address.` : undefined,
    category: draft.category === "" ? t`Choose what it is about.` : undefined,
    subject: draft.subject.trim() === "" ? t`Say it in a few words.` : undefined,
    message: draft.message.trim() === "" ? t`Say what happened.` : undefined,
  };
  const go = () => {
    if (send.isPending) return;
    setTried(true);
    const at = Math.floor(Date.now() / 1000);
    if (Object.values(missing).every((problem) => problem === undefined)) reaching(() => send.mutate({ sent: text, ticket: { ...draft, at } }));
  };
  // A call that is on the ledger is refused with its number for good: the next one has a number of its own.
  const another = () => {
    send.reset();
    setTried(false);
    setFirst(blank());
    setText("");
  };
  const customers = [...new Set([...lines.values()].map(({ ticket }) => ticket.customer_address))].slice(0, 200);
  const sources = { phone: t`by phone`, mail: t`by e-mail`, visit: t`in person` };
  const problemOf = (field: keyof typeof missing) => (tried ? missing[field] : undefined);
  return (
    <form data-kept className="stack" onSubmit={(event) => (event.preventDefault(), go(), toInvalid(event.currentTarget))}>
      {customers.length > 0 && (
        <Choices
          label={t`A customer who wrote before`}
          choices={customers.map((id) => ({ id, label: names(id) }))}
          value={customers.includes(draft.customer) ? draft.customer : null}
          onChange={(customer) => set({ customer })}
        />
      )}
      <Field label={t`Address of the customer`} value={draft.customer} onChange={(customer) => set({ customer })} problem={problemOf("customer")} />
      <Field label={t`Caller’s name`} value={draft.author} maxLength={100} onChange={(author) => set({ author })} />
      <Choices<string> label={t`How they reached you (public)`} choices={SOURCES.map((id) => ({ id, label: sources[id] }))} value={draft.source} onChange={(source) => set({ source })} />
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
        <Trans>The ticket is shown as created by you. The customer can read it as soon as they have a key.</Trans>
      </p>
      {send.error !== null && <Problem error={send.error} />}
      <AwayLine />
      <div className="row end">
        {send.error !== null && (
          <Button onPress={another}>
            <Trans>Empty the form</Trans>
          </Button>
        )}
        <DeskButton kind="primary" type="submit" isPending={send.isPending}>
          {send.isPending ? <Trans>Sealing…</Trans> : <Trans>Create sealed ticket</Trans>}
        </DeskButton>
      </div>
    </form>
  );
}
