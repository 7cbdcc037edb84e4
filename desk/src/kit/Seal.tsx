// The one symbol of sealing: a ring, open while somebody writes, closing as it is sealed, filled when the ledger has it.
export type SealState = "open" | "closing" | "closed" | "amber";

const ROUND = 2 * Math.PI * 11;
const GAP: Record<SealState, number> = { open: ROUND / 4, closing: 0, closed: 0, amber: 0 };

export function Seal({ state }: { state: SealState }) {
  return (
    <svg className={`seal ${state}`} viewBox="0 0 32 32" aria-hidden>
      <circle cx="16" cy="16" r="11" strokeDasharray={ROUND} strokeDashoffset={GAP[state]} transform="rotate(-90 16 16)" />
      <circle cx="16" cy="16" r="4.5" />
    </svg>
  );
}
