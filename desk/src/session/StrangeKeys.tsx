// A key in one's own name that this phrase did not make reads what is sealed for its owner. It is in front of everything until it is dealt with.
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode } from "react";

import { door } from "../door.ts";

const KeyWarning = lazy(() => import("./KeyWarning.tsx").then(({ KeyWarning }) => ({ default: KeyWarning })));

/** How often it is looked for beside each visit. */
const LOOK_MS = 5 * 60_000;

/** Shows what is below only to somebody in whose name no stranger's key stands. */
export function OwnKeysAlone({ children }: { children: ReactNode }) {
  const { data, refetch } = useQuery({ queryKey: ["strange-keys"], queryFn: () => door.strangeKeys(), refetchInterval: LOOK_MS });
  return data && data.length > 0 ? <KeyWarning keys={data} refresh={refetch} /> : children;
}
