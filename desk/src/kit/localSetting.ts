// What this browser keeps of a setting, in clear and for all of its tabs: nothing that others may not know.
import { useSyncExternalStore } from "react";

export interface Kept {
  /** What is kept; null where nobody has chosen. */
  get(): string | null;
  set(value: string | null): void;
  /** The same for a part of the page, which is drawn anew with every change, of other tabs too. */
  use(): string | null;
}

export function kept(name: string): Kept {
  const listeners = new Set<() => void>();
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    addEventListener("storage", listener);
    return () => {
      listeners.delete(listener);
      removeEventListener("storage", listener);
    };
  };
  const get = () => localStorage.getItem(name);
  return {
    get,
    set(value) {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, get),
  };
}
