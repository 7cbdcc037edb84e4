// One public document: in a form where there is one for it, else as the text that it is. It is published over the version that was read.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ReadDocument } from "sealdesk/views";

import { useTold } from "../../conversation/told.tsx";
import { Warned } from "../../conversation/Warned.tsx";
import { DeskError, door } from "../../door.ts";
import { Button, Field } from "../../kit/controls.tsx";
import { toInvalid } from "../../kit/invalid.ts";
import { Problem } from "../../kit/Problem.tsx";
import type { LookForm } from "../../look/document.ts";
import { DeskButton, useReaching } from "../../offline/NeedsDesk.tsx";
import { client } from "../../queries.ts";
import { adminKeys, changed } from "../asked.ts";
import { useTyped } from "../formDrafts.ts";
import { type DocumentForm, edited, fitting, type HoursForm, isAsBefore, targetsBody, type TargetsForm, targetsForm, type TypedDocument } from "./forms.ts";
import { Hours, zoneQuery } from "./Hours.tsx";
import { Look } from "./Look.tsx";
import { moved } from "./moved.ts";
import { Targets } from "./Targets.tsx";
import { Theirs, TheirsHere } from "./Theirs.tsx";

interface EditorProps {
  name: string;
  mayChange: boolean;
  onClose(): void;
}

/** The ledger's refusal of a document that somebody else has published meanwhile. */
const CHANGED = 45;
const FIRST_LOOK = '{"schema":1}';

/** What a document can begin with; of targets only what fits the desk's own categories. */
async function exampleOf(name: string): Promise<string | null> {
  if (name === "desk") return FIRST_LOOK;
  const example = await door.documentExample(name);
  const targets = name === "sla" && example !== null ? targetsForm(example) : null;
  return targets ? targetsBody(fitting(targets, await door.categories())) : example;
}

