// What a press opens is fetched when the page has nothing else to do: whoever presses then waits for nothing, also without a connection.

type Load = () => Promise<unknown>;

/** A browser that is busy all the time, in milliseconds; some have no word for being idle, and begin then. */
const BUSY_MS = 4_000;

interface Line {
  saveData?: boolean;
}

/** Somebody pays for each byte: nothing is fetched before they ask for it. */
const saves = (): boolean => (navigator as { connection?: Line }).connection?.saveData === true;

/** Fetches these one after another. Ends with what is returned. */
export function ahead(loads: readonly Load[]): () => void {
  if (saves() || !navigator.onLine) return () => undefined;
  let isOver = false;
  const rest = (work: () => unknown) => (typeof requestIdleCallback === "function" ? requestIdleCallback(work, { timeout: BUSY_MS }) : setTimeout(work, BUSY_MS));
  const next = (place: number) => {
    const load = loads[place];
    if (!load) return;
    // Whatever cannot be fetched now is asked for again by the press that needs it.
    rest(() => isOver || void load().catch(() => undefined).finally(() => next(place + 1)));
  };
  next(0);
  return () => {
    isOver = true;
  };
}
