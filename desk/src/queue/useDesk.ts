// What the parts of the queue look at together: the lines, the views with their counts, and the eyes that they are looked at with.
import { useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useReducer, useState } from "react";
import type { QueueRole } from "sealdesk/views";

import { useOpened } from "../session/session.tsx";
import type { Queue } from "./lines.ts";
import { isUnread } from "./marks.ts";
import { type Missing, viewNamed } from "./namedView.ts";
import { useIsMadeKnown, useMade } from "./saved.ts";
import { beginMarks, useMarks } from "./seen.ts";
import { change, useQueueState } from "./state.ts";
import { begin, useQueue } from "./store.ts";
import { onTags, tagsOf } from "./summaries.ts";
import { type AnyView, counts, type Eyes, firstView, type MadeView, VIEWS } from "./views.ts";

/** How often what is due, and what comes back, is looked at anew. */
const TICK_MS = 30_000;

export interface Desk {
  role: QueueRole;
  queue: Queue;
  eyes: Eyes;
  views: readonly AnyView[];
  made: readonly MadeView[];
  view: AnyView;
  /** Why it is not there, where it is not. */
  missing: Missing | null;
  count: ReadonlyMap<string, number>;
  nameOf(view: AnyView): string;
}

export function useDesk(role: QueueRole, me: string): Desk {
  const { i18n, t } = useLingui();
  useEffect(() => begin(role, me), [role, me]);
  const opened = useOpened();
  useEffect(() => void beginMarks(opened), [opened]);
  const queue = useQueue();
  const made = useMade();
  const eyes = useEyes(me);
  const views = useMemo(() => [...VIEWS, ...made], [made]);
  const { view: chosen } = useQueueState();
  const isBegun = queue.filled !== "nothing";
  useEffect(() => {
    if (chosen === null && isBegun) change({ view: firstView(queue.lines, eyes) });
  }, [chosen, isBegun, queue, eyes]);
  const count = useMemo(() => counts(queue.lines, views, eyes), [queue, views, eyes]);
  const areHere = useIsMadeKnown();
  const { view, missing } = useMemo(() => viewNamed(chosen, views, areHere), [chosen, views, areHere]);
  const nameOf = (one: AnyView) => (one.kind === "desk" ? i18n._(one.name) : missing === "unknown" && one === view ? t`Unknown view` : one.name);
  return { role, queue, eyes, views, made, view, missing, count, nameOf };
}

function useEyes(me: string): Eyes {
  const marks = useMarks();
  const [now, setNow] = useState(() => Date.now());
  const [tags, tagsChanged] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    const stop = onTags(tagsChanged);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
  // With each tag that is learned these are new eyes.
  return useMemo(() => ({ me, now, tags, isUnread: (line) => isUnread(line, marks, me), tagsOf }), [me, now, tags, marks]);
}
