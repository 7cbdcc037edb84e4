// What keys are about: what is to be seen, and nothing else.

interface Seen {
  /** What the list shows, in its order. */
  ids: readonly string[];
  placeOf(id: string): number;
  /** The row that keys are at. */
  cursor: string | undefined;
  /** Where somebody went: not what was only ticked. */
  led: string | undefined;
  /** The ticket that is open. */
  chosen: string | undefined;
  selected: ReadonlySet<string>;
  /** Results of a search stand in the place of the list. */
  isSearching: boolean;
  /** The open ticket has the place of the list. */
  isHidden: boolean;
}

export interface About {
  /** The row that can be selected. */
  at: string | undefined;
  /** Whether somebody went there, so that an act leads there, too. */
  isLed: boolean;
  /** Rows that all can be selected at once. */
  rows: readonly string[];
  /** Whether the selection is shown, and is what acts are about. */
  isSelecting: boolean;
  /** The tickets that an act is about. */
  ids: string[];
}

export function aboutWhat({ ids, placeOf, cursor, led, chosen, selected, isSearching, isHidden }: Seen): About {
  const isListed = !isSearching && !isHidden;
  // A row that is not in the list any more is nobody's any more.
  const at = isListed ? [cursor, chosen].find((id) => id !== undefined && placeOf(id) >= 0) : undefined;
  const isSelecting = isListed && selected.size > 0;
  return { at, isLed: at !== undefined && at === led, rows: isListed ? ids : [], isSelecting, ids: isSelecting ? [...selected] : [at ?? chosen].filter((id) => id !== undefined) };
}

/**
 * Where the keys are once a ticket is open. The list opens what keys led to, and they may be further by then; whatever else opened one, a link, the
 * palette or Back, has led the keys to it.
 */
export function arrived(asked: readonly string[], chosen: string | undefined): { asked: readonly string[]; cursor: string | undefined } {
  if (chosen === undefined) return { asked: [], cursor: undefined };
  const place = asked.lastIndexOf(chosen);
  return place < 0 ? { asked: [], cursor: chosen } : { asked: asked.slice(place + 1), cursor: undefined };
}
