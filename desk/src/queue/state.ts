// Where somebody is in the queue. Kept beside the page's components, since those are made anew with each ticket that is opened.
import { useSyncExternalStore } from "react";

import { setQuery } from "../search/query.ts";
import { NONE, type Selection } from "./selection.ts";

export interface State {
  /** The view that was chosen; null until there is something to choose by. */
  view: string | null;
  /** What the list shows, in its order. */
  rows: readonly string[];
  /** Of which view. */
  rowsOf: string | null;
  /** The row that keys are about, and where it stood last. */
  cursor: string | undefined;
  place: number;
  /** The row that keys led to, or the ticket that was opened. What is only ticked, or passed to be selected, takes the cursor and is none. */
  led: string | undefined;
  selection: Selection;
  /** Tickets that the list asked to be opened, and that are not open yet. */
  asked: readonly string[];
}

let state: State = { view: null, rows: [], rowsOf: null, cursor: undefined, place: 0, led: undefined, selection: NONE, asked: [] };
/** How far the list is scrolled, in pixels. Nobody draws by it. */
let scrolled = 0;
const listeners = new Set<() => void>();

export function change(change: Partial<State>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

/** Shows another view, from its top, with nothing selected and nothing searched for. */
export function showView(view: string): void {
  scrolled = 0;
  setQuery("");
  change({ view, selection: NONE, cursor: undefined, place: 0, led: undefined });
}

export const scrolledTo = (to: number): void => void (scrolled = to);
export const scrolledSoFar = (): number => scrolled;

export const current = (): State => state;

let onwards: ((from: string) => void) | undefined;

/** What opens the ticket after another one, while there is a list. Ends with what is returned. */
export function leadsOn(go: (from: string) => void): () => void {
  onwards = go;
  return () => {
    if (onwards === go) onwards = undefined;
  };
}

/** Goes on from a ticket that is done to the one after it in the list, as far as there is one. */
export const goOn = (from: string): void => onwards?.(from);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useQueueState = (): State => useSyncExternalStore(subscribe, current);
