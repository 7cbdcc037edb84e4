// What was done and is not sent yet: it waits for some seconds in which it can be taken back. Nothing of it leaves the browser before.
//
// Only this tab knows of it. Whoever closes the tab meanwhile has sent nothing; what they wrote is still kept as a draft.

/** How long an act can be taken back, in milliseconds. */
export const UNDO_MS = 10_000;

/** Somebody who wrote into a ticket while an act on it waited. */
export interface Writer {
  by: string;
  isStaff: boolean;
}

/** What a look found. */
export interface Found {
  /** Who wrote, each once. */
  met: readonly Writer[];
  /** How many responses the ticket had: what the next look begins after. */
  count: number;
}

export interface Act {
  /** What it is about, so that the same is not done twice meanwhile: a draft's name, or a ticket's id. */
  key: string;
  ticket: string;
  /** What happens, said while it can still be taken back. */
  label: string;
  /** Does it; false where it ended and nothing was sent. Whatever it throws is told beside the label until somebody has read it. */
  run(): Promise<void | false>;
  /** The key of what goes first, where that is under way: this is not done before that is sent, and not without it. */
  after?: string | undefined;
  /**
   * Asked right before it is done: who wrote since it was begun or, where its person was told of somebody, since so many responses. Where somebody
   * did it stays held, until its person has seen that.
   */
  look?: ((since?: number) => Promise<Found>) | undefined;
  /** After it was taken back. */
  onUndo?: (() => void) | undefined;
  /** Whether it takes the place of what is held under the same key: of one kind of act on a ticket what was said last counts. */
  replaces?: boolean;
  /** What was chosen, where a dialog about the same begins with it. */
  given?: unknown;
  /** Whether what was written is kept as a draft anyway, so that leaving the page loses nothing. */
  isKept?: boolean;
}

export interface Entry extends Act {
  id: number;
  state: "held" | "sending" | "failed";
  /** When it is sent, in milliseconds. */
  due: number;
  /** Who wrote meanwhile: it is sent when its person says so, and not before. */
  met?: readonly Writer[] | undefined;
  /** How many responses the ticket had when its person was told that. What came later they may not have seen. */
  count?: number;
  /** It waits for what goes first. */
  behind?: Behind | undefined;
  error?: unknown;
}

/**
 * How far what goes first is, once that is what an act waits for. It `goes` by itself, and this one follows; it `stays` until its person says what
 * becomes of it; or it is `gone`, and was not sent: then only their person sends this one.
 */
export type Behind = "goes" | "stays" | "gone";

interface Clock {
  now(): number;
  /** Calls back after so many milliseconds, and gives what prevents that. */
  later(work: () => void, ms: number): () => void;
}

