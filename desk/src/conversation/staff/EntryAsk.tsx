// One canned reply or macro, as somebody changes it. Where a colleague changed the same one meanwhile, both versions are shown.
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Checkbox } from "react-aria-components";
import type { DeskDocument, TicketPriority } from "sealdesk/views";

import { useTyped } from "../../admin/formDrafts.ts";
import { door, DeskError } from "../../door.ts";
import { Ask } from "../../kit/Ask.tsx";
import "../../kit/choices.css";
import { Choices } from "../../kit/Choices.tsx";
import { Button, Field } from "../../kit/controls.tsx";
import { steady } from "../../kit/letters.ts";
import { Problem } from "../../kit/Problem.tsx";
import { DeskEnd, useReaching } from "../../offline/NeedsDesk.tsx";
import { PRIORITY } from "../../queue/words.ts";
import { useTold } from "../told.tsx";
import { differing, type EntryField, type Macro, macrosIn, NAME_LETTERS_MAX, repliesIn, type Then, unknownIn, VARIABLES } from "./canned.ts";
import { newName, saveEntry } from "./documents.ts";
import type { Editing } from "./Manager.tsx";

/** The ledger's refusal of an entry that somebody else has changed. */
const CHANGED = 45;

type Value = Record<string, unknown> & { name: string; text: string };

/** What somebody typed and did not save, under which name it will be, and over what. */
interface TypedEntry {
  id: string;
  value: Value;
  base: unknown;
}

const isSameEntry = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

interface EntryAskProps {
  editing: Editing;
  read: DeskDocument | undefined;
  onClose(): void;
}

