// Who somebody is on this desk: what they may list, and which page they see.
import { useQuery } from "@tanstack/react-query";

import { door } from "../door.ts";
import { keys } from "../queries.ts";

export function useRole() {
  return useQuery({ queryKey: keys.role, queryFn: () => door.queueRole(), staleTime: Number.POSITIVE_INFINITY });
}
