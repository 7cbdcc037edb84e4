// How much of the desk there is room for. The styles say the same.
import { useMedia } from "../kit/media.ts";

/** Where the views have no room at the side. */
const NO_VIEWS = "(max-width: 1099px)";
/** Where a ticket that is open has the place of the list. */
const ONE_PANE = "(max-width: 719px)";

/** Whether the views are a choice above the list. */
export const useIsNarrow = (): boolean => useMedia(NO_VIEWS);

/** Whether only the list or a ticket is to be seen. */
export const useIsOnePane = (): boolean => useMedia(ONE_PANE);
