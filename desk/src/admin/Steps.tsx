// What came of a change, a line each: what the ledger proves, and what is missing.
import { Check, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

export interface Step {
  id: string;
  isGood: boolean;
  text: ReactNode;
}

export function Steps({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return null;
  return (
    <div role="status">
      <ul className="steps">
        {steps.map(({ id, isGood, text }) => (
          <li key={id}>
            {isGood ? <Check size={16} aria-hidden className="good" /> : <TriangleAlert size={16} aria-hidden className="warn" />}
            <span dir="auto">{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
