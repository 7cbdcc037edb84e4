// What waits to be sent, at the edge of the page: what it is, how long it can still be taken back, and what became of what failed.
import { Trans, useLingui } from "@lingui/react/macro";
import { Suspense, useEffect, useState } from "react";

import { useAction } from "../keyboard/actions.ts";
import { Keys, useKeys } from "../keyboard/Keys.tsx";
import { Button } from "../kit/controls.tsx";
import { lazy } from "../kit/lost.ts";
import { ofLater } from "../pages/parts.ts";
import "./conversation.css";
import { outbox, useEntries } from "./outboxTimer.ts";
import { type Entry, isStuck } from "./outbox.ts";
import { useNotes } from "./told.tsx";

/** What stands there until it says why, and where it cannot be had. */
const Label = ({ entry }: { entry: Entry }) => <strong>{entry.label}</strong>;
const Failed = lazy(() => ofLater(() => import("./Failed.tsx")), Label);
const Met = lazy(() => ofLater(() => import("./Met.tsx")), Label);
const Behind = lazy(() => ofLater(() => import("./Behind.tsx")), Label);
const ToldLines = lazy(() => ofLater(() => import("./ToldLines.tsx")));

export function Outbox() {
  const { t } = useLingui();
  const entries = useEntries().filter((entry) => entry.state !== "sending");
  const isHeld = entries.some((entry) => entry.state === "held");
  useAction("undo", isHeld ? () => void outbox.undoLast() : undefined, { goesFirst: true });
  const { notes, close } = useNotes();
  if (entries.length === 0 && notes.length === 0) return null;
  return (
    <div className="outbox">
      {notes.length > 0 && (
        <Suspense>
          <ToldLines notes={notes} onClose={close} />
        </Suspense>
      )}
      {entries.length > 0 && (
        <ul aria-label={t`Not sent yet`}>
          {entries.map((entry) => (
            <li key={entry.id} className={isStuck(entry) ? "outbox-failed" : "outbox-held"}>
              <Suspense fallback={<Label entry={entry} />}>
                <Line entry={entry} />
              </Suspense>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Line({ entry }: { entry: Entry }) {
  if (entry.state === "failed") return <Failed entry={entry} />;
  if (entry.behind !== undefined) return <Behind entry={entry} />;
  return entry.met ? <Met entry={entry} /> : <Held entry={entry} />;
}

function Held({ entry }: { entry: Entry }) {
  const left = useSecondsLeft(entry.due);
  const keys = useKeys("undo");
  return (
    <>
      {/* Said once: a clock that is read aloud each second would drown everything else. */}
      <span role="status">{entry.label}</span>
      <span className="outbox-left numbers" aria-hidden>
        {left}
      </span>
      <Button onPress={() => outbox.undo(entry.id)}>
        <Trans>Undo</Trans>
        {keys !== undefined && <Keys keys={keys} />}
      </Button>
      <Button kind="plain" onPress={() => outbox.sendNow(entry.id)}>
        <Trans>Now</Trans>
      </Button>
    </>
  );
}

/** Whole seconds, which need no motion. */
function useSecondsLeft(due: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((due - now) / 1000));
}
