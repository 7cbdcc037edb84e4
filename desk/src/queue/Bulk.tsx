// One act with all that is selected: what is needed for it is asked once, then one progress, then one result.
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { draftOf } from "../conversation/deliver.ts";
import { outbox } from "../conversation/outboxTimer.ts";
import { Ask, AskEnd } from "../kit/Ask.tsx";
import { Button } from "../kit/controls.tsx";
import { client, keys } from "../queries.ts";
import { afterReplies, type Progress, type Result, type Work, withEach } from "./bulk.ts";
import { ACTS, NOTHING, type What } from "./bulkActs.tsx";
import { BulkResult } from "./BulkResult.tsx";

interface BulkProps {
  what: What;
  ids: string[];
  /** These are done. */
  onDone(ids: string[]): void;
  onClose(): void;
}

const hasReply = (id: string): boolean => outbox.list().some(({ key, state }) => key === draftOf("reply", id) && state !== "failed");

export function Bulk({ what, ids, onDone, onClose }: BulkProps) {
  // What was selected when it began: the selection shrinks as it goes.
  const [chosen] = useState(ids);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const isStopped = useRef(false);
  const [stops, setStops] = useState(false);
  const { i18n, t } = useLingui();
  const run = async (work: Work) => {
    setProgress({ done: 0, of: chosen.length });
    const done = ACTS[what].buries ? afterReplies(work, hasReply, t`Your reply in this ticket has not been sent yet.`) : work;
    const result = await withEach(chosen, done, { onProgress: setProgress, isStopped: () => isStopped.current });
    setProgress(null);
    setResult(result);
    onDone([...result.done, ...result.unproven, ...result.unchanged]);
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
    <Ask title={i18n._(ACTS[what].title)} isOpen onClose={progress ? () => undefined : onClose}>
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

function Going({ progress: { done, of }, stops, onStop }: { progress: Progress; stops: boolean; onStop(): void }) {
  const { t } = useLingui();
  return (
    <div className="stack">
      <progress className="going" value={done} max={of} aria-label={t`Progress`} />
      <p role="status" className="numbers">
        {stops ? <Trans>Stopping after the current one…</Trans> : <Trans>{done} of {of}</Trans>}
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
  onRun(work: Work): void;
  onClose(): void;
}

function Details({ what, count, onRun, onClose }: DetailsProps) {
  const [given, setGiven] = useState(NOTHING);
  const { Fields, Doing, work } = ACTS[what];
  const act = work(given);
  return (
    <div className="stack">
      <Fields given={given} onGive={(more) => setGiven((before) => ({ ...before, ...more }))} />
      <p className="quiet small">
        <Plural
          value={count}
          one="One ticket. If the ledger refuses it, it stays as it is."
          other="# tickets, one after the other. Those that the ledger refuses stay as they are; you can stop in the middle."
        />
      </p>
      <AskEnd onClose={onClose} onDo={() => act && onRun(act)} isBusy={act === null}>
        <Doing count={count} />
      </AskEnd>
    </div>
  );
}
