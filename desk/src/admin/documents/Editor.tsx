// One public document: in a form where there is one for it, else as the text that it is. It is published over the version that was read.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import type { ReadDocument } from "sealdesk/views";

import { useTold } from "../../conversation/told.tsx";
import { Warned } from "../../conversation/Warned.tsx";
import { door } from "../../door.ts";
import { Button, Field } from "../../kit/controls.tsx";
import { Problem } from "../../kit/Problem.tsx";
import { lookBody, lookForm } from "../../look/document.ts";
import { DeskButton, useReaching } from "../../offline/NeedsDesk.tsx";
import { adminKeys, changed } from "../asked.ts";
import { hoursBody, hoursForm, targetsBody, targetsForm } from "./forms.ts";
import { Hours } from "./Hours.tsx";
import { Look } from "./Look.tsx";
import { Targets } from "./Targets.tsx";

interface EditorProps {
  name: string;
  mayChange: boolean;
  onClose(): void;
}

const FIRST_LOOK = '{"schema":1}';

export function Editor({ name, mayChange, onClose }: EditorProps) {
  const { t } = useLingui();
  const { data, error, refetch, isPending } = useQuery({
    queryKey: adminKeys.document(name),
    queryFn: async () => ({
      read: await door.document("public", name),
      example: name === "desk" ? FIRST_LOOK : await door.documentExample(name),
    }),
    // What somebody types is not taken away from them by what comes meanwhile: publishing over another version is refused.
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
  const before = read?.body ?? "";
  const [body, setBody] = useState(read?.body ?? example ?? "{}\n");
  const [isText, setText] = useState(false);
  const [isSure, setSure] = useState(false);
  const publish = useMutation({
    async mutationFn() {
      const fault = await door.documentFault(name, body);
      if (fault !== null) throw new Error(fault);
      return door.publishDocument(name, read?.version ?? 0, body);
    },
    async onSuccess(done) {
      if (!told(done, t`Published. Everybody can read it.`)) return;
      await changed();
      onClose();
    },
  });
  const remove = useMutation({
    mutationFn: () => door.removeDocument("public", name, read?.version ?? 0),
    async onSuccess(done) {
      if (!told(done, t`Removed.`)) return;
      await changed();
      onClose();
    },
  });
  const form = isText ? null : <Fields name={name} body={body} onChange={setBody} isReadOnly={!mayChange} />;
  const hasForm = formOf(name, body);
  return (
    <form className="stack" onSubmit={(event) => (event.preventDefault(), !publish.isPending && reaching(() => publish.mutate()))}>
      {read?.not_shown && <div className="notice bad">{read.not_shown}</div>}
      {read && <Warned of={read.warned} />}
      {hasForm && form}
      {(!hasForm || isText) && <Field label={t`As text (JSON)`} lines={18} value={body} onChange={setBody} isReadOnly={!mayChange} />}
      {hasForm && (
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
          <p className="quiet small">
            <Trans>Public: everybody who uses this ledger can read it, and what was published stays in its history.</Trans>
          </p>
          <div className="row end">
            {read && !isSure && (
              <DeskButton onPress={() => setSure(true)}>
                <Trans>Remove</Trans>
              </DeskButton>
            )}
            {isSure && (
              <DeskButton onPress={() => remove.mutate()} isPending={remove.isPending}>
                <Trans>Remove it for everybody</Trans>
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

const formOf = (name: string, body: string): boolean =>
  (name === "office-hours" && hoursForm(body) !== null) || (name === "sla" && targetsForm(body) !== null) || (name === "desk" && lookForm(body) !== null);

interface FieldsProps {
  name: string;
  body: string;
  isReadOnly: boolean;
  onChange(body: string): void;
}

function Fields({ name, body, isReadOnly, onChange }: FieldsProps) {
  // A form keeps what is typed as it is typed; the document is made of it with each letter.
  const [hours, setHours] = useState(() => (name === "office-hours" ? hoursForm(body) : null));
  const [targets, setTargets] = useState(() => (name === "sla" ? targetsForm(body) : null));
  const [look, setLook] = useState(() => (name === "desk" ? lookForm(body) : null));
  if (hours) return <Hours form={hours} isReadOnly={isReadOnly} onChange={(next) => (setHours(next), onChange(hoursBody(next)))} />;
  if (targets) return <Targets form={targets} isReadOnly={isReadOnly} onChange={(next) => (setTargets(next), onChange(targetsBody(next)))} />;
  if (look) return <Look form={look} isReadOnly={isReadOnly} onChange={(next) => (setLook(next), onChange(lookBody(next)))} />;
  return null;
}
