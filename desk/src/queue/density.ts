// How high rows are, kept in this browser.
import { kept } from "../kit/localSetting.ts";

export type Density = "comfortable" | "compact";

/** In pixels, with letters of the usual size. */
export const ROW_HEIGHT: Record<Density, number> = { comfortable: 56, compact: 44 };
export const HEADING_HEIGHT = 32;

/** How much larger than usual the letters are that the browser is told to show. */
export const letters = (): number => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

const setting = kept("density");

const densityOf = (value: string | null): Density => (value === "compact" ? "compact" : "comfortable");

export const setDensity = (next: Density): void => setting.set(next);

export const useDensity = (): Density => densityOf(setting.use());
