// The view stands in the address, so that it is there after a reload, goes back with the browser, and can be kept as a bookmark. Nothing but its id does:
// views of one's own have names that are sealed.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useLayoutEffect } from "react";

import { change, current, showView, useQueueState } from "./state.ts";

export function useViewInAddress(): void {
  const navigate = useNavigate();
  const { view: named } = useSearch({ strict: false });
  const { view } = useQueueState();
  // First what the address says: whoever goes back, or comes by a bookmark, means that view.
  useLayoutEffect(() => {
    if (named === undefined || named === current().view) return;
    if (current().view === null) change({ view: named });
    else showView(named);
  }, [named]);
  // Then what was chosen here. A link to the tickets names no view: the last one is meant, and that is no step to go back to.
  useLayoutEffect(() => {
    const { view } = current();
    if (view !== null && view !== named) void navigate({ to: ".", search: { view }, replace: named === undefined });
  }, [navigate, named, view]);
}
