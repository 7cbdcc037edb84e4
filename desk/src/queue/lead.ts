// An act by key while the keys are further than the ticket that is open: that ticket is opened at once, and the act is done once it can be done there.
import type { ActionId } from "../keyboard/table.ts";
import { shortcut } from "../keyboard/table.ts";
import type { About } from "./about.ts";

/** For how long what somebody pressed still means something. */
const WAIT_MS = 3_000;

/** What is about the words in the composer, wherever the keys are. */
const OF_WORDS: readonly ActionId[] = ["send", "sendResolve"];

/** The ticket that an act opens first; undefined where it is about what is open, or selected. */
export function opensFirst(id: ActionId, { at, isSelecting }: Pick<About, "at" | "isSelecting">, chosen: string | undefined): string | undefined {
  const isAboutTicket = shortcut(id).group === "ticket" && !OF_WORDS.includes(id);
  return isAboutTicket && !isSelecting && chosen !== undefined && at !== chosen ? at : undefined;
}

interface Acts {
  isBound(id: ActionId): boolean;
  act(id: ActionId): void;
  /** Hears whenever something is bound. */
  subscribe(listener: () => void): () => void;
}

export interface Lead {
  /** Does an act as soon as this ticket is open and the act is bound. */
  wait(id: ActionId, ticket: string): void;
  /** Says which ticket is open now. */
  opened(ticket: string | undefined): void;
  stop(): void;
}

export function createLead({ isBound, act, subscribe }: Acts): Lead {
  let open: string | undefined;
  let waits: { id: ActionId; ticket: string; end(): void } | undefined;
  const stop = () => {
    waits?.end();
    waits = undefined;
  };
  const look = () => {
    if (!waits || open !== waits.ticket || !isBound(waits.id)) return;
    const { id } = waits;
    stop();
    act(id);
  };
  return {
    stop,
    wait(id, ticket) {
      stop();
      // Once what is being drawn stands: an act may move the focus.
      const unheard = subscribe(() => setTimeout(look));
      const timer = setTimeout(stop, WAIT_MS);
      waits = { id, ticket, end: () => (unheard(), clearTimeout(timer)) };
    },
    opened(ticket) {
      open = ticket;
      setTimeout(look);
    },
  };
}
