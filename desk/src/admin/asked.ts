// What the pages of administration ask, and what is asked again after something was changed.
import { useQuery } from "@tanstack/react-query";

import type { HowFar } from "../../worker/admin.ts";
import { door } from "../door.ts";
import { onHeard } from "../live.ts";
import { client, keys } from "../queries.ts";

const ADMIN = "admin";
/** How often a long act is asked how far it has come. */
const ASK_MS = 300;

export const adminKeys = {
  roster: [ADMIN, "roster"] as const,
  held: (address: string) => [ADMIN, "held", address] as const,
  standing: (address: string) => [ADMIN, "standing", address] as const,
  circle: [ADMIN, "circle"] as const,
  keys: (address: string) => [ADMIN, "keys", address] as const,
  limits: [ADMIN, "limits"] as const,
  documents: [ADMIN, "documents"] as const,
  document: (name: string) => [ADMIN, "document", name] as const,
  waiting: [ADMIN, "waiting"] as const,
  health: [ADMIN, "health"] as const,
  charts: [ADMIN, "charts"] as const,
};

export const useRoster = () => useQuery({ queryKey: adminKeys.roster, queryFn: () => door.roster() });
export const useCircle = () => useQuery({ queryKey: adminKeys.circle, queryFn: () => door.circle() });

/** What other administrators do meanwhile. What somebody types is kept beside it, and is taken away by none of it. */
onHeard(({ others }) => {
  if (!others) return;
  for (const queryKey of [adminKeys.roster, adminKeys.circle, adminKeys.limits, [ADMIN, "keys"], [ADMIN, "held"], [ADMIN, "standing"]]) void client.invalidateQueries({ queryKey });
});

/** After something was changed everything here is looked at anew, and what everybody is called. */
export async function changed(): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: [ADMIN] }),
    client.invalidateQueries({ queryKey: keys.names }),
    client.invalidateQueries({ queryKey: keys.look }),
    client.invalidateQueries({ queryKey: keys.inbox }),
    client.invalidateQueries({ queryKey: keys.members("support_agent") }),
  ]);
}

/** How far a long act has come, while one goes on. */
export function useHowFar(isBusy: boolean): HowFar | null {
  const { data } = useQuery({
    queryKey: [ADMIN, "how-far"],
    queryFn: () => door.howFar(),
    enabled: isBusy,
    refetchInterval: ASK_MS,
    staleTime: 0,
    gcTime: 0,
  });
  return isBusy ? (data ?? null) : null;
}
