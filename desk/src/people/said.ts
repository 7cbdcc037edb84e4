import type { SaidName } from "../../worker/people.ts";

/** The customer's own word in a ticket or its summary, wherever one is asked for. */
export function saidIn(data: unknown): SaidName | null {
  if (typeof data !== "object" || data === null) return null;
  const { said_name, saidName } = data as { said_name?: SaidName | null; saidName?: SaidName | null };
  return said_name ?? saidName ?? null;
}
