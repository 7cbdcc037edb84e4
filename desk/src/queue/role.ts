// Who somebody is on this desk: what they may list, and which page they see.
import { useQuery } from "@tanstack/react-query";

import { orKept } from "../offline/shown.ts";
import { keys } from "../queries.ts";

export function useRole() {
  return useQuery({ queryKey: keys.role, queryFn: () => orKept("queueRole"), staleTime: Number.POSITIVE_INFINITY });
}
