// Whether single keys do something, kept in this browser: whoever speaks to their computer, or leans on the keyboard, turns them off.
import { useSyncExternalStore } from "react";

const KEPT = "single-keys";
const listeners = new Set<() => void>();

export const singleKeys = (): boolean => localStorage.getItem(KEPT) !== "off";

export function setSingleKeys(isOn: boolean): void {
  if (isOn) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, "off");
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

export const useSingleKeys = (): boolean => useSyncExternalStore(subscribe, singleKeys);
