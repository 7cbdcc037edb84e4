// Who was the last to say something in tickets that are over. Lists are told so of unfinished ones alone: of these it is known once this browser has
// opened the ticket as it is now.
import type { LastSaid } from "../../worker/api.ts";
import type { Line } from "./lines.ts";

/** Tickets of which it is remembered here. */
const SAID_MAX = 50_000;

/** The state of a ticket that a summary is of. */
export const stateOf = ({ ticket }: Pick<Line, "ticket">): string => `${ticket.updated_at} ${ticket.response_count}`;

const said = new Map<string, { of: string; last: LastSaid | null }>();

/** Says who spoke last in a ticket as it is in `line`. Whether that was not known before. */
export function learnSaid(line: Line, last: LastSaid | null): boolean {
  const of = stateOf(line);
  if (said.get(line.id)?.of === of) return false;
  if (said.size >= SAID_MAX) said.clear();
  said.set(line.id, { of, last });
  return true;
}

/** Who spoke last; null where nobody did, undefined where that is not known. */
export function lastSaidIn(line: Line): LastSaid | null | undefined {
  const { about } = line;
  if (about) return about.last_by === null || about.last_at === null ? null : { by: about.last_by, at: about.last_at };
  const known = said.get(line.id);
  return known?.of === stateOf(line) ? known.last : undefined;
}
