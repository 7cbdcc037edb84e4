// What somebody typed of a document, over a version that came meanwhile: theirs stays where nothing was typed, and where both changed the same, mine
// stays in the field and theirs beside it.
import { shapeOf, type TypedDocument } from "./forms.ts";

/** What stands in a field of the new version that both changed, by the field's place in the form: `week.monday`; empty for the whole text. */
export type Theirs = Readonly<Record<string, string>>;

type Fields = Readonly<Record<string, unknown>>;

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !(Array.isArray(value) && value.some((one) => typeof one !== "object"));
const said = (value: unknown): string => (typeof value === "string" ? value : Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(", ") : JSON.stringify(value, null, 2));
/** Rows have no name but their place: of two lists that are not as long nobody knows which is which. */
const areAlike = (one: Fields, other: Fields): boolean => isSame(Object.keys(one), Object.keys(other));

/** Whether two places are one, or one is in the other. */
const meets = (one: string, other: string): boolean => one === other || one === "" || other === "" || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);

interface Merge {
  /** Where both had changed the same in an earlier version. */
  before: readonly string[];
  /** Where they have now. */
  both: Record<string, string>;
}

function met(base: unknown, mine: unknown, theirs: unknown, place: string, merge: Merge): unknown {
  if (isSame(mine, theirs)) return mine;
  if (isSame(base, mine)) return theirs;
  // Where both had changed the same it is told until one's own is what the ledger has: else the next version, which leaves theirs as it was, hides it.
  if (isSame(base, theirs) && !merge.before.some((one) => meets(one, place))) return mine;
  if (isFields(mine) && isFields(theirs) && areAlike(mine, theirs) && (!isFields(base) || areAlike(base, mine))) {
    const fields = Object.keys(mine).map((name) => [name, met(isFields(base) ? base[name] : undefined, mine[name], theirs[name], place === "" ? name : `${place}.${name}`, merge)] as const);
    return Array.isArray(mine) ? fields.map(([, value]) => value) : Object.fromEntries(fields);
  }
  merge.both[place] = said(theirs);
  return mine;
}

/** The same over the version that the ledger has now; `body` is what stands in it. */
export function moved(name: string, typed: TypedDocument, version: number, body: string): TypedDocument {
  if (typed.version === version) return typed;
  const shape = shapeOf(name);
  const theirs = typed.form && shape?.read(body);
  const both: Record<string, string> = {};
  const before = Object.keys(typed.theirs ?? {});
  if (typed.form && theirs) {
    const base = typed.over === undefined ? undefined : shape?.read(typed.over);
    const form = met(base ?? undefined, typed.form, theirs, "", { before, both }) as TypedDocument["form"] & object;
    return { version, over: body, theirs: both, form };
  }
  if (body !== typed.text && (body !== typed.over || before.length > 0)) both[""] = body;
  return { ...typed, version, over: body, theirs: both };
}
