// Who does what the table of shortcuts names. The part of the page that shows something binds the acts on it while it is shown.
import { useEffect, useRef, useSyncExternalStore } from "react";

import type { ActionId } from "./table.ts";

export type { ActionId };

type Handler = () => void;

interface Bound {
  /** The newest handler: changed at each drawing, without binding anew. */
  run: { current: Handler };
  goesFirst: boolean;
}

const bound = new Map<ActionId, Bound[]>();
const listeners = new Set<() => void>();
let available: readonly ActionId[] = [];

function changed(): void {
  available = [...bound].filter(([, handlers]) => handlers.length > 0).map(([id]) => id);
  for (const listener of listeners) listener();
}

/** Binds an act, and gives what unbinds it. */
export function bind(id: ActionId, one: Bound): () => void {
  bound.set(id, [...(bound.get(id) ?? []), one]);
  changed();
  return () => {
    bound.set(id, (bound.get(id) ?? []).filter((other) => other !== one));
    changed();
  };
}

/** What first opens what an act is about, where keys are further than what is open. */
export interface Leader {
  leads(id: ActionId): boolean;
  lead(id: ActionId): void;
}

let leader: Leader | undefined;

/** Takes acts before anybody does them. Ends with what is returned. */
export function leadBy(one: Leader): () => void {
  leader = one;
  return () => {
    if (leader === one) leader = undefined;
  };
}

/** Does an act, if anybody bound it: whoever goes first, then whoever came last. */
export function act(id: ActionId): boolean {
  if (leader?.leads(id)) {
    leader.lead(id);
    return true;
  }
  const handlers = bound.get(id) ?? [];
  return run(handlers.findLast((handler) => handler.goesFirst) ?? handlers.at(-1));
}

function run(one: Bound | undefined): boolean {
  one?.run.current();
  return one !== undefined;
}

/** Who bound it for what is open, and not for what stands over that, like a selection. */
const ofOpen = (id: ActionId): Bound | undefined => (bound.get(id) ?? []).findLast((handler) => !handler.goesFirst);

export const isBoundByOpen = (id: ActionId): boolean => ofOpen(id) !== undefined;

/** Does an act with what is open, wherever the keys are by now: whoever leads has opened it for that. */
export const actOnOpen = (id: ActionId): boolean => run(ofOpen(id));

export const isBound = (id: ActionId): boolean => (bound.get(id)?.length ?? 0) > 0;

export const canAct = (id: ActionId): boolean => isBound(id) || leader?.leads(id) === true;

/**
 * Binds an act of the table to what this part of the page does, while it is shown. Without a handler it is not bound: pass `undefined`
 * where the ledger would refuse, and neither key nor palette offers it. `goesFirst` is for what stands over the rest, like a selection.
 */
export function useAction(id: ActionId, handler: Handler | undefined, { goesFirst = false }: { goesFirst?: boolean } = {}): void {
  const run = useRef<Handler>(() => undefined);
  run.current = handler ?? (() => undefined);
  const does = handler !== undefined;
  useEffect(() => (does ? bind(id, { run, goesFirst }) : undefined), [id, does, goesFirst]);
}

/** Hears whenever something is bound, or no longer. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The acts that somebody has bound now. */
export const useAvailable = (): readonly ActionId[] => useSyncExternalStore(subscribe, () => available);

/** A line of the palette beside the table's: a view of one's own, a macro. Its words are somebody's, so they are no message. */
export interface Command {
  id: string;
  name: string;
  /** What kind of thing it is, in a word. */
  kind: string;
  run(): void;
}

const groups = new Map<string, readonly Command[]>();
let commands: readonly Command[] = [];

/** Offers lines in the palette while this part of the page is shown. The list is to be kept by `useMemo`. */
export function useCommands(owner: string, list: readonly Command[]): void {
  useEffect(() => {
    groups.set(owner, list);
    commands = [...groups.values()].flat();
    for (const listener of listeners) listener();
    return () => {
      groups.delete(owner);
      commands = [...groups.values()].flat();
      for (const listener of listeners) listener();
    };
  }, [owner, list]);
}

export const useEveryCommand = (): readonly Command[] => useSyncExternalStore(subscribe, () => commands);
