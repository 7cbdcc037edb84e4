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

export const all = (rows: readonly string[]): Selection => ({ ids: new Set(rows), anchor: rows[0] });
