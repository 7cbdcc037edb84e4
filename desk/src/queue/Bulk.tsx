// One act with all that is selected: what is needed for it is asked once, then one progress, then one result.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import type { TicketPriority } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { retag } from "../conversation/retag.ts";
import { tagsIn } from "../conversation/tags.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { client, keys } from "../queries.ts";
import { type Progress, type Result, withEach } from "./bulk.ts";
import { Agent, Reason, Tags, Until, Urgency } from "./BulkFields.tsx";
import { BulkResult } from "./BulkResult.tsx";

export type What = "assign" | "take" | "startWork" | "awaitCustomer" | "resolve" | "close" | "priority" | "snooze" | "tag";

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
  // Out of sight nobody could stop it, and its result would be lost: leaving stops it after the one that is on its way.
  useEffect(() => {
    isStopped.current = false;
    return () => {
      isStopped.current = true;
    };
  }, []);
  const isGoing = progress !== null;
  useEffect(() => {
    if (!isGoing) return;
    // The browser asks whether to close the page in the middle of it.
    const asks = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", asks);
    return () => removeEventListener("beforeunload", asks);
  }, [isGoing]);
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
    case "snooze":
      return t`Put these tickets aside`;
    case "tag":
      return t`Give these tickets tags`;
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
  const [until, setUntil] = useState<number | null>(null);
  const [tags, setTags] = useState("");
  const added = tagsIn(tags);
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
        return door.resolve(id, words);
      case "close":
        return door.close(id, words);
      case "priority":
        return door.setPriority(id, priority ?? "normal", words);
      case "snooze":
        return door.act(id, [{ act: "snooze", until }]);
      case "tag":
        // One that has them already gets no note more.
        return retag(id, { added, removed: [] });
    }
  };
  const needed = { assign: agent !== null, priority: priority !== null, snooze: until !== null, tag: added.length > 0 };
  const isReady = !(what in needed) || needed[what as keyof typeof needed];
  return (
    <div className="stack">
      {what === "assign" && <Agent value={agent} onChange={setAgent} />}
      {what === "priority" && <Urgency value={priority} onChange={setPriority} />}
      {what === "snooze" && <Until value={until} onChange={setUntil} />}
      {what === "tag" && <Tags value={tags} onChange={setTags} />}
      {(what === "resolve" || what === "close" || what === "priority") && <Reason value={reason} onChange={setReason} />}
      <p className="quiet small">
        <Plural
          value={count}
          one="One ticket. What the ledger refuses stays as it is."
          other="# tickets, one after the other. What the ledger refuses stays as it is; you can stop in the middle."
        />
      </p>
      <AskEnd onClose={onClose} onDo={() => onRun(work)} isBusy={!isReady}>
        <Doing what={what} count={count} />
      </AskEnd>
    </div>
  );
}

/** What the button does, to how many. */
function Doing({ what, count }: { what: What; count: number }) {
  switch (what) {
    case "assign":
      return <Plural value={count} one="Assign # ticket" other="Assign # tickets" />;
    case "take":
      return <Plural value={count} one="Take # ticket" other="Take # tickets" />;
    case "startWork":
      return <Plural value={count} one="Start work on # ticket" other="Start work on # tickets" />;
    case "awaitCustomer":
      return <Plural value={count} one="Let # ticket wait" other="Let # tickets wait" />;
    case "resolve":
      return <Plural value={count} one="Resolve # ticket" other="Resolve # tickets" />;
    case "close":
      return <Plural value={count} one="Close # ticket" other="Close # tickets" />;
    case "priority":
      return <Plural value={count} one="Change # ticket" other="Change # tickets" />;
    case "snooze":
      return <Plural value={count} one="Put # ticket aside" other="Put # tickets aside" />;
    case "tag":
      return <Plural value={count} one="Tag # ticket" other="Tag # tickets" />;
  }
}
