// One act with all that is selected: what is needed for it is asked once, then one progress, then one result.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { Ask, AskEnd, Button, Choices, Field } from "../kit/controls.tsx";
import { useNames } from "../people/names.tsx";
import { client, keys } from "../queries.ts";
import { useOpened } from "../session/session.tsx";
import { type Progress, type Result, withEach } from "./bulk.ts";
import { BulkResult } from "./BulkResult.tsx";
import { PRIORITIES } from "./views.ts";
import { PRIORITY } from "./words.ts";

export type What = "assign" | "take" | "startWork" | "awaitCustomer" | "resolve" | "close" | "priority";

/** The ledger asks for words here; these say no more than the act itself does. */
const USUAL = { resolve: "answered", close: "done" };

interface BulkProps {
  what: What;
  ids: string[];
  /** These are done. */
  onDone(ids: string[]): void;
  onClose(): void;
}

export function Bulk({ what, ids, onDone, onClose }: BulkProps) {
  // What was selected when it began: the selection shrinks as it goes.
  const [chosen] = useState(ids);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const isStopped = useRef(false);
  const [stops, setStops] = useState(false);
  const title = useTitle(what);
  const run = async (work: (id: string) => Promise<Told>) => {
    setProgress({ done: 0, of: chosen.length });
    const result = await withEach(chosen, work, { onProgress: setProgress, isStopped: () => isStopped.current });
    setProgress(null);
    setResult(result);
    onDone([...result.done, ...result.unproven]);
    for (const id of chosen) void client.invalidateQueries({ queryKey: keys.ticket(id) });
  };
  const stop = () => {
    isStopped.current = true;
    setStops(true);
  };
  return (
    // While it goes it is stopped by its button, and not by a press beside it.
    <Ask title={title} isOpen onClose={progress ? () => undefined : onClose}>
      {result ? (
        <BulkResult result={result} onClose={onClose} />
      ) : progress ? (
        <Going progress={progress} stops={stops} onStop={stop} />
      ) : (
        <Details what={what} count={chosen.length} onRun={run} onClose={onClose} />
      )}
    </Ask>
  );
}

function useTitle(what: What): string {
  const { t } = useLingui();
  switch (what) {
    case "assign":
      return t`Assign these tickets`;
    case "take":
      return t`Take these tickets`;
    case "startWork":
      return t`Start work on these tickets`;
    case "awaitCustomer":
      return t`Wait for the customers of these tickets`;
    case "resolve":
      return t`Resolve these tickets`;
    case "close":
      return t`Close these tickets`;
    case "priority":
      return t`Change how urgent these tickets are`;
  }
}

function Going({ progress: { done, of }, stops, onStop }: { progress: Progress; stops: boolean; onStop(): void }) {
  const { t } = useLingui();
  return (
    <div className="stack">
      <progress className="going" value={done} max={of} aria-label={t`Progress`} />
      <p role="status" className="numbers">
        {stops ? <Trans>Stopping after the one that is on its way…</Trans> : <Trans>{done} of {of}</Trans>}
      </p>
      <div className="row end">
        <Button onPress={onStop} isDisabled={stops}>
          <Trans>Stop</Trans>
        </Button>
      </div>
    </div>
  );
}

interface DetailsProps {
  what: What;
  count: number;
  onRun(work: (id: string) => Promise<Told>): void;
  onClose(): void;
}

function Details({ what, count, onRun, onClose }: DetailsProps) {
  const [agent, setAgent] = useState<string | null>(null);
  const [priority, setPriority] = useState<TicketPriority | null>(null);
  const [reason, setReason] = useState("");
  const words = reason.trim();
  const work = (id: string): Promise<Told> => {
    switch (what) {
      case "assign":
        return door.assign(id, agent ?? "");
      case "take":
        return door.take(id);
      case "startWork":
        return door.startWork(id);
      case "awaitCustomer":
        return door.awaitCustomer(id);
      case "resolve":
        return door.resolve(id, words || USUAL.resolve);
      case "close":
        return door.close(id, words || USUAL.close);
      case "priority":
        return door.setPriority(id, priority ?? "normal", words);
    }
  };
  const isReady = (what !== "assign" || agent !== null) && (what !== "priority" || priority !== null);
  return (
    <div className="stack">
      {what === "assign" && <Agent value={agent} onChange={setAgent} />}
      {what === "priority" && <Urgency value={priority} onChange={setPriority} />}
      {(what === "resolve" || what === "close" || what === "priority") && <Reason value={reason} onChange={setReason} />}
      <p className="quiet small">
        <Plural
          value={count}
          one="One ticket. What the ledger refuses stays as it is."
          other="# tickets, one after the other. What the ledger refuses stays as it is; you can stop in the middle."
        />
      </p>
      <AskEnd onClose={onClose} onDo={() => onRun(work)} isBusy={!isReady}>
        <Trans>Do it</Trans>
      </AskEnd>
    </div>
  );
}

function Agent({ value, onChange }: { value: string | null; onChange(agent: string): void }): ReactNode {
  const { t } = useLingui();
  const { address } = useOpened();
  const names = useNames();
  const { data: agents = [] } = useQuery({ queryKey: keys.members("support_agent"), queryFn: () => door.members("support_agent") });
  const choices = [...new Set([address, ...agents])].map((id) => ({ id, label: id === address ? t`Me` : names(id, true) }));
  return (
    <>
      <Choices label={t`Support agent`} choices={choices} value={value} onChange={onChange} />
      <p className="quiet small">
        <Trans>They can read all of it from then on, earlier notes too.</Trans>
      </p>
    </>
  );
}

function Urgency({ value, onChange }: { value: TicketPriority | null; onChange(priority: TicketPriority): void }) {
  const { i18n, t } = useLingui();
  const choices = PRIORITIES.map((id) => ({ id, label: i18n._(PRIORITY[id]) }));
  return <Choices label={t`How urgent`} choices={choices} value={value} onChange={onChange} />;
}

function Reason({ value, onChange }: { value: string; onChange(reason: string): void }) {
  const { t } = useLingui();
  return (
    <Field
      label={t`Why, in a few words`}
      hint={t`Public: everybody who uses this ledger can read it, and it stays. You may leave it empty.`}
      value={value}
      onChange={onChange}
      maxLength={256}
    />
  );
}
