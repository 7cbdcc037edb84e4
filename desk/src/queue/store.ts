// Fills the queue, and follows what happens to it. One for the page: the views at the side, the list and the palette all read it.
import { useSyncExternalStore } from "react";
import type { QueueList, QueuePart, QueueRole } from "sealdesk/views";

import { door } from "../door.ts";
import { type Heard, onHeard, streaming } from "../live.ts";
import { fresh, orKept } from "../offline/shown.ts";
import { type Line, listsOf, missing, type Queue, take } from "./lines.ts";

/** How often the page draws while it fills. */
const DRAW_MS = 250;
/** Tickets that are asked for by number at once. */
const ASKED = 100;

const NOTHING: Queue = { lines: new Map(), filled: "nothing", total: null, error: null };

interface Owner {
  standing: QueueRole;
  me: string;
}

let lines = new Map<string, Line>();
let shown: Queue = NOTHING;
let owner: Owner | undefined;
/** Each filling has its own, so that one that was overtaken writes nothing any more. */
let filling: object = {};
/** What was heard while it goes on: a page that was read before may come after it. */
let meanwhile: QueuePart[] | undefined;
/** There once a queue was shown: all of the page is followed, and not what is shown of it. */
let following: (() => void) | undefined;
let drawing: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function draw(change: Partial<Queue> = {}): void {
  clearTimeout(drawing);
  drawing = undefined;
  shown = { ...shown, ...change, lines };
  for (const listener of listeners) listener();
}

const drawSoon = () => void (drawing ??= setTimeout(draw, DRAW_MS));

/** Fills the queue of a person, unless it is theirs already, and follows it for as long as the page is there: whoever is elsewhere comes back. */
export function begin(standing: QueueRole, me: string): void {
  const isSame = owner?.me === me && owner.standing.role === standing.role && owner.standing.takes === standing.takes;
  owner = { standing, me };
  following ??= onHeard((heard) => void follow(heard));
  if (isSame && shown.filled === "all") return;
  if (!isSame) {
    lines = new Map();
    shown = NOTHING;
  }
  void fill(shown.filled);
}

export const fillAgain = (): void => void fill("nothing");

function start(): object {
  meanwhile = [];
  return (filling = {});
}

/** Adds what was heard meanwhile. Says whether it is the filling that counts. */
function finish(into: Map<string, Line>, mine: object): boolean {
  if (filling !== mine || !owner) return false;
  for (const part of meanwhile ?? []) take(into, part, owner.standing, owner.me);
  meanwhile = undefined;
  return true;
}

async function fill(filled: Queue["filled"]): Promise<void> {
  if (!owner) return;
  const mine = start();
  draw({ filled, error: null });
  const { unfinished, finished } = listsOf(owner.standing);
  try {
    await streaming();
    for (const list of unfinished) await fillList(list, lines, mine, keptPage);
    if (filling === mine) draw({ filled: "unfinished" });
    for (const list of finished) await fillList(list, lines, mine, keptPage);
    if (owner.standing.role === "administrator") await complete(lines, mine);
    if (finish(lines, mine)) draw({ filled: "all" });
  } catch (error) {
    if (filling === mine) draw({ error });
  }
}

/** Reads all of it again behind what is shown, where something may have been missed. */
async function refill(): Promise<void> {
  if (!owner || shown.filled !== "all") return fill(shown.filled);
  const mine = start();
  const anew = new Map<string, Line>();
  const { unfinished, finished } = listsOf(owner.standing);
  try {
    for (const list of [...unfinished, ...finished]) await fillList(list, anew, mine, freshPage);
    if (owner.standing.role === "administrator") await complete(anew, mine);
    if (!finish(anew, mine)) return;
    lines = anew;
    draw();
  } catch (error) {
    if (filling === mine) draw({ error });
  }
}

const keptPage = (list: QueueList, cursor: number[]) => orKept("queuePage", list, cursor);
const freshPage = (list: QueueList, cursor: number[]) => fresh("queuePage", list, cursor);

/** Reads a list; `ask` says whether what was kept of it will do where the desk does not answer. */
async function fillList(list: QueueList, into: Map<string, Line>, mine: object, ask: (list: QueueList, cursor: number[]) => Promise<QueuePart>): Promise<void> {
  let cursor: number[] = [];
  do {
    const part = await ask(list, cursor);
    if (filling !== mine || !owner) return;
    take(into, part, owner.standing, owner.me);
    if (owner.standing.role === "administrator") shown = { ...shown, total: part.ticket_count };
    cursor = part.next;
    drawSoon();
  } while (cursor.length > 0);
}

/** What a node did not list is asked for by number, since numbers have no gaps: no list that leaves something out hides a ticket. */
async function complete(into: Map<string, Line>, mine: object): Promise<void> {
  const lacking = missing(into, shown.total ?? 0);
  for (let from = 0; from < lacking.length && filling === mine; from += ASKED) {
    const part = await door.queueTickets(lacking.slice(from, from + ASKED));
    if (filling !== mine || !owner) return;
    take(into, part, owner.standing, owner.me);
    drawSoon();
  }
}

async function follow({ tickets, missed }: Heard): Promise<void> {
  if (missed) return refill();
  const asked = owner;
  for (let from = 0; from < tickets.length; from += ASKED) {
    try {
      const part = await door.queueTickets(tickets.slice(from, from + ASKED));
      // Somebody else may be here by now.
      if (!owner || owner.me !== asked?.me) return;
      take(lines, part, owner.standing, owner.me);
      meanwhile?.push(part);
      draw(shown.total === null ? {} : { total: Math.max(shown.total, part.ticket_count) });
    } catch {
      // Without an answer nobody knows what changed: all of it is read again.
      return refill();
    }
  }
}

/** Reads these again at once, after an act of one's own. */
export const look = (tickets: string[]): Promise<void> => follow({ tickets, others: false, book: false, missed: false });

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useQueue = (): Queue => useSyncExternalStore(subscribe, () => shown);
