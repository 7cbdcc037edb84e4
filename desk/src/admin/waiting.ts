// Who was added to the team in this browser and has no key yet: once it is there, adding them goes on. Sealed, like all that says who somebody works with.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { StaffMember } from "sealdesk/views";

import { door } from "../door.ts";
import { client } from "../queries.ts";
import { adminKeys } from "./asked.ts";
import { hasRole } from "./goesOn.ts";

const RECORD = "added-without-key";

export const listed = (text: string | null): string[] => (text ?? "").split(" ").filter((address) => address !== "");

/** The list with somebody in it, or without them. */
export function withWaiting(text: string | null, address: string, waits: boolean): string {
  const others = listed(text).filter((other) => other !== address);
  return (waits ? [...others, address] : others).join(" ");
}

/** Says of somebody whether they still wait for their key. A browser that keeps nothing goes on as long as the dialog is open, and no longer. */
export async function setWaits(address: string, waits: boolean): Promise<void> {
  try {
    const before = await door.kept(RECORD);
    const now = withWaiting(before, address, waits);
    if (now === (before ?? "")) return;
    await door.keep(RECORD, now);
    await client.invalidateQueries({ queryKey: adminKeys.waiting });
  } catch {
    // Nobody waits for it.
  }
}

/** Forgets those of them whom nothing that counts calls an agent or administrator any more: somebody took them off the team. */
export async function forgetGone(waits: readonly string[], roster: readonly Pick<StaffMember, "address" | "former">[]): Promise<void> {
  for (const address of waits) {
    if (roster.some((member) => member.address === address && !member.former)) continue;
    // The list is a node's word, and may be older than what was done here.
    const standing = await door.standing(address).catch(() => null);
    if (standing !== null && !hasRole("support_agent", standing)) await setWaits(address, false);
  }
}

const NOBODY: readonly string[] = [];

/** The addresses of those who wait. */
export function useWaits(roster: readonly StaffMember[] | undefined): readonly string[] {
  const { data } = useQuery({ queryKey: adminKeys.waiting, queryFn: async () => listed(await door.kept(RECORD)) });
  useEffect(() => {
    if (data && roster) void forgetGone(data, roster);
  }, [data, roster]);
  return data ?? NOBODY;
}
