// Whom a view is about: customers by their names, and an address only where it is one.

export interface Customer {
  address: string;
  name: string;
}

/** As many as fit below a field. */
const OFFERED_MAX = 6;

/** What an address looks like: a prefix and letters of bech32. One that is cut short is none. */
const ADDRESS = /^[a-z][a-z0-9]{0,82}1[02-9ac-hj-np-z]{20,}$/;

const folded = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

/** The address that is meant by what was typed; null where that is nobody's, or more than one person's. */
export function addressOf(typed: string, customers: readonly Customer[]): string | null {
  const wanted = folded(typed);
  const called = customers.filter(({ name, address }) => folded(name) === wanted || address === wanted);
  if (called.length > 0) return called.length === 1 ? (called[0]?.address ?? null) : null;
  return ADDRESS.test(wanted) ? wanted : null;
}

/** Customers whose names have what was typed in them. */
export function customersLike(typed: string, customers: readonly Customer[]): Customer[] {
  const wanted = folded(typed);
  if (wanted === "") return [];
  return customers.filter(({ name }) => folded(name).includes(wanted)).slice(0, OFFERED_MAX);
}
