// The queue of staff: views at the side, the list of the chosen one, and what is done with what is selected.
import { useLingui } from "@lingui/react/macro";
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { QueueRole } from "sealdesk/views";

import { type Resting, useResting } from "../keyboard/resting.ts";
import { type ActionId, actOnOpen, isBoundByOpen, leadBy, subscribe, useAction } from "../keyboard/actions.ts";
import { home, homeSoon } from "../keyboard/place.ts";
import { lazy } from "../kit/lost.ts";
import { useToast } from "../kit/toast.tsx";
import type { Is, Listed } from "../search/listed.ts";
import { useIsSearching } from "../search/query.ts";
import { Searching } from "../search/Searching.tsx";
import { useOpened } from "../session/session.tsx";
import { type About, aboutWhat, arrived } from "./about.ts";
import { useViewInAddress } from "./address.ts";
import type { What } from "./bulkActs.tsx";
import { selecting, unselected, wentTo } from "./cursor.ts";
import { useGoing } from "./going.ts";
import { lastSaidIn } from "./lastSaid.ts";
import { createLead, type Lead, leaderOf } from "./lead.ts";
import { List } from "./List.tsx";
import { look } from "./store.ts";
import "./queue.css";
import { isNews, type Look } from "./marks.ts";
import { knowLines, lookAt, seen, toggleUnread } from "./seen.ts";
import { all, extended, NONE, range, toggle } from "./selection.ts";
import { useIsOnePane } from "./room.ts";
import { SelectionBar } from "./SelectionBar.tsx";
import { neighbour, onward } from "./listSnapshot.ts";
import { change, current, leadsOn, useQueueState } from "./state.ts";
import { NoRows, Top } from "./Top.tsx";
import { useTagScan } from "./tagScan.ts";
import { type Desk, useDesk } from "./useDesk.ts";
import { useShown } from "./useShown.ts";
import { isAside, isSo } from "./views.ts";
import { ViewChoice, Views } from "./Views.tsx";

const Bulk = lazy(() => import("./Bulk.tsx").then(({ Bulk }) => ({ default: Bulk })));
const NO_ROWS: readonly string[] = [];

export function Queue({ role, chosen }: { role: QueueRole; chosen: string | undefined }) {
  const { t } = useLingui();
  const { address } = useOpened();
  const desk = useDesk(role, address);
  const { queue, view, eyes, nameOf } = desk;
  const { cursor, led, selection } = useQueueState();
  const shown = useShown(desk);
  const { rows } = shown;
  const [what, setWhat] = useState<What | null>(null);
  // Keys are about what is to be seen: while something is searched for, that is what was found, and the list below it is left alone.
  const isSearching = useIsSearching();
  const isHidden = useIsOnePane() && chosen !== undefined;
  const seenIds = isSearching ? NO_ROWS : rows.ids;
  const opening = useOpening(view.id);
  const about = aboutWhat({ ids: rows.ids, placeOf: rows.placeOf, cursor, led, chosen, selected: selection.ids, isSearching, isHidden });
  const { at, isSelecting } = about;
  const lead = useLead({ about, chosen, opening, isAdministrator: role.role === "administrator" });
  const walk = useListWalk({ ids: seenIds, chosen, view: view.id, isHidden, opening, lead });
  useViewInAddress();
  // Whoever ends a search is back in the list.
  const wasSearching = useRef(isSearching);
  useEffect(() => {
    if (wasSearching.current && !isSearching) home();
    wasSearching.current = isSearching;
  }, [isSearching]);
  useGoing();
  useTagScan(queue, view);
  useEffect(() => knowLines(queue.lines), [queue]);

  const open = chosen === undefined ? undefined : queue.lines.get(chosen);
  useSeen(open);
  // The same functions for every drawing, or each row would be drawn again with each of them.
  const { ids } = rows;
  const isOpen = useRef(chosen);
  isOpen.current = chosen;
  const select = useCallback(
    (id: string, withShift: boolean) => {
      const here = current();
      const selection = withShift ? range(here.selection, id, ids) : toggle(here.selection, id);
      change(selecting(selection, id, here, isOpen.current, ids));
    },
    [ids],
  );
  const { go } = opening;
  const press = useCallback(
    (id: string, withShift: boolean) => {
      if (withShift) return select(id, true);
      change(wentTo(id, ids));
      go(id);
    },
    [ids, go, select],
  );
  useAction("select", at === undefined ? undefined : () => select(at, false));
  useAction("selectAll", about.rows.length > 0 ? () => change({ selection: all(about.rows) }) : undefined);
  useAction("unread", about.ids.length > 0 ? () => toggleUnread(about.ids.flatMap((id) => queue.lines.get(id) ?? [])) : undefined);
  useAction("showNew", shown.waits && !isSearching && !isHidden ? shown.show : undefined);
  const clear = () => change(unselected(NONE, current(), isOpen.current, ids));
  useAction("back", isSelecting ? clear : chosen !== undefined ? walk.leave : undefined);

  const done = (ids: string[]) => {
    const left = new Set(current().selection.ids);
    for (const id of ids) left.delete(id);
    if (left.size > 0) change({ selection: { ids: left, anchor: undefined } });
    else clear();
    void look(ids);
  };
  const name = nameOf(view);
  const listed = useListed(desk);
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
            showsState={view.id !== "mine" && view.where.statuses?.length !== 1}
            move={walk.move}
            extend={walk.extend}
            onPress={press}
            onSelect={select}
            onHold={shown.hold}
            focused={walk.focused}
            onFocused={walk.onFocused}
          />
        )}
        </Searching>
        {isSelecting && <SelectionBar role={role} count={selection.ids.size} rows={rows.ids} onDo={setWhat} onClear={clear} />}
        {what !== null && (
          <Suspense>
            <Bulk what={what} ids={[...selection.ids]} onDone={done} onClose={() => (setWhat(null), homeSoon())} />
          </Suspense>
        )}
      </div>
    </>
  );
}

