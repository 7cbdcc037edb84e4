// Canned replies and macros: what there is, and how to change it. Two people who edit at once lose nothing of either.
import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { DeskDocument } from "sealdesk/views";

import { Button } from "../../kit/controls.tsx";
import { steady } from "../../kit/letters.ts";
import { Problem } from "../../kit/Problem.tsx";
import { Warned } from "../Warned.tsx";
import "../conversation.css";
import { type Macro, macrosIn, type Reply, repliesIn } from "./canned.ts";
import { EntryAsk } from "./EntryAsk.tsx";
import { newName, useStaffDocument } from "./documents.ts";

export type Editing = { of: "replies"; entry: Reply } | { of: "macros"; entry: Macro };

export default function Manager() {
  const { t } = useLingui();
  const replies = useStaffDocument("replies");
  const macros = useStaffDocument("macros");
  const [editing, setEditing] = useState<Editing | null>(null);
  const edit = (what: Editing) => () => setEditing(what);
  const blank = { id: "", name: "", text: "" };
  return (
    <div className="scroll">
      <main className="column stack">
        <Link to="/" className="quiet small">
          <Trans>Back to the tickets</Trans>
        </Link>
        <h1>
          <Trans>Canned replies and macros</Trans>
        </h1>
        <p className="quiet">
          <Trans>
            For everyone on the team, and sealed for them. Type <code>::</code> in a reply to choose one.
          </Trans>
        </p>
        <Section
          id="replies"
          title={t`Replies`}
          none={t`No replies yet. Write one for what you answer every day.`}
          read={replies}
          entries={repliesIn(replies.data)}
          onAdd={edit({ of: "replies", entry: { ...blank, id: newName() } })}
          onEdit={(entry) => setEditing({ of: "replies", entry })}
          add={<Trans>New reply</Trans>}
        />
        <Section
          id="macros"
          title={t`Macros`}
          none={t`No macros yet. A macro replies, tags, and changes the ticket in one go.`}
          read={macros}
          entries={macrosIn(macros.data)}
          onAdd={edit({ of: "macros", entry: { ...blank, id: newName(), then: "nothing", priority: "", tags: "", takes: false } })}
          onEdit={(entry) => setEditing({ of: "macros", entry })}
          add={<Trans>New macro</Trans>}
        />
        {editing && (
          <EntryAsk
            key={editing.entry.id}
            editing={editing}
            read={(editing.of === "replies" ? replies : macros).data}
            onClose={() => setEditing(null)}
          />
        )}
      </main>
    </div>
  );
}

interface SectionProps<T> {
  id: string;
  title: string;
  none: string;
  add: ReactNode;
  read: { data: DeskDocument | undefined; error: unknown; refetch(): unknown };
  entries: T[];
  onAdd(): void;
  onEdit(entry: T): void;
}

function Section<T extends { id: string; name: string; text: string }>({ id, title, none, add, read, entries, onAdd, onEdit }: SectionProps<T>) {
  const { t } = useLingui();
  const { data, error, refetch } = read;
  const isOpen = data?.state === "open" || data?.state === "none";
  return (
    <section className="stack" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {data && !isOpen && (
        <p className="notice warn">
          <Trans>You cannot open these yet. An administrator can seal them for you, with “sealdesk documents renew”.</Trans>
        </p>
      )}
      {data && <Warned of={data.warned} />}
      {!data && error === null && <div className="bar-progress" role="progressbar" aria-label={t`Opening them`} />}
      {isOpen && entries.length === 0 && <p className="quiet">{none}</p>}
      {entries.length > 0 && (
        <ul className="manager">
          {entries.map((entry) => (
            <li key={entry.id}>
              <div className="row">
                <strong className="grow">
                  <bdi>{steady(entry.name)}</bdi>
                </strong>
                <Button onPress={() => onEdit(entry)} aria-label={t`Change ${entry.name}`}>
                  <Trans>Change</Trans>
                </Button>
              </div>
              {entry.text !== "" && (
                <p className="said-text" dir="auto">
                  {steady(entry.text)}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <Button kind="primary" onPress={onAdd} isDisabled={!isOpen}>
          {add}
        </Button>
      </div>
    </section>
  );
}