export function Editor({ name, mayChange, onClose }: EditorProps) {
  const { t } = useLingui();
  const { data, error, refetch, isPending } = useQuery({
    queryKey: adminKeys.document(name),
    queryFn: async () => ({
      read: await door.document("public", name),
      example: await exampleOf(name),
    }),
    // Publishing over another version is refused: then it is read again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const titles: Record<string, string> = { "office-hours": t`Office hours`, sla: t`Targets`, desk: t`Name and colour` };
  return (
    <section className="stack" aria-labelledby="document">
      <div className="row">
        <Button kind="plain" onPress={onClose}>
          <ArrowLeft size={16} aria-hidden />
          <Trans>All documents</Trans>
        </Button>
      </div>
      <h2 id="document">{titles[name] ?? name}</h2>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {isPending && <div className="bar-progress" role="progressbar" aria-label={t`Reading the document`} />}
      {data && <Form name={name} read={data.read} example={data.example} mayChange={mayChange} onClose={onClose} />}
    </section>
  );
}

function Form({ name, read, example, mayChange, onClose }: EditorProps & { read: ReadDocument | null; example: string | null }) {
  const { t } = useLingui();
  const told = useTold();
  const reaching = useReaching();
  const element = useRef<HTMLFormElement>(null);
  const before = read?.body ?? "";
  const version = read?.version ?? 0;
  const { typed: kept, set, putBack, publishing } = useTyped<TypedDocument>(name);
  const original = read?.body ?? example ?? "{}\n";
  const typed = useMemo(() => kept && moved(name, kept, version, original), [name, kept, version, original]);
  const { body, form, hasFault } = edited(name, original, typed);
  const type = (what: Pick<TypedDocument, "form" | "text">) => {
    const next = { version, over: typed?.over ?? original, theirs: typed?.theirs ?? {}, ...what };
    if (isAsBefore(name, original, next)) putBack();
    else set(next);
  };
  const [isText, setText] = useState(false);
  const [isSure, setSure] = useState(false);
  const [tried, setTried] = useState(false);
  const publish = useMutation({
    async mutationFn() {
      const fault = await door.documentFault(name, body);
      if (fault !== null) throw new Error(fault);
      return publishing(() => door.publishDocument(name, version, body), ({ proven }) => proven);
    },
    async onSuccess(done) {
      if (!told(done, t`Published. Everybody can read it.`)) return;
      await changed();
      onClose();
    },
    async onError(error) {
      // Somebody else has published meanwhile: what was typed is put over theirs, which is shown beside it.
      if (error instanceof DeskError && error.codespace === "support" && error.code === CHANGED) await client.invalidateQueries({ queryKey: adminKeys.document(name) });
    },
  });
  const { isPending } = publish;
  useEffect(() => {
    // What is being published is kept as it was when that began.
    if (typed === null || typed === kept || isPending) return;
    if (isAsBefore(name, original, typed)) putBack();
    else set(typed);
  });
  const remove = useMutation({
    mutationFn: () => door.removeDocument("public", name, version),
    async onSuccess(done) {
      if (!told(done, t`Removed.`)) return;
      putBack();
      await changed();
      onClose();
    },
  });
  const go = async () => {
    if (publish.isPending) return;
    setTried(true);
    const isZone = name !== "office-hours" || form === null || (await client.fetchQuery(zoneQuery((form as HoursForm).zone)));
    if (hasFault || !isZone) return toInvalid(element.current);
    reaching(() => publish.mutate());
  };
  const asText = isText || form === null;
  const problem = !hasFault ? undefined : form === null ? t`This is not JSON.` : t`Something in it is not valid: the form says what.`;
  return (
    <form ref={element} data-kept className="stack" onSubmit={(event) => (event.preventDefault(), void go())}>
      {/* A public document is sealed for nobody: this is the one reason why it is not there. */}
      {read?.not_shown && (
        <div className="notice bad">
          <Trans>Not shown: the desk withholds it, though the ledger proves that it exists.</Trans>
        </div>
      )}
      {read && <Warned of={read.warned} />}
      {typed?.theirs && Object.keys(typed.theirs).length > 0 && (
        <div className="notice warn" role="status">
          <Trans>
            Somebody else has published this document since you began. What they changed is here; where you changed the same, yours stands in the
            field and theirs below it. Nothing of yours is published yet.
          </Trans>
        </div>
      )}
      <TheirsHere value={typed?.theirs ?? {}}>
        <Theirs of="" />
        {form !== null && !isText && <Fields name={name} form={form} onChange={(form) => type({ form })} isReadOnly={!mayChange} />}
      </TheirsHere>
      {asText && (
        <Field
          label={t`As text (JSON)`}
          lines={18}
          value={body}
          onChange={(text) => type({ text })}
          isReadOnly={!mayChange}
          problem={problem}
        />
      )}
      {form !== null && (
        <div className="row">
          <Button kind="plain" onPress={() => setText(!isText)}>
            {isText ? <Trans>As a form</Trans> : <Trans>As text</Trans>}
          </Button>
        </div>
      )}
      {mayChange && (
        <div className="savebar stack">
          {publish.error && <Problem error={publish.error} />}
          {remove.error && <Problem error={remove.error} />}
          <p className="quiet small" role="status">
            {tried && hasFault ? (
              <strong>
                <Trans>Nothing was published: fix what is marked first.</Trans>
              </strong>
            ) : typed ? (
              <Trans>Not published yet. What you typed is kept in this browser, even if you leave this page.</Trans>
            ) : (
              <Trans>Public: everybody who uses this desk can read it, and what was published stays in its history.</Trans>
            )}
          </p>
          <div className="row end">
            {typed && (
              <Button onPress={() => (putBack(), setTried(false), publish.reset())}>
                <Trans>Reset</Trans>
              </Button>
            )}
            {read && !isSure && (
              <DeskButton onPress={() => setSure(true)}>
                <Trans>Remove</Trans>
              </DeskButton>
            )}
            {isSure && (
              <DeskButton onPress={() => remove.mutate()} isPending={remove.isPending}>
                <Trans>Remove for everyone</Trans>
              </DeskButton>
            )}
            <DeskButton kind="primary" type="submit" isPending={publish.isPending} isDisabled={body === before}>
              {publish.isPending ? <Trans>Publishing…</Trans> : <Trans>Publish</Trans>}
            </DeskButton>
          </div>
        </div>
      )}
    </form>
  );
}

interface FieldsProps {
  name: string;
  form: DocumentForm;
  isReadOnly: boolean;
  onChange(form: DocumentForm): void;
}

function Fields({ name, form, ...rest }: FieldsProps) {
  switch (name) {
    case "office-hours":
      return <Hours form={form as HoursForm} {...rest} />;
    case "sla":
      return <Targets form={form as TargetsForm} {...rest} />;
    default:
      return <Look form={form as LookForm} {...rest} />;
  }
}
