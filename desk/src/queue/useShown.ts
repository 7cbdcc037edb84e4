// What the list shows while somebody is at it, and what waits until they are not, or ask for it.
import { useEffect, useLayoutEffect, useMemo, useState } from "react";

import { type Rows, rowsOf } from "./rows.ts";
import { isBeginning, NOTHING_WAITS, type Waiting, waiting, waits } from "./listSnapshot.ts";
import { change, useQueueState } from "./state.ts";
import type { Desk } from "./useDesk.ts";
import { linesOf } from "./views.ts";

export interface Shown {
  rows: Rows;
  /** What stands in the view now, whether it is shown or not. */
  fresh: ReadonlySet<string>;
  waiting: Waiting;
  waits: boolean;
  show(): void;
  hold(isHeld: boolean): void;
}

export function useShown({ queue, view, eyes }: Desk): Shown {
  const { rows: ids, rowsOf: of, selection } = useQueueState();
  const [isAt, setAt] = useState(false);
  const now = useMemo(() => linesOf(queue.lines, view, eyes).map(({ id }) => id), [queue, view, eyes]);
  const fresh = useMemo(() => new Set(now), [now]);
  const isHeld = of === view.id && (isAt || selection.ids.size > 0);
  // What comes at the end pushes nothing.
  const next = isHeld && !isBeginning(ids, now) ? ids : now;
  useLayoutEffect(() => {
    if (next !== ids || of !== view.id) change({ rows: next, rowsOf: view.id });
  }, [next, ids, of, view.id]);
  // Whoever went to another view, or away, is at none.
  useEffect(() => () => setAt(false), [view.id]);
  const isGrouped = view.grouped === true;
  const rows = useMemo(() => rowsOf(next, queue.lines, isGrouped), [next, queue, isGrouped]);
  const differs = useMemo(() => (next === now ? NOTHING_WAITS : waiting(next, now)), [next, now]);
  return {
    rows,
    fresh,
    waiting: differs,
    waits: waits(differs),
    show: () => change({ rows: now, rowsOf: view.id }),
    hold: setAt,
  };
}
