// The view that an address names. One that is not there takes no other one's place: the address stays what it is, and is what reloading, links and
// bookmarks lead to.
import { type AnyView, type DeskView, type MadeView, VIEWS } from "./views.ts";

/** Why the view that is named cannot be shown: those that people made are on their way, or there is none of that id. */
export type Missing = "waits" | "unknown";

/** What is shown of a view that is not there: its id, and no ticket. */
const empty = (id: string): MadeView => ({ id, kind: "own", name: "…", where: { statuses: [] }, order: "urgency", rank: 0 });

/** The view of this id. Nothing was chosen yet where it is null. */
export function viewNamed(id: string | null, views: readonly AnyView[], areHere: boolean): { view: AnyView; missing: Missing | null } {
  if (id === null) return { view: VIEWS[0] as DeskView, missing: null };
  const view = views.find((view) => view.id === id);
  return view ? { view, missing: null } : { view: empty(id), missing: areHere ? "unknown" : "waits" };
}
