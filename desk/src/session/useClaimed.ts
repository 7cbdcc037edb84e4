// What waits for whoever followed the link of a ticket that support wrote down for them.
import { useQuery } from "@tanstack/react-query";

import { door } from "../door.ts";
import { keys } from "../queries.ts";

export function useClaimed(enabled: boolean) {
  return useQuery({ queryKey: keys.claimed, queryFn: () => door.claimed(), enabled, staleTime: Number.POSITIVE_INFINITY }).data;
}
