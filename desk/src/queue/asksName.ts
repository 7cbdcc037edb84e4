// Who is asked what they are called: whoever writes for the first time, or said no name before.
import type { Inbox } from "sealdesk/views";

interface Known {
  /** What they are called; undefined as long as that is looked up. */
  ownName: string | null | undefined;
  inbox: Pick<Inbox, "own" | "closed"> | undefined;
  /** What they have typed as their name. */
  typed: string;
}

/** Whoever has no ticket said no name in one, and is not kept waiting for that answer. A field that is written in stays. */
export function asksName({ ownName, inbox, typed }: Known): boolean {
  if (typed !== "") return true;
  if (ownName !== undefined) return ownName === null || ownName === "";
  return inbox !== undefined && inbox.own.length + inbox.closed.length === 0;
}
