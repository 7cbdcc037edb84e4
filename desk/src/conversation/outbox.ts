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
  /** Does it. Whatever it throws is told beside the label until somebody has read it. */
  run(): Promise<void>;
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
  error?: unknown;
}

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

export function createOutbox(clock: Clock = browser): Outbox {
  let entries: readonly Entry[] = [];
  let last = 0;
  const timers = new Map<number, () => void>();
  const listeners = new Set<() => void>();
  const set = (next: readonly Entry[]) => {
    entries = next;
    for (const listener of listeners) listener();
  };
  const change = (id: number, part: Partial<Entry>) => set(entries.map((entry) => (entry.id === id ? { ...entry, ...part } : entry)));
  const remove = (id: number) => set(entries.filter((entry) => entry.id !== id));
  const stop = (id: number) => {
    timers.get(id)?.();
    timers.delete(id);
  };
  const send = (id: number, from: Entry["state"] = "held") => {
    const entry = entries.find((entry) => entry.id === id && entry.state === from);
    if (!entry) return;
    stop(id);
    change(id, { state: "sending", met: undefined, error: undefined });
    const failed = (error: unknown) => change(id, { state: "failed", error });
    const run = () => entry.run().then(() => remove(id), failed);
    if (!entry.look) return void run();
    const found = ({ met, count }: Found) => (met.length > 0 ? change(id, { state: "held", due: Number.POSITIVE_INFINITY, met, count }) : run());
    entry.look(entry.count).then(found, failed);
  };
  const undo = (id: number) => {
    const entry = entries.find((entry) => entry.id === id);
    if (entry?.state !== "held") return;
    stop(id);
    remove(id);
    entry.onUndo?.();
  };
  return {
    hold(act, wait) {
      const same = entries.find((entry) => entry.key === act.key && entry.state !== "failed");
      if (same && !(act.replaces && same.state === "held")) return false;
      if (same) stop(same.id);
      const id = ++last;
      const rest = entries.filter((entry) => entry.key !== act.key);
      set([...rest, { ...act, id, state: "held", due: clock.now() + wait }]);
      if (wait <= 0) send(id);
      else timers.set(id, clock.later(() => send(id), wait));
      return true;
    },
    undo,
    undoLast() {
      const held = entries.findLast((entry) => entry.state === "held");
      if (held) undo(held.id);
      return held !== undefined;
    },
    sendNow: (id) => send(id),
    again: (id) => send(id, "failed"),
    dismiss: remove,
    list: () => entries,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
