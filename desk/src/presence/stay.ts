// How long, how often and as what somebody is at a ticket: without the page, so that a test can play it.
import type { Doing, Present } from "sealdesk/views";

/** Whoever only passes by is not there. */
const SETTLE_MS = 1_000;
/** How often it is said again: what was said last is over after twenty seconds. */
export const EVERY_MS = 8_000;
/** After so long without a letter nobody writes any more. */
const WRITING_MS = 12_000;
/** A node that does not answer is asked half as often each time, down to once in two minutes. */
const PAUSES_MAX = 4;

export interface Place {
  /** Says what this person does, and gives who else is there; null where the node takes no more of it. */
  say(doing: Doing): Promise<Present[] | null>;
  show(others: Present[]): void;
  /** Whether nobody sits here now, or the node is out of reach: then nothing is said, and nobody shown. */
  isAway(): boolean;
}

export interface Stay {
  typed(isWriting: boolean): void;
  end(): void;
}

/** Is at a place until the stay ends, or the node takes no more of it. */
export function stay({ say, show, isAway }: Place): Stay {
  let isOver = false;
  let isAsking = false;
  let failures = 0;
  let writesUntil = 0;
  let said: Doing | null = null;
  let timer = setTimeout(turn, SETTLE_MS);

  const doing = (): Doing => (Date.now() < writesUntil ? "writing" : "looking");

  async function ask(): Promise<Present[] | null> {
    if (isAway()) {
      said = null;
      return [];
    }
    said = doing();
    try {
      const others = await say(said);
      failures = 0;
      return others;
    } catch {
      failures = Math.min(failures + 1, PAUSES_MAX);
      return [];
    }
  }

  async function turn(): Promise<void> {
    clearTimeout(timer);
    isAsking = true;
    const others = await ask();
    isAsking = false;
    if (isOver) return;
    show(others ?? []);
    if (others === null) isOver = true;
    // Whoever began to write meanwhile says so at once.
    else timer = setTimeout(turn, isNews() ? 0 : EVERY_MS * 2 ** failures);
  }

  const isNews = () => said === "looking" && doing() === "writing" && failures === 0;

  return {
    typed(isWriting) {
      writesUntil = isWriting ? Date.now() + WRITING_MS : 0;
      if (!isOver && !isAsking && isNews()) void turn();
    },
    end() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

/** After so long the same of the same person is worth saying again. */
const AGAIN_MS = 2 * 60_000;

/** What of it is new to somebody who hears the page: each thing of each person once in a while. `heard` remembers that. */
export function news(heard: Map<string, number>, others: readonly Present[], now: number): Present[] {
  return others.filter(({ address, doing }) => {
    const name = `${doing} ${address}`;
    const last = heard.get(name);
    if (last !== undefined && now - last < AGAIN_MS) return false;
    heard.set(name, now);
    return true;
  });
}
