// Who else of the staff is at a ticket: said and heard by signed frames, which the node passes on and keeps nowhere. What it passes on is
// verified here: by the module, before a name of it is shown.
import type { Doing, Present } from "sealdesk/views";

import type { Session } from "./session.ts";

const PATH = "/presence";
/** Longest that the node is waited for: what it says later is of no use any more. */
const NODE_MS = 10_000;
/** It has too much to do, and says so: it may be asked again. */
const TOO_MANY = 429;

export interface PresenceApi {
  /** Whether the node passes on who is at which ticket. */
  offersPresence(): Promise<boolean>;
  /** Says that this person is at a ticket, and gives who else of the staff is; null where the node takes no more of it from them. */
  bePresent(ticket: string, doing: Doing): Promise<Present[] | null>;
}

const asked = (path: string, init: RequestInit) => fetch(path, { ...init, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(NODE_MS) });

export function presence(session: Session): PresenceApi {
  return {
    async offersPresence() {
      const answer = await asked(PATH, { method: "GET" });
      return answer.ok && ((await answer.json()) as { enabled?: unknown }).enabled === true;
    },
    async bePresent(ticket, doing) {
      const authorization = await session.desk.signPresence(session.me, ticket, doing);
      const headers = { authorization, "content-type": "application/json" };
      const answer = await asked(`${PATH}/${encodeURIComponent(ticket)}`, { method: "PUT", body: JSON.stringify({ doing }), headers });
      if (answer.ok) return session.desk.present(session.me, ticket, await answer.text());
      if (answer.status >= 500 || answer.status === TOO_MANY) throw new Error(`status ${answer.status}`);
      return null;
    },
  };
}