/** What can be searched. The tickets are other ones with each change of the queue alone, and not as time goes by. */
function useListed({ queue, eyes }: Desk): Listed {
  const tickets = useCallback(() => [...queue.lines.values()].map((line) => line.ticket), [queue]);
  return useMemo(() => {
    const is: Is = (id, mark) => {
      const line = queue.lines.get(id);
      return line !== undefined && isSo(line, mark, eyes);
    };
    return { isEmpty: queue.lines.size === 0, isCustomer: false, more: queue.filled !== "all", tickets, is };
  }, [queue, eyes, tickets]);
}

interface Opening {
  resting: Resting;
  go(id: string): void;
  /** The same at once, and not what keys led to before. */
  goNow(id: string): void;
}

/** Opening tickets from the list. */
function useOpening(view: string): Opening {
  const navigate = useNavigate();
  const resting = useResting();
  const go = useCallback(
    (id: string) => {
      change({ asked: [...current().asked, id] });
      void navigate({ to: "/tickets/$id", params: { id }, search: { view } });
    },
    [navigate, view],
  );
  return { resting, go, goNow: (id) => (resting.stop(), go(id)) };
}

interface ListWalk {
  ids: readonly string[];
  chosen: string | undefined;
  view: string;
  isHidden: boolean;
  opening: Opening;
  lead: Lead;
}

