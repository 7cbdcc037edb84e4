// That somebody writes a reply in the ticket that is open. What they write is nobody's business here.
type Hearer = (isWriting: boolean) => void;

const hearers = new Set<Hearer>();

/** A reply was typed at, and something or nothing stands there now. */
export function typed(isWriting: boolean): void {
  for (const hearer of hearers) hearer(isWriting);
}

/** Hears of it until what is returned is called. */
export function onTyped(hearer: Hearer): () => void {
  hearers.add(hearer);
  return () => hearers.delete(hearer);
}
