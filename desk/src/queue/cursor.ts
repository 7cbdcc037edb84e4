// Where the keys are in the list, and how far that leads: acts follow them to where somebody went, and not to what was only ticked on the way.
import type { Selection } from "./selection.ts";
import type { State } from "./state.ts";

type Keys = Pick<State, "cursor" | "place" | "led">;

/** Somebody goes there. */
export const wentTo = (id: string, ids: readonly string[]): Keys => ({ cursor: id, led: id, place: ids.indexOf(id) });

/** Something is selected beside the ticket that is open: the keys are at the row that was ticked or passed last, until nothing is selected any more. */
export function selecting(selection: Selection, at: string, here: Keys, chosen: string | undefined, ids: readonly string[]): Partial<State> {
  return selection.ids.size === 0 ? unselected(selection, { ...here, cursor: at, place: ids.indexOf(at) }, chosen, ids) : { selection, cursor: at, place: ids.indexOf(at) };
}

/** Nothing is selected any more: keys are about what is open again, or what they are on their way to. Where nothing is open they stay at their row. */
export function unselected(selection: Selection, { cursor, place, led }: Keys, chosen: string | undefined, ids: readonly string[]): Partial<State> {
  if (chosen === undefined) return { selection, cursor, place };
  const back = led ?? chosen;
  const there = ids.indexOf(back);
  return { selection, cursor: back, place: there < 0 ? place : there };
}