/** Moving through the list by keys, and opening what keys led to where a ticket is open beside it, or in its place. */
function useListWalk({ ids, chosen, view, isHidden, opening: { resting, go }, lead }: ListWalk) {
  const navigate = useNavigate();
  const [focused, setFocused] = useState<string>();
  useArrived(ids, chosen);
  const onFocused = useCallback(() => setFocused(undefined), []);
  const move = (by: number) => {
    const { cursor, place } = current();
    const next = neighbour(ids, cursor ?? chosen, by, place);
    if (next === undefined) return;
    change(wentTo(next, ids));
    setFocused(next);
    // What an act waits for is opened first, or the act would be lost.
    if (chosen !== undefined && !lead.isWaiting()) resting.soon(() => go(next));
  };
  // What is gone through to be selected is not opened.
  const extend = (by: number) => {
    const { cursor, place, led, asked, selection } = current();
    const from = cursor ?? chosen;
    const next = neighbour(ids, from, by, place);
    if (next === undefined) return;
    resting.stop();
    // What keys led to and nobody asked to open yet is not opened any more.
    const keys = { cursor, place, led: chosen === undefined ? led : (asked.at(-1) ?? chosen) };
    change({ led: keys.led, ...selecting(extended(selection, from, next, ids), next, keys, chosen, ids) });
    setFocused(next);
  };
  useEffect(
    () =>
      leadsOn((from) => {
        const next = from === chosen ? onward(ids, from) : undefined;
        if (next === undefined) return;
        change(wentTo(next, ids));
        setFocused(next);
        go(next);
      }),
    [ids, chosen, go],
  );
  useAction("next", ids.length > 0 ? () => move(1) : undefined);
  useAction("previous", ids.length > 0 ? () => move(-1) : undefined);
  // Nobody sees what would be selected, or which row Enter would open, where a ticket has the place of the list.
  const isThere = ids.length > 0 && !isHidden;
  useAction("extendNext", isThere ? () => extend(1) : undefined);
  useAction("extendPrevious", isThere ? () => extend(-1) : undefined);
  const { cursor } = useQueueState();
  useAction("open", cursor === undefined || !isThere ? undefined : () => (change(wentTo(cursor, ids)), go(cursor)));
  return { move, extend, focused, onFocused, leave: () => void navigate({ to: "/", search: { view } }) };
}

/** What is done by its key alone. */
const AT_ONCE: readonly ActionId[] = ["take", "startWork", "awaitCustomer"];

interface Leading {
  about: About;
  chosen: string | undefined;
  opening: Opening;
  isAdministrator: boolean;
}

/** While the keys are further than what is open, an act opens that ticket first. */
function useLead(leading: Leading): Lead {
  const { t, i18n } = useLingui();
  const toast = useToast();
  const lost = (tickets: string[], isOpen: boolean) => {
    const which = new Intl.ListFormat(i18n.locale).format(tickets);
    toast(isOpen ? t`Nothing was done in ${which}: this cannot be done there now.` : t`Nothing was done in ${which}: it did not open in time.`);
  };
  const now = useRef({ ...leading, lost });
  now.current = { ...leading, lost };
  const [lead] = useState(() =>
    createLead({
      isBound: isBoundByOpen,
      act: (id) => void actOnOpen(id),
      // The key by which administrators assign takes for everybody else.
      isAtOnce: (id) => AT_ONCE.includes(id) || (id === "assign" && !now.current.isAdministrator),
      subscribe,
      open: (ticket) => now.current.opening.goNow(ticket),
      lost: (tickets, isOpen) => now.current.lost(tickets, isOpen),
      done() {
        const { about, chosen, opening } = now.current;
        if (chosen !== undefined && about.at !== undefined && about.isLed && about.at !== chosen) opening.go(about.at);
      },
    }),
  );
  useEffect(() => {
    const end = leadBy(leaderOf(lead, () => now.current));
    return () => (end(), lead.stop());
  }, [lead]);
  const { chosen } = leading;
  useEffect(() => lead.opened(chosen), [lead, chosen]);
  return lead;
}

/** Keys are about the ticket that is open, whatever opened it. */
function useArrived(ids: readonly string[], chosen: string | undefined): void {
  const listed = useRef(ids);
  listed.current = ids;
  useEffect(() => {
    const { asked, cursor } = arrived(current().asked, chosen);
    const place = cursor === undefined ? -1 : listed.current.indexOf(cursor);
    change({ asked, ...(cursor !== undefined && { cursor, led: cursor }), ...(place >= 0 && { place }) });
  }, [chosen]);
}

/** Whatever is open in front of somebody is seen. */
function useSeen(line: Parameters<typeof seen>[0] | undefined): void {
  const said = line && lastSaidIn(line)?.at;
  const last = useRef<Look>(undefined);
  useEffect(() => {
    if (!line) return;
    if (document.visibilityState === "visible") {
      const now = lookAt(line);
      const isNew = isNews(last.current, now);
      seen(line, isNew);
      if (isNew) last.current = now;
    }
    // Coming back shows what is new, and takes no mark away that somebody set.
    const look = () => document.visibilityState === "visible" && seen(line, false);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
    // Of a ticket that is over it may be learned later who spoke last.
  }, [line, said]);
}
