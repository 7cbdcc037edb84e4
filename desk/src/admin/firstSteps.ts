// Which of the first steps somebody took here that no record of the ledger shows: they looked at the rules, and took the link along.
import { kept } from "../kit/localSetting.ts";

export type Looked = "rules" | "link";

const looked = kept("first-steps");
const listed = (text: string | null): string[] => (text ?? "").split(" ");

export function setLooked(step: Looked): void {
  const before = listed(looked.get());
  if (!before.includes(step)) looked.set([...before, step].join(" ").trim());
}

export const useLooked = (): string[] => listed(looked.use());