const browser: Clock = {
  now: () => Date.now(),
  later(work, ms) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

export interface Outbox {
  /** Takes an act in; it is sent after `wait` milliseconds. False where the same is under way. */
  hold(act: Act, wait: number): boolean;
  undo(id: number): void;
  /** Takes back the newest one that still can be. False where there is none. */
  undoLast(): boolean;
  /** Sends at once; also what somebody wrote into meanwhile, once that is told and nothing more came since. */
  sendNow(id: number): void;
  /** Does what failed once more, at once. */
  again(id: number): void;
  /** Somebody has read why it failed. */
  dismiss(id: number): void;
  list(): readonly Entry[];
  subscribe(listener: () => void): () => void;
}

/** What was not sent, and goes no further by itself: its person says what becomes of it. */
export const isStuck = ({ state, met, behind }: Entry): boolean => state === "failed" || (state === "held" && (met !== undefined || (behind !== undefined && behind !== "goes")));

/** What there is, and the time that each still has. */
function createEntries(clock: Clock) {
  let entries: readonly Entry[] = [];
  const timers = new Map<number, () => void>();
  const listeners = new Set<() => void>();
  const set = (next: readonly Entry[]) => {
    entries = next;
    for (const listener of listeners) listener();
  };
  const stop = (id: number) => {
    timers.get(id)?.();
    timers.delete(id);
  };
  return {
    list: () => entries,
    set,
    change: (id: number, part: Partial<Entry>) => set(entries.map((entry) => (entry.id === id ? { ...entry, ...part } : entry))),
    remove: (id: number) => set(entries.filter((entry) => entry.id !== id)),
    start: (id: number, work: () => void, ms: number) => void timers.set(id, clock.later(work, ms)),
    stop,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Sends what it is told to, in order: nothing goes before what it comes after, or without it. */
function createSender({ list, change, remove, stop }: ReturnType<typeof createEntries>) {
  /** Whatever comes after this one goes no further than it. */
  const follow = (key: string, behind: Behind) => {
    for (const entry of list().filter((one) => one.after === key && one.state === "held")) {
      // What still has its own time waits for this one only once that is over.
      if (behind === "goes" && entry.behind === undefined) continue;
      stop(entry.id);
      change(entry.id, { behind, due: Number.POSITIVE_INFINITY });
    }
  };
  /** It is over. What waited for it to be sent is sent now. */
  const end = ({ id, key }: Entry, isSent: boolean) => {
    remove(id);
    if (!isSent) return follow(key, "gone");
    for (const entry of list().filter((one) => one.after === key && one.behind !== undefined)) send(entry.id);
  };
  /** It stays until its person says what becomes of it. */
  const stay = ({ id, key }: Entry, why: Partial<Entry>) => {
    change(id, { due: Number.POSITIVE_INFINITY, ...why });
    follow(key, "stays");
  };
  const send = (id: number, from: Entry["state"] = "held") => {
    const entry = list().find((entry) => entry.id === id && entry.state === from);
    if (!entry) return;
    stop(id);
    const first = firstOf(entry);
    const anew = { met: undefined, behind: undefined, error: undefined };
    if (first) return change(id, { ...anew, state: "held", due: Number.POSITIVE_INFINITY, behind: isStuck(first) ? "stays" : "goes" });
    change(id, { ...anew, state: "sending" });
    follow(entry.key, "goes");
    const failed = (error: unknown) => stay(entry, { state: "failed", error });
    const run = () => entry.run().then((sent) => end(entry, sent !== false), failed);
    if (!entry.look) return void run();
    const found = ({ met, count }: Found) => (met.length > 0 ? stay(entry, { state: "held", met, count }) : run());
    entry.look(entry.count).then(found, failed);
  };
  const firstOf = ({ after }: Entry) => (after === undefined ? undefined : list().find(({ key }) => key === after));
  /** Sends at once, and before it what goes first where that only has its time left. */
  const sendNow = (id: number) => {
    const entry = list().find((entry) => entry.id === id && entry.state === "held");
    const first = entry && firstOf(entry);
    if (first?.state === "held" && !isStuck(first)) send(first.id);
    send(id);
  };
  return { follow, end, send, sendNow };
}

export function createOutbox(clock: Clock = browser): Outbox {
  let last = 0;
  const entries = createEntries(clock);
  const { list, set, start, stop, subscribe } = entries;
  const { follow, end, send, sendNow } = createSender(entries);
  const undo = (id: number) => {
    const entry = list().find((entry) => entry.id === id);
    if (entry?.state !== "held") return;
    stop(id);
    end(entry, false);
    entry.onUndo?.();
  };
  return {
    hold(act, wait) {
      const same = list().find((entry) => entry.key === act.key && entry.state !== "failed");
      if (same && !(act.replaces && same.state === "held")) return false;
      if (same) stop(same.id);
      const id = ++last;
      const rest = list().filter((entry) => entry.key !== act.key);
      // Of what failed its person knows, and nothing waits for it.
      const after = rest.some((entry) => entry.key === act.after && entry.state !== "failed") ? act.after : undefined;
      set([...rest, { ...act, after, id, state: "held", due: clock.now() + wait }]);
      follow(act.key, "goes");
      if (wait <= 0) send(id);
      else start(id, () => send(id), wait);
      return true;
    },
    undo,
    undoLast() {
      const held = list().findLast((entry) => entry.state === "held");
      if (held) undo(held.id);
      return held !== undefined;
    },
    sendNow,
    again: (id) => send(id, "failed"),
    dismiss(id) {
      const entry = list().find((entry) => entry.id === id);
      if (entry) end(entry, false);
    },
    list,
    subscribe,
  };
}
