// The queue of staff: views at the side, the list of the chosen one, and what is done with what is selected.
import { useLingui } from "@lingui/react/macro";
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { QueueRole } from "sealdesk/views";

import { useAction } from "../keyboard/actions.ts";
import { lazy } from "../kit/lost.ts";
import { Searching } from "../search/Searching.tsx";
import { useOpened } from "../session/session.tsx";
import type { What } from "./Bulk.tsx";
import { useGoing } from "./going.ts";
import { List } from "./List.tsx";
import { look } from "./store.ts";
import "./queue.css";
import { knowLines, seen, toggleUnread } from "./seen.ts";
import { all, NONE, range, toggle } from "./selection.ts";
import { SelectionBar } from "./SelectionBar.tsx";
import { neighbour, onward } from "./shown.ts";
import { change, current, leadsOn, useQueueState } from "./state.ts";
import { NoRows, Top } from "./Top.tsx";
import { useTagScan } from "./tagScan.ts";
import { useDesk } from "./useDesk.ts";
import { useShown } from "./useShown.ts";
import { isAside } from "./views.ts";
import { ViewChoice, Views } from "./Views.tsx";

const Bulk = lazy(() => import("./Bulk.tsx").then(({ Bulk }) => ({ default: Bulk })));
/** While a key is held, tickets that were only passed are not opened. */
const REST_MS = 150;

export function Queue({ role, chosen }: { role: QueueRole; chosen: string | undefined }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const desk = useDesk(role, address);
  const { queue, view, eyes, nameOf } = desk;
  const { cursor, selection } = useQueueState();
  const shown = useShown(desk);
  const { rows } = shown;
  const [what, setWhat] = useState<What | null>(null);
  const walk = useWalk(rows.ids, chosen);
  useGoing();
  useTagScan(queue, view);
  useEffect(() => knowLines(queue.lines), [queue]);

  const open = chosen === undefined ? undefined : queue.lines.get(chosen);
  useSeen(open);
  const about = selection.ids.size > 0 ? [...selection.ids] : [cursor ?? chosen].filter((id) => id !== undefined);
  // The same functions for every drawing, or each row would be drawn again with each of them.
  const { ids } = rows;
  const select = useCallback(
    (id: string, withShift: boolean) => {
      const { selection } = current();
      change({ selection: withShift ? range(selection, id, ids) : toggle(selection, id), cursor: id, place: ids.indexOf(id) });
    },
    [ids],
  );
  const { go } = walk;
  const press = useCallback(
    (id: string, withShift: boolean) => {
      if (withShift) return select(id, true);
      change({ cursor: id, place: ids.indexOf(id) });
      go(id);
    },
    [ids, go, select],
  );
  useAction("select", cursor ?? chosen ? () => select(cursor ?? chosen ?? "", false) : undefined);
  useAction("selectAll", rows.length > 0 ? () => change({ selection: all(rows.ids) }) : undefined);
  useAction("unread", about.length > 0 ? () => toggleUnread(about.flatMap((id) => queue.lines.get(id) ?? [])) : undefined);
  useAction("showNew", shown.waits ? shown.show : undefined);
  const clear = () => change({ selection: NONE });
  useAction("back", selection.ids.size > 0 ? clear : chosen !== undefined ? walk.leave : undefined);

  const done = (ids: string[]) => {
    const left = new Set(current().selection.ids);
    for (const id of ids) left.delete(id);
    change({ selection: left.size > 0 ? { ids: left, anchor: undefined } : NONE });
    void look(ids);
  };
  const name = nameOf(view);
  const listed = useMemo(
    () => ({
      isEmpty: queue.lines.size === 0,
      isCustomer: false,
      more: queue.filled !== "all",
      tickets: () => [...queue.lines.values()].map((line) => line.ticket),
    }),
    [queue],
  );
  return (
    <>
      <Views desk={desk} />
      <div className="list" data-testid="queue">
        <div className="views-menu">
          <ViewChoice desk={desk} />
        </div>
        <Top name={name} desk={desk} shown={shown} />
        <Searching listed={listed} chosen={chosen}>
        {rows.length === 0 ? (
          <NoRows desk={desk} />
        ) : (
          <List
            // Another view begins at its top.
            key={view.id}
            label={t`Tickets: ${name}`}
            rows={rows}
            lines={queue.lines}
            chosen={chosen}
            now={eyes.now}
            isUnread={eyes.isUnread}
            isGone={(line) => !shown.fresh.has(line.id) && !isAside(line, eyes.now - 1)}
            showsState={view.where.statuses?.length !== 1}
            move={walk.move}
            onPress={press}
            onSelect={select}
            onHold={shown.hold}
            focused={walk.focused}
            onFocused={walk.onFocused}
          />
        )}
        </Searching>
        {selection.ids.size > 0 && <SelectionBar role={role} count={selection.ids.size} rows={rows.ids} onDo={setWhat} onClear={clear} />}
        {what !== null && (
          <Suspense>
            <Bulk what={what} ids={[...selection.ids]} onDone={done} onClose={() => setWhat(null)} />
          </Suspense>
        )}
      </div>
    </>
  );
}

/** Moving through the list by keys, and opening what keys led to where a ticket is open beside it. */
function useWalk(ids: readonly string[], chosen: string | undefined) {
  const navigate = useNavigate();
  const [focused, setFocused] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const go = useCallback((id: string) => void navigate({ to: "/tickets/$id", params: { id } }), [navigate]);
  const onFocused = useCallback(() => setFocused(undefined), []);
  const move = (by: number) => {
    const { cursor, place } = current();
    const next = neighbour(ids, cursor ?? chosen, by, place);
    if (next === undefined) return;
    change({ cursor: next, place: ids.indexOf(next) });
    setFocused(next);
    clearTimeout(timer.current);
    if (chosen !== undefined) timer.current = setTimeout(() => go(next), REST_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(
    () =>
      leadsOn((from) => {
        const next = from === chosen ? onward(ids, from) : undefined;
        if (next === undefined) return;
        change({ cursor: next, place: ids.indexOf(next) });
        go(next);
      }),
    [ids, chosen, go],
  );
  useAction("next", ids.length > 0 ? () => move(1) : undefined);
  useAction("previous", ids.length > 0 ? () => move(-1) : undefined);
  const { cursor } = useQueueState();
  useAction("open", cursor === undefined ? undefined : () => go(cursor));
  return { move, go, focused, onFocused, leave: () => void navigate({ to: "/" }) };
}

/** Whatever is open in front of somebody is seen. */
function useSeen(line: Parameters<typeof seen>[0] | undefined): void {
  useEffect(() => {
    if (!line) return;
    if (document.visibilityState === "visible") seen(line, true);
    // Coming back shows what is new, and takes no mark away that somebody set.
    const look = () => document.visibilityState === "visible" && seen(line, false);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [line]);
}
