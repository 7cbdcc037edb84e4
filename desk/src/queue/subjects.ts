// What tickets are about, where somebody has to tell them apart by more than a number.
import { useQueries } from "@tanstack/react-query";

import type { Summary } from "../../worker/api.ts";
import { client, keys } from "../queries.ts";
import type { Line } from "./lines.ts";
import { summaryOf } from "./summaries.ts";

/** The subjects of these tickets, as they are opened; those that are sealed for others have none. */
export function useSubjects(lines: readonly Line[]): ReadonlyMap<string, string> {
  return useQueries({
    queries: lines.map((line) => summaryOf(line)),
    combine: (found) => new Map(lines.flatMap(({ id }, place) => (found[place]?.data?.subject == null ? [] : [[id, found[place].data.subject] as const]))),
  });
}

/** The subjects of all tickets that this page has opened, by number. */
export function knownSubjects(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [[, id], summary] of client.getQueriesData<Summary>({ queryKey: keys.summary("", "").slice(0, 1) })) {
    if (typeof id === "string" && summary?.subject != null) found.set(id, summary.subject);
  }
  return found;
}