export function EntryAsk({ editing, read, onClose }: EntryAskProps) {
  const { t } = useLingui();
  const told = useTold();
  const reaching = useReaching();
  const { of } = editing;
  const { id: opened, ...begun } = editing.entry;
  // What stood there when this was opened: the list may have been read again since.
  const [stood] = useState<unknown>(() => read?.entries[opened] ?? null);
  // Neither Esc nor a press beside it loses what was typed: it is there again with the next opening.
  const { typed, set, putBack, publishing } = useTyped<TypedEntry>(`${of}/${stood === null ? "new" : opened}`);
  const { id, value, base } = typed ?? { id: opened, value: begun as Value, base: stood };
  const setValue = (value: Value) => (isSameEntry([value, base], [begun, stood]) ? putBack() : set({ id, value, base }));
  // Whoever closes it then has not chosen yet: what was typed stays over what it was typed over, and they are asked again.
  const [stands, setStands] = useState<{ now: unknown } | null>(null);
  const [theirs, setTheirs] = useState<Record<string, unknown> | null>(null);
  const save = useMutation({
    mutationFn: ({ name, next }: { name: string; next: unknown }) =>
      publishing(() => saveEntry(of, { name, value: next, read: name === id ? (stands ? stands.now : base) : null }), ({ proven }) => proven),
    onSuccess(done) {
      told(done, t`Saved for the whole team.`);
      onClose();
    },
    async onError(error) {
      if (!(error instanceof DeskError) || error.codespace !== "support" || error.code !== CHANGED) return;
      const now = (await door.readDocument("staff", of)).entries[id] ?? null;
      setStands({ now });
      setTheirs((now ?? {}) as Record<string, unknown>);
    },
  });
  // One name for as long as this is open: what is kept beside theirs is kept once, however often it is pressed.
  const [besides] = useState(newName);
  const isNew = base === null && theirs === null;
  const isEmpty = value.name.trim() === "" || (of === "replies" && value.text.trim() === "");
  const write = (name: string) => save.mutate({ name, next: { ...value, name: value.name.trim() } });
  const titles = { replies: isNew ? t`New reply` : t`Change a reply`, macros: isNew ? t`New macro` : t`Change a macro` };
  const variables = VARIABLES.map((name) => `{${name}}`).join(", ");
  const unknown = unknownIn(value.text).join(", ");
  const isUnknown = unknown !== "";
  const otherwise = "{customer|there}";
  // Beside what is typed, it is told once somebody would keep it, and from then on.
  const [isTried, setTried] = useState(false);
  const keep = () => {
    setTried(true);
    if (!isEmpty && !isUnknown && !save.isPending) reaching(() => write(id));
  };
  return (
    <Ask title={titles[of]} isOpen onClose={onClose}>
      {theirs === null ? (
        <form data-kept className="stack" onSubmit={(event) => (event.preventDefault(), keep())}>
          <Field label={t`Name`} value={value.name} maxLength={NAME_LETTERS_MAX} onChange={(name) => setValue({ ...value, name })} autoFocus />
          <Field
            label={of === "macros" ? t`Reply (optional)` : t`Text`}
            hint={t`Variables: ${variables}. Text after a bar is used when there is no value: ${otherwise} becomes “there” if no name is known.`}
            problem={isTried && isUnknown ? t`${unknown}: unknown variable; the customer would see it as typed. Available variables: ${variables}` : undefined}
            lines={7}
            value={value.text}
            onChange={(text) => setValue({ ...value, text })}
          />
          {of === "macros" && <Rest value={value as unknown as Macro} onChange={(part) => setValue({ ...value, ...part })} />}
          {save.error !== null && <Problem error={save.error} />}
          {typed !== null && (
            <p className="quiet small">
              <Trans>Not saved yet. What you typed is kept in this browser, also when you close this.</Trans>
            </p>
          )}
          <div className="row end">
            {typed !== null && (
              <Button onPress={() => (putBack(), save.reset())}>
                <Trans>Put back</Trans>
              </Button>
            )}
            {!isNew && (
              <Button isPending={save.isPending} onPress={() => save.mutate({ name: id, next: null })}>
                <Trans>Delete</Trans>
              </Button>
            )}
            <Button onPress={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <DeskEnd kind="primary" type="submit" isPending={save.isPending} isDisabled={isEmpty}>
              {save.isPending ? <Trans>Sealing…</Trans> : <Trans>Save</Trans>}
            </DeskEnd>
          </div>
        </form>
      ) : (
        <Both of={of} mine={value} theirs={theirs} isBusy={save.isPending} onMine={() => write(id)} onBoth={() => write(besides)} onTheirs={() => (putBack(), onClose())} />
      )}
    </Ask>
  );
}

interface BothProps {
  of: Editing["of"];
  mine: Value;
  theirs: Record<string, unknown>;
  isBusy: boolean;
  onMine(): void;
  onBoth(): void;
  onTheirs(): void;
}

function Both({ of, mine, theirs, isBusy, onMine, onBoth, onTheirs }: BothProps) {
  const isGone = Object.keys(theirs).length === 0;
  const fields = differing(of, mine, isGone ? null : theirs);
  return (
    <div className="versions">
      <p className="notice warn">
        {isGone ? <Trans>A colleague deleted this while you were writing. Your text is still here.</Trans> : <Trans>A colleague changed this while you were writing. Both versions are here: choose one.</Trans>}
      </p>
      {!isGone && (
        <section className="field">
          <h3 className="label">
            <Trans>Theirs</Trans>
          </h3>
          <Version of={of} fields={fields} value={theirs} />
        </section>
      )}
      <section className="field">
        <h3 className="label">
          <Trans>Yours</Trans>
        </h3>
        <Version of={of} fields={fields} value={mine} />
      </section>
      <div className="row end">
        <Button onPress={onTheirs} isPending={isBusy}>
          {isGone ? <Trans>Leave it deleted</Trans> : <Trans>Keep theirs</Trans>}
        </Button>
        <Button onPress={onMine} isPending={isBusy}>
          {isGone ? <Trans>Keep mine</Trans> : <Trans>Replace it with mine</Trans>}
        </Button>
        {!isGone && (
          <Button kind="primary" onPress={onBoth} isPending={isBusy}>
            <Trans>Keep both</Trans>
          </Button>
        )}
      </div>
    </div>
  );
}

/** What stands in one version, of the fields in which the two differ. */
export function Version({ of, fields, value }: { of: Editing["of"]; fields: readonly EntryField[]; value: Record<string, unknown> }) {
  const { i18n, t } = useLingui();
  const thens = useThens();
  const labels: Record<EntryField, string> = {
    name: t`Name`,
    text: of === "macros" ? t`Reply (optional)` : t`Text`,
    then: t`Afterwards the ticket`,
    priority: t`Priority`,
    tags: t`Tags to add, separated by commas`,
    takes: t`Using it also takes the ticket`,
  };
  // Others wrote it: it is read as what it can be.
  const document = { entries: { one: value } } as unknown as DeskDocument;
  const entry = (of === "macros" ? macrosIn(document) : repliesIn(document))[0] as Partial<Macro> | undefined;
  const said = (field: EntryField): string => {
    if (field === "then") return thens.find(({ id }) => id === entry?.then)?.label ?? "";
    if (field === "takes") return entry?.takes ? t`yes` : t`no`;
    if (field === "priority") return entry?.priority ? i18n._(PRIORITY[entry.priority]) : t`unchanged`;
    return entry?.[field] ?? "";
  };
  return fields.map((field) => (
    <div key={field}>
      <span className="quiet small">{labels[field]}</span>
      <pre dir="auto">{steady(said(field)) || "–"}</pre>
    </div>
  ));
}

function useThens(): { id: Then; label: string }[] {
  const { t } = useLingui();
  return [
    { id: "nothing", label: t`keeps its status` },
    { id: "wait", label: t`waits for the customer` },
    { id: "resolve", label: t`is resolved` },
  ];
}

function Rest({ value, onChange }: { value: Macro; onChange(part: Partial<Macro>): void }) {
  const { i18n, t } = useLingui();
  const thens = useThens();
  const priorities: { id: TicketPriority | "same"; label: string }[] = [
    { id: "same", label: t`unchanged` },
    ...(["low", "normal", "high", "urgent"] as const).map((id) => ({ id, label: i18n._(PRIORITY[id]) })),
  ];
  return (
    <>
      <Choices<Then> label={t`Afterwards the ticket`} choices={thens} value={value.then} onChange={(then) => onChange({ then })} />
      <Choices<TicketPriority | "same">
        label={t`Priority`}
        choices={priorities}
        value={value.priority === "" ? "same" : value.priority}
        onChange={(priority) => onChange({ priority: priority === "same" ? "" : priority })}
      />
      <Field label={t`Tags to add, separated by commas`} value={value.tags} onChange={(tags) => onChange({ tags })} />
      <Checkbox className="check" isSelected={value.takes} onChange={(takes) => onChange({ takes })}>
        <span className="check-box" aria-hidden />
        <Trans>Using it also takes the ticket</Trans>
      </Checkbox>
    </>
  );
}
