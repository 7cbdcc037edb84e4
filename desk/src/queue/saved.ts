// One's own views and the team's, and how they are changed.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { client, keys } from "../queries.ts";
import { keyOf, viewsOf, written } from "./madeViews.ts";
import type { MadeView } from "./views.ts";

/** The team's document. */
const SHARED = "views";
const OWN = ["own views"] as const;

async function own(): Promise<Record<string, unknown>> {
  const kept = await door.kept("views");
  try {
    const found: unknown = kept === null ? {} : JSON.parse(kept);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Every view that somebody made, one's own first. */
export function useMade(): readonly MadeView[] {
  const { data: mine } = useQuery({ queryKey: OWN, queryFn: own, staleTime: Number.POSITIVE_INFINITY });
  const { data: shared } = useQuery({ queryKey: keys.sharedViews, queryFn: () => door.readDocument("staff", SHARED), staleTime: Number.POSITIVE_INFINITY });
  return useMemo(() => [...viewsOf(mine, "own"), ...viewsOf(shared?.entries, "shared")], [mine, shared]);
}

/** Writes views, each as it is to be; `null` for one that is to go. All of a kind. */
export async function save(kind: MadeView["kind"], changes: { view: MadeView; keep: boolean }[]): Promise<Told | null> {
  const entries = Object.fromEntries(changes.map(({ view, keep }) => [keyOf(view), keep ? written(view) : null]));
  if (kind === "shared") {
    const done = await door.editDocument("staff", SHARED, Object.entries(entries).map(([name, value]) => ({ name, value })));
    await client.invalidateQueries({ queryKey: keys.sharedViews });
    return done;
  }
  // Read anew: another tab may have changed others.
  const all = { ...(await own()), ...entries };
  const left = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  await door.keep("views", JSON.stringify(left));
  await client.invalidateQueries({ queryKey: OWN });
  return null;
}

/** A name for a record that no other view has. */
export const newKey = (): string => crypto.randomUUID();
