// Which row of the table somebody means by what they press.
import { type ActionId, isSingle, type Shortcut, SHORTCUTS } from "./table.ts";

/** What counts of a key that is pressed. */
export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  repeat: boolean;
  isComposing: boolean;
}

/** Where the press happens. */
export interface Place {
  isMac: boolean;
  /** In a field in which somebody types. */
  inField: boolean;
  /** Whether single keys are on. */
  singleKeys: boolean;
}

export type Match = { act: ActionId } | { begun: string } | null;

/** The name that the table has for a press; null for what can be no shortcut. */
export function nameOf(press: Press, isMac: boolean): string | null {
  // AltGr types letters, and says that it is Ctrl and Alt.
  if (press.altKey || press.isComposing || press.key === "Process" || press.key === "Dead") return null;
  const [wanted, other] = isMac ? [press.metaKey, press.ctrlKey] : [press.ctrlKey, press.metaKey];
  if (other) return null;
  if (wanted && press.shiftKey && press.key === "Enter") return "Mod+Shift+Enter";
  const key = typed(press);
  if (key === null) return null;
  if (wanted) return press.shiftKey ? null : `Mod+${key}`;
  return key;
}

function typed({ key, code, shiftKey }: Press): string | null {
  if (key === "Enter" || key === "Escape") return shiftKey ? null : key;
  if ([...key].length !== 1 || key === " ") return null;
  const small = key.toLowerCase();
  const shift = shiftKey ? "Shift+" : "";
  if (/^[a-z]$/.test(small)) return shift + small;
  // On a Greek or Russian keyboard the letter at the same place is meant.
  const place = /^Key([A-Z])$/.exec(code)?.[1];
  if (place !== undefined && /\p{L}/u.test(key)) return shift + place.toLowerCase();
  return key;
}

/** The row that is meant, or the beginning of one; `begun` is what was pressed before. */
export function match(press: Press, begun: string | null, place: Place, rows: readonly (Shortcut & { id: ActionId })[] = SHORTCUTS): Match {
  const name = nameOf(press, place.isMac);
  if (name === null) return null;
  const able = rows.filter((row) => (row.inFields || !place.inField) && (!press.repeat || row.repeats));
  const keysOf = (row: Shortcut) => row.keys.filter((keys) => place.singleKeys || !isSingle(keys));
  const whole = begun === null ? name : `${begun} ${name}`;
  const found = able.find((row) => keysOf(row).includes(whole));
  if (found) return { act: found.id };
  if (able.some((row) => keysOf(row).some((keys) => keys.startsWith(`${whole} `)))) return { begun: whole };
  // After a beginning that led nowhere the key counts for itself.
  return begun === null ? null : match(press, null, place, rows);
}
