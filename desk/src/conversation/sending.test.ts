import type { Message } from "sealdesk/views";
import { expect, test } from "vitest";

import { fate, LOOKS_MAX, MAY_ARRIVE_MS, mayArriveFor, sendAgain, textThere } from "./sending.ts";

const NOW = 1_000_000_000;
const said = (index: number, text: string, author = "me", internal = false) => ({ response_index: index, text, author, internal }) as Message;
const sending = { text: "Hello", count: 2, since: NOW, begun: NOW, earlier: [] };

test("a message that stands on the ledger has arrived", () => {
  expect(fate(sending, [said(2, "Hello")], "me", false, NOW)).toBe("arrived");
  expect(fate(sending, [said(5, "Hello")], "me", false, NOW + MAY_ARRIVE_MS)).toBe("arrived");
});

test("the same words from before, of others, or as a note are another message", () => {
  const others = [said(1, "Hello"), said(2, "Hello", "you"), said(3, "Hello", "me", true), said(4, "Hello!")];
  expect(fate(sending, others, "me", false, NOW)).toBe("underway");
});

test("it is called lost only when it can no longer arrive", () => {
  expect(fate(sending, [], "me", false, NOW + MAY_ARRIVE_MS - 1)).toBe("underway");
  expect(fate(sending, [], "me", false, NOW + MAY_ARRIVE_MS)).toBe("lost");
  // What a wallet signed has no time until which it is good.
  expect(fate(sending, [], "me", false, NOW + 1_000 * MAY_ARRIVE_MS, mayArriveFor({ hasWallet: true }))).toBe("underway");
});

test("what was changed before it was sent again is looked for as it was before, too", () => {
  const changed = { ...sending, text: "Hello again", earlier: ["Hello"] };
  expect(fate(changed, [said(2, "Hello")], "me", false, NOW)).toBe("arrived");
  expect(textThere(["Hello again", "Hello"], 2, [said(2, "Hello")], "me", false)).toBe("Hello");
});

/** Numbers that look random and come again with their seed (mulberry32). */
function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

class Passed extends Error {}
class Reloaded extends Error {}
class Unanswered extends Error {}

interface Tx {
  sequence: number;
  text: string;
}

/** A ledger that takes one transaction of each sequence, before it a network that loses and delays, and one account with a page that is reloaded. */
class World {
  taken: Tx[] = [];
  /** On its way: each may arrive at any time, or never. */
  underway: Tx[] = [];
  readonly #roll: (most: number) => number;
  /** Where a program that trusts its luck signs: with the next sequence, whatever it was told. */
  readonly #ignoresOnly: boolean;

  constructor(seed: number, ignoresOnly = false) {
    this.#roll = dice(seed);
    this.#ignoresOnly = ignoresOnly;
  }

  arrive(tx: Tx): boolean {
    const isNext = tx.sequence === this.taken.length;
    if (isNext) this.taken.push(tx);
    return isNext;
  }

  /** What may happen between any two steps: something arrives late, another program of the account writes, the page is reloaded. */
  #happens(canReload = true): void {
    for (const tx of [...this.underway]) {
      if (this.#roll(4) === 0) {
        this.underway.splice(this.underway.indexOf(tx), 1);
        this.arrive(tx);
      }
    }
    if (this.#roll(6) === 0) this.arrive({ sequence: this.taken.length, text: "something else" });
    if (canReload && this.#roll(8) === 0) throw new Reloaded();
  }

  async sequence(): Promise<bigint> {
    this.#happens();
    return BigInt(this.taken.length);
  }

  async look(text: string): Promise<string | null> {
    this.#happens();
    return this.taken.some((tx) => tx.text === text) ? text : null;
  }

  /** As the client does: only with this sequence, if there is one; else anew with the next one where another transaction came first. */
  async send(text: string, only?: bigint): Promise<"done"> {
    for (;;) {
      this.#happens();
      const sequence = this.taken.length;
      if (only !== undefined && !this.#ignoresOnly && BigInt(sequence) !== only) throw new Passed();
      const tx = { sequence, text };
      this.#happens();
      const fate = this.#roll(4);
      if (fate === 0) {
        this.underway.push(tx, tx);
        this.#happens();
        // The same bytes may come twice, and nobody is answered.
        throw new Unanswered();
      }
      if (this.arrive(tx)) {
        this.#happens();
        return "done";
      }
    }
  }

  settle(): void {
    while (this.underway.length > 0) {
      const [tx] = this.underway.splice(this.#roll(this.underway.length), 1);
      if (tx) this.arrive(tx);
    }
  }
}

/** One message, sent by somebody who presses again each time, at once. Gives how often it is there once all has arrived, and whether it was said to be. */
async function play(seed: number, ignoresOnly = false): Promise<{ times: number; isSaid: boolean }> {
  const world = new World(seed, ignoresOnly);
  let isMarked = false;
  let isSaid = false;
  for (let presses = 0; presses < 12 && !isSaid; presses++) {
    try {
      if (isMarked) {
        const again = { sequence: () => world.sequence(), look: () => world.look("Hello"), send: (only: bigint) => world.send("Hello", only) };
        await sendAgain({ ...again, hasPassed: (error) => error instanceof Passed });
      } else {
        isMarked = true;
        await world.send("Hello");
      }
      isSaid = true;
    } catch (error) {
      if (!(error instanceof Reloaded || error instanceof Unanswered || error instanceof Passed)) throw error;
    }
  }
  world.settle();
  return { times: world.taken.filter(({ text }) => text === "Hello").length, isSaid };
}

test("whatever is lost, late or reloaded, and whoever writes beside: it is there once, and never said to be there where it is not", async () => {
  let again = 0;
  for (let seed = 0; seed < 4_000; seed++) {
    const { times, isSaid } = await play(seed);
    expect(times, `seed ${seed}`).toBeLessThanOrEqual(1);
    if (isSaid) expect(times, `seed ${seed}`).toBe(1);
    again += Number(isSaid);
  }
  // Nearly everybody who presses again is done within a few presses, and waits for nothing.
  expect(again).toBeGreaterThan(3_900);
});

test("a client that signs with another sequence than it was told would send it twice", async () => {
  const runs = await Promise.all(Array.from({ length: 4_000 }, (_, seed) => play(seed, true)));
  expect(runs.filter(({ times }) => times > 1).length).toBeGreaterThan(10);
});

test("looking again has an end where the account never rests", async () => {
  let looks = 0;
  const restless = sendAgain({
    sequence: async () => BigInt(looks),
    look: async () => (looks++, null),
    send: () => Promise.reject(new Passed()),
    hasPassed: (error) => error instanceof Passed,
  });
  await expect(restless).rejects.toThrow(Passed);
  expect(looks).toBe(LOOKS_MAX);
});
