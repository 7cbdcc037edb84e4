// Which tickets are selected, for what is done with all of them at once.

export interface Selection {
  ids: ReadonlySet<string>;
  /** Where a range begins that is drawn to the next row pressed with Shift. */
  anchor: string | undefined;
}

export const NONE: Selection = { ids: new Set(), anchor: undefined };

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** Adds everything from the anchor to this row. */
export function range({ ids, anchor }: Selection, id: string, rows: readonly string[]): Selection {
  const to = rows.indexOf(id);
  const from = anchor === undefined ? to : rows.indexOf(anchor);
  if (to < 0 || from < 0) return { ids: new Set(ids).add(id), anchor: id };
  return { ids: new Set([...ids, ...rows.slice(Math.min(from, to), Math.max(from, to) + 1)]), anchor: anchor ?? id };
}

/**
 * Goes on from one row to the next, as keys do: what lies between where it began and here is selected, and whoever goes back gives the rows that they
 * leave free again.
 */
export function extended({ ids, anchor }: Selection, from: string | undefined, to: string, rows: readonly string[]): Selection {
  const at = from === undefined ? -1 : rows.indexOf(from);
  if (from === undefined || at < 0) return { ids: new Set(ids).add(to), anchor: to };
  if (!ids.has(from)) return { ids: new Set([...ids, from, to]), anchor: from };
  const next = new Set(ids).add(to);
  const start = anchor === undefined ? -1 : rows.indexOf(anchor);
  const begun = start < 0 ? at : start;
  if (Math.abs(rows.indexOf(to) - begun) < Math.abs(at - begun)) next.delete(from);
  return { ids: next, anchor: rows[begun] };
}

export const all = (rows: readonly string[]): Selection => ({ ids: new Set(rows), anchor: rows[0] });
