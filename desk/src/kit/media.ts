// Whether something holds of the window, such as how wide it is.
import { useCallback, useSyncExternalStore } from "react";

export function useMedia(media: string): boolean {
  const subscribe = useCallback(
    (change: () => void) => {
      const query = matchMedia(media);
      query.addEventListener("change", change);
      return () => query.removeEventListener("change", change);
    },
    [media],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(media).matches);
}
