// G and a letter: to the desk's own views.
import { type ActionId, useAction } from "../keyboard/actions.ts";
import { showView } from "./state.ts";

const GOING = {
  goMine: "mine",
  goUnassigned: "unassigned",
  goPriority: "priority",
  goWaiting: "waiting",
  goDue: "due",
  goSnoozed: "snoozed",
  goResolved: "resolved",
  goClosed: "closed",
} as const satisfies Partial<Record<ActionId, string>>;

const IDS = Object.keys(GOING) as (keyof typeof GOING)[];

export function useGoing(): void {
  // The table never changes, so that the order of these is always the same.
  for (const id of IDS) useAction(id, () => showView(GOING[id]));
}
