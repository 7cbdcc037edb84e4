// Whether the window is as narrow as a phone.
import { useSyncExternalStore } from "react";

const SMALL = "(max-width: 479px)";

function subscribe(listener: () => void): () => void {
  const small = matchMedia(SMALL);
  small.addEventListener("change", listener);
  return () => small.removeEventListener("change", listener);
}

export const useSmall = (): boolean => useSyncExternalStore(subscribe, () => matchMedia(SMALL).matches);
