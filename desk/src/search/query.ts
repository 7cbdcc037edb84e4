// What is looked for, over all pages of an unlocked desk. It stands in memory alone: an address would keep it in the browser's history.
import { useSyncExternalStore } from "react";

let query = "";
const listeners = new Set<() => void>();

export function setQuery(next: string): void {
  query = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useSearchQuery = (): string => useSyncExternalStore(subscribe, () => query);

/** Whether what was found stands in the place of a list. */
export const useIsSearching = (): boolean => useSearchQuery().trim() !== "";

/** The id of the field, by which the shortcut finds it. */
export const SEARCH_FIELD = "search";

/** Puts the cursor into the field, where there is one, over what stands in it or behind that. */
export function focusSearch(selects = true): boolean {
  const field = document.getElementById(SEARCH_FIELD);
  if (!(field instanceof HTMLInputElement)) return false;
  field.focus();
  if (selects) field.select();
  return document.activeElement === field;
}
