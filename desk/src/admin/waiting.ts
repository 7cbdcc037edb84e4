// Who was added to the team in this browser and has no key yet: once it is there, adding them goes on. Addresses alone, which are public.
import { kept } from "../kit/kept.ts";

const waiting = kept("added-without-key");

const listed = (text: string | null): string[] => (text ?? "").split(" ").filter((address) => address !== "");

/** Says of somebody whether they still wait for their key. */
export function setWaits(address: string, waits: boolean): void {
  const others = listed(waiting.get()).filter((other) => other !== address);
  const all = waits ? [...others, address] : others;
  waiting.set(all.length === 0 ? null : all.join(" "));
}

/** The addresses of those who wait. */
export const useWaits = (): string[] => listed(waiting.use());
