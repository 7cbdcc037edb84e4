// What charts count: public records that the node lists. Bounded, with progress; whoever shows it says of how many it is and whose word.
import type { TicketStatus } from "sealdesk/views";

import { DeskError, door } from "../../door.ts";
import type { Counted, Promised } from "./stats.ts";

const STATUSES: TicketStatus[] = ["open", "assigned", "in_progress", "pending_customer", "resolved", "closed"];
/** Most tickets of one status that are counted, the newest. */
const TICKETS_OF_STATUS_MAX = 1_000;
const PAGE = 100;
/** Most tickets of which first answers, and what was promised, are looked up, the newest. */
export const LOOKED_UP_MAX = 300;
/** How many are asked for at the same time. */
const TOGETHER = 4;

/** A ticket's public record, as far as it is counted. */
interface Listed {
  ticket_id: string;
  customer_address: string;
  previous_customers: string[];
  created_at: string | null;
  resolved_at: string | null;
  closed_at: string | null;
  steps?: { at: string | null; status: TicketStatus }[];
  ratings?: { score: number; rated_at: string | null }[];
}

interface Page {
  tickets: Listed[];
  next_cursor: string;
}

interface Responded {
  events: { responder: string; internal: boolean; timestamp: number | string }[];
}

export interface Collected {
  tickets: Counted[];
  /** Whether some status had more tickets than are counted. */
  isCut: boolean;
}

export type Progress = (done: number, total: number) => void;

/** Longest that the node is waited for. */
const NODE_MS = 15_000;

class Refused extends Error {}

async function ask<T>(path: string, signal: AbortSignal): Promise<T> {
  try {
    const answer = await fetch(path, { headers: { accept: "application/json" }, signal: AbortSignal.any([signal, AbortSignal.timeout(NODE_MS)]) });
    if (!answer.ok) throw new Refused(`the node does not list what charts count (status ${answer.status}): try again later`);
    return (await answer.json()) as T;
  } catch (error) {
    signal.throwIfAborted();
    // What a browser says of a network is in its own words.
    throw error instanceof Refused ? error : new DeskError({ message: "the desk does not answer", away: true });
  }
}

const seconds = (time: string | null): number | null => (time === null ? null : Date.parse(time) / 1000);

function counted(listed: Listed): Counted | null {
  const created = seconds(listed.created_at);
  if (created === null) return null;
  const steps = (listed.steps ?? []).flatMap(({ at, status }) => {
    const when = seconds(at);
    return when === null ? [] : [{ at: when, status }];
  });
  const last = steps.at(-1);
  const isOver = last?.status === "resolved" || last?.status === "closed";
  const over = isOver ? (seconds(listed.resolved_at) ?? seconds(listed.closed_at)) : null;
  const ratings = (listed.ratings ?? []).flatMap(({ score, rated_at }) => {
    const at = seconds(rated_at);
    return at === null ? [] : [{ score, at }];
  });
  return { id: listed.ticket_id, created, over, steps, ratings };
}

/** Every ticket that the node lists, up to a thousand of each status. */
export async function collect(progress: Progress, signal: AbortSignal): Promise<Collected> {
  const found = new Map<string, Counted>();
  const customers = new Map<string, Set<string>>();
  let isCut = false;
  for (const [n, status] of STATUSES.entries()) {
    let cursor = "";
    for (let taken = 0; ; ) {
      progress(n, STATUSES.length);
      const page = await ask<Page>(`/api/v1/tickets?status=${status}&limit=${PAGE}&reverse=true${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`, signal);
      for (const listed of page.tickets) {
        const ticket = counted(listed);
        if (ticket) found.set(ticket.id, ticket);
        customers.set(listed.ticket_id, new Set([listed.customer_address, ...listed.previous_customers]));
      }
      taken += page.tickets.length;
      if (page.next_cursor === "" || page.next_cursor === cursor) break;
      if (taken >= TICKETS_OF_STATUS_MAX) {
        isCut = true;
        break;
      }
      cursor = page.next_cursor;
    }
  }
  const tickets = [...found.values()].sort((one, other) => other.created - one.created);
  await eachOf(tickets.slice(0, LOOKED_UP_MAX), progress, async (ticket) => {
    const { events } = await ask<Responded>(`/api/v1/tickets/${ticket.id}/events?type=EventTicketResponded`, signal);
    const own = customers.get(ticket.id);
    const first = events.find(({ responder, internal }) => !internal && !own?.has(responder));
    ticket.answered = first ? Number(first.timestamp) : null;
  });
  return { tickets, isCut };
}

/** What became of what was promised of these tickets, each proven by a receipt. Tickets whose beginning the ledger does not know are passed over. */
export async function promised(tickets: Counted[], progress: Progress): Promise<Promised[]> {
  const all: Promised[] = [];
  await eachOf(tickets.slice(0, LOOKED_UP_MAX), progress, async ({ id }) => {
    const report = await door.serviceLevels(id).catch(() => null);
    for (const { target, state, breached_at, ended_at } of report?.targets ?? []) {
      const at = seconds(state === "breached" ? breached_at : ended_at);
      if ((state === "met" || state === "breached") && at !== null) all.push({ kind: target, isMet: state === "met", at });
    }
  });
  return all;
}

async function eachOf<T>(items: T[], progress: Progress, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let done = 0;
  const one = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      await work(item);
      progress(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, one));
}
