// One's own views and the team's, and how they are changed. One's own are in a document that nobody else opens, so that every device has them.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Warning } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { orKept } from "../offline/shown.ts";
import { client, keys } from "../queries.ts";
import { takeOver } from "./formerViews.ts";
import { keyOf, viewsOf, written } from "./madeViews.ts";
import type { MadeView } from "./views.ts";

/** The document on each shelf. */
export const NAME = "views";
const SHELF = { own: "own", shared: "staff" } as const satisfies Record<MadeView["kind"], "own" | "staff">;
const KEY = { own: keys.ownViews, shared: keys.sharedViews } as const;

async function own(): Promise<Record<string, unknown>> {
  const { state, entries } = await orKept("readDocument", "own", NAME);
  return state === "open" || state === "none" ? takeOver(entries) : entries;
}

/** Every view that somebody made, one's own first. */
export function useMade(): readonly MadeView[] {
  const { data: mine } = useQuery({ queryKey: keys.ownViews, queryFn: own, staleTime: Number.POSITIVE_INFINITY });
  const { data: shared } = useQuery({ queryKey: keys.sharedViews, queryFn: () => orKept("readDocument", "staff", NAME), staleTime: Number.POSITIVE_INFINITY });
  return useMemo(() => [...viewsOf(mine, "own"), ...viewsOf(shared?.entries, "shared")], [mine, shared]);
}

/** Whether these are here, or could not be had. */
export function useIsMadeKnown(): boolean {
  const { isPending: waitsForMine } = useQuery({ queryKey: keys.ownViews, queryFn: own, staleTime: Number.POSITIVE_INFINITY });
  const { isPending: waitsForShared } = useQuery({ queryKey: keys.sharedViews, queryFn: () => orKept("readDocument", "staff", NAME), staleTime: Number.POSITIVE_INFINITY });
  return !waitsForMine && !waitsForShared;
}

/** What speaks against those who wrote the team's views. */
export function useDoubts(): readonly Warning[] {
  const { data } = useQuery({ queryKey: keys.sharedViews, queryFn: () => orKept("readDocument", "staff", NAME), staleTime: Number.POSITIVE_INFINITY });
  return data?.warned ?? [];
}

/** Writes views, each as it is to be; `null` for one that is to go. All of a kind. */
export async function save(kind: MadeView["kind"], changes: { view: MadeView; keep: boolean }[]): Promise<Told> {
  const edits = changes.map(({ view, keep }) => ({ name: keyOf(view), value: keep ? written(view) : null }));
  const done = await door.editDocument(SHELF[kind], NAME, edits);
  await client.invalidateQueries({ queryKey: KEY[kind] });
  return done;
}

/** A name for a record that no other view has. */
export const newKey = (): string => crypto.randomUUID();
