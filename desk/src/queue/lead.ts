// An act by key while the keys are further than the ticket that is open: that ticket is opened at once, and the act is done once it can be done there.
import type { Leader } from "../keyboard/actions.ts";
import type { ActionId } from "../keyboard/table.ts";
import { shortcut } from "../keyboard/table.ts";
import type { About } from "./about.ts";

/** For how long what somebody pressed still means something. */
const WAIT_MS = 3_000;

/** What is about the words in the composer, wherever the keys are. */
const OF_WORDS: readonly ActionId[] = ["send", "sendResolve"];

/** The ticket that an act opens first; undefined where it is about what is open, or selected. */
export function opensFirst(id: ActionId, { at, isLed, isSelecting }: Pick<About, "at" | "isLed" | "isSelecting">, chosen: string | undefined): string | undefined {
  const isAboutTicket = shortcut(id).group === "ticket" && !OF_WORDS.includes(id);
  return isAboutTicket && isLed && !isSelecting && chosen !== undefined && at !== chosen ? at : undefined;
}

interface Acts {
  /** Whether it can be done with what is open, and does it: wherever the keys are by then. */
  isBound(id: ActionId): boolean;
  act(id: ActionId): void;
  /** Whether its key alone does it. Every other act asks for something, or leads to a field, in its ticket. */
  isAtOnce(id: ActionId): boolean;
  /** Hears whenever something is bound. */
  subscribe(listener: () => void): () => void;
  open(ticket: string): void;
  /** Nothing was done in these: the first of them is open and it cannot be done there, or it did not open in time. */
  lost(tickets: string[], isOpen: boolean): void;
  /** All is done that was waited for, and nothing of it asks for anything: keys may be further by now. */
  done(): void;
}

export interface Lead {
  /** Opens this ticket, and does an act as soon as it is open and the act is bound; after what is waited for already. */
  wait(id: ActionId, ticket: string): void;
  /** Whether an act waits for its ticket: no other one is opened meanwhile. */
  isWaiting(): boolean;
  /** Says which ticket is open now. */
  opened(ticket: string | undefined): void;
  stop(): void;
}

interface Waiting {
  id: ActionId;
  ticket: string;
}

export function createLead({ isBound, act, isAtOnce, subscribe, open, lost, done }: Acts): Lead {
  let now: string | undefined;
  let waiting: readonly Waiting[] = [];
  let end = () => {};
  const stop = () => {
    end();
    waiting = [];
  };
  const begin = () => {
    end();
    const [first] = waiting;
    if (!first) return;
    // Once what is being drawn stands: an act may move the focus.
    const unheard = subscribe(() => setTimeout(look));
    const timer = setTimeout(() => {
      const tickets = [...new Set(waiting.map(({ ticket }) => ticket))];
      stop();
      lost(tickets, now === first.ticket);
    }, WAIT_MS);
    end = () => (unheard(), clearTimeout(timer));
    if (now === first.ticket) setTimeout(look);
    else open(first.ticket);
  };
  const look = () => {
    const [first, ...rest] = waiting;
    if (!first || now !== first.ticket || !isBound(first.id)) return;
    end();
    waiting = rest;
    act(first.id);
    begin();
    if (rest.length === 0 && isAtOnce(first.id)) done();
  };
  return {
    stop,
    wait(id, ticket) {
      if (waiting.some((one) => one.id === id && one.ticket === ticket)) return;
      const [before] = waiting;
      // What would ask for something gives way to what was pressed after it. What acts by its key alone is done, too.
      const [kept, left] = [waiting.filter((one) => isAtOnce(one.id)), waiting.filter((one) => !isAtOnce(one.id) && one.ticket !== ticket)];
      waiting = [...kept, { id, ticket }];
      if (left.length > 0) lost(left.map((one) => one.ticket), false);
      if (waiting[0] !== before) begin();
    },
    isWaiting: () => waiting.length > 0,
    opened(ticket) {
      now = ticket;
      setTimeout(look);
    },
  };
}

/** Leads acts to where the keys are. */
export function leaderOf(lead: Pick<Lead, "wait">, here: () => { about: Pick<About, "at" | "isLed" | "isSelecting">; chosen: string | undefined }): Leader {
  const first = (id: ActionId) => opensFirst(id, here().about, here().chosen);
  return {
    leads: (id) => first(id) !== undefined,
    lead(id) {
      const ticket = first(id);
      if (ticket !== undefined) lead.wait(id, ticket);
    },
  };
}
