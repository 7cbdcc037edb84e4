// Whether the window is as narrow as a phone.
import { useMedia } from "./media.ts";

export const useSmall = (): boolean => useMedia("(max-width: 479px)");
