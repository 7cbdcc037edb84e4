// Whether this person shows colleagues what they look at, and sees what colleagues do: a switch of this browser.
import { useSyncExternalStore } from "react";

const KEPT = "presence";
const listeners = new Set<() => void>();

const shows = (): boolean => localStorage.getItem(KEPT) !== "off";

export function setShows(isOn: boolean): void {
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

export const useShows = (): boolean => useSyncExternalStore(subscribe, shows);
