// How high rows are, kept in this browser.
import { useSyncExternalStore } from "react";

export type Density = "comfortable" | "compact";

/** In pixels, with letters of the usual size. */
export const ROW_HEIGHT: Record<Density, number> = { comfortable: 56, compact: 44 };
export const HEADING_HEIGHT = 32;

/** How much larger than usual the letters are that the browser is told to show. */
export const letters = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

const KEPT = "density";
const listeners = new Set<() => void>();

const density = (): Density => (localStorage.getItem(KEPT) === "compact" ? "compact" : "comfortable");

export function setDensity(next: Density): void {
  localStorage.setItem(KEPT, next);
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

export const useDensity = (): Density => useSyncExternalStore(subscribe, density);
