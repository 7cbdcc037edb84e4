// Tags are changed by what the ledger has when it is sent: a note says all tags of a ticket, and would take away those that were given meanwhile.
import type { Act } from "sealdesk/views";

import type { Told } from "../../worker/api.ts";
import { door } from "../door.ts";
import { isRetag, type Planned, settled, type TagChange } from "./tags.ts";

/** Sends what was planned. Of two that change tags of a ticket, in any tab, one reads what the other has written. */
export async function sending<Done>(ticket: string, planned: readonly Planned[], send: (acts: Act[]) => Promise<Done>): Promise<Done> {
  if (!planned.some(isRetag)) return send(planned as Act[]);
  return navigator.locks.request(`sealdesk-tags/${ticket}`, async () => send(settled(planned, (await door.read(ticket)).messages)));
}

/** Does what was planned; where nothing of it is left to be done, that is proven. */
export const actPlanned = (ticket: string, planned: readonly Planned[]): Promise<Told> =>
  sending(ticket, planned, (acts) => (acts.length > 0 ? door.act(ticket, acts) : Promise.resolve(nothing(ticket))));

const nothing = (ticket: string): Told => ({ txhash: "", height: 0, ticket_id: ticket, response_index: null, registered_key: null, proven: true, notes: [] });

export const retag = (ticket: string, change: TagChange): Promise<Told> => actPlanned(ticket, [{ act: "retag", ...change }]);

/** Adds tags; null where the ticket has them already, and gets no note more. */
export const addTags = (ticket: string, added: string[]): Promise<Told | null> =>
  sending(ticket, [{ act: "retag", added, removed: [] }], (acts) => (acts.length > 0 ? door.act(ticket, acts) : Promise.resolve(null)));
