// What came of an act with many tickets: what is done, what is not and why, ticket by ticket.
import { Plural, Trans } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Button } from "../kit/controls.tsx";
import { Words } from "../kit/Problem.tsx";
import { NoteLine } from "../people/NoteLine.tsx";
import type { Result } from "./bulk.ts";

export function BulkResult({ result, onClose }: { result: Result; onClose(): void }) {
  const { done, unproven, unchanged, refused, unanswered, untried, notes } = result;
  return (
    <div className="stack" role="status">
      {done.length > 0 && (
        <p className="notice good">
          <Plural value={done.length} one="# ticket is done, proven by the ledger." other="# tickets are done, proven by the ledger." />
        </p>
      )}
      {unchanged.length > 0 && (
        <p className="notice">
          <Plural value={unchanged.length} one="# already had these tags." other="# already had these tags." />
        </p>
      )}
      {refused.length > 0 && (
        <Part kind="bad" title={<Plural value={refused.length} one="# was not changed:" other="# were not changed:" />} rows={refused} />
      )}
      {unanswered.length > 0 && (
        <Part
          kind="warn"
          title={<Trans>Sent, but the desk did not answer. They may still be done: check before you try again.</Trans>}
          rows={unanswered}
        />
      )}
      {unproven.length > 0 && (
        <Part
          kind="warn"
          title={<Trans>The node says that these are done, but does not prove it:</Trans>}
          rows={unproven.map((id) => ({ id, why: null }))}
        />
      )}
      {untried.length > 0 && (
        <p className="notice">
          <Plural value={untried.length} one="# was not tried. It is still selected." other="# were not tried. They are still selected." />
        </p>
      )}
      {notes.map((note) => (
        <p key={note.text} className="quiet small" dir="auto">
          <NoteLine note={note} />
        </p>
      ))}
      <div className="row end">
        <Button kind="primary" onPress={onClose} autoFocus>
          <Trans>Close</Trans>
        </Button>
      </div>
    </div>
  );
}

interface PartProps {
  kind: "bad" | "warn";
  title: ReactNode;
  rows: { id: string; why: unknown }[];
}

function Part({ kind, title, rows }: PartProps) {
  return (
    <div className={`notice ${kind}`}>
      <strong>{title}</strong>
      <ul className="results">
        {rows.map(({ id, why }) => (
          <li key={id}>
            <Link to="/tickets/$id" params={{ id }}>
              {id}
            </Link>{" "}
            {why !== null && <Words error={why} />}
          </li>
        ))}
      </ul>
    </div>
  );
}
