// How much of the desk there is room for. The styles say the same.
import { useCallback, useSyncExternalStore } from "react";

/** Where the views have no room at the side. */
const NO_VIEWS = "(max-width: 1099px)";
/** Where a ticket that is open has the place of the list. */
const ONE_PANE = "(max-width: 719px)";

function useMedia(media: string): boolean {
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

/** Whether the views are a choice above the list. */
export const useIsNarrow = (): boolean => useMedia(NO_VIEWS);

/** Whether only the list or a ticket is to be seen. */
export const useIsOnePane = (): boolean => useMedia(ONE_PANE);
