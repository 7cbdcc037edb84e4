// A ledger for tests, behind a line that loses answers: what was sent may arrive later, or again; and somebody loads the page anew in between.

/** What the client throws. */
export class LedgerError extends Error {
  readonly codespace = "sdk";
  readonly unanswered: boolean;

  constructor(readonly code: number | undefined) {
    super(code === undefined ? "no answer" : `code ${code}`);
    this.unanswered = code === undefined;
  }
}

/** The code of a sequence that has passed. */
export const PASSED = 32;

export const hasPassed = (error: unknown): boolean => error instanceof LedgerError && error.code === PASSED;

/** The page was loaded anew: whatever it was about to do is not done. */
export class Reloaded extends Error {}

interface Tx<What> {
  of: string;
  sequence: number;
  what: What;
}

/** A generator with a seed: what failed can be played again. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return (state >>> 8) % sides;
  };
}

export class LossyLedger<What> {
  readonly taken: Tx<What>[] = [];
  readonly #underway: Tx<What>[] = [];
  readonly #roll: (sides: number) => number;

  constructor(seed: number) {
    this.#roll = dice(seed);
  }

  of = (account: string): What[] => this.taken.filter((tx) => tx.of === account).map(({ what }) => what);

  #arrive(tx: Tx<What>): boolean {
    const isNext = tx.sequence === this.of(tx.of).length;
    if (isNext) this.taken.push(tx);
    return isNext;
  }

  /** What may happen between any two steps. */
  happens(): void {
    for (const tx of [...this.#underway]) {
      if (this.#roll(4) > 0) continue;
      this.#underway.splice(this.#underway.indexOf(tx), 1);
      this.#arrive(tx);
    }
    if (this.#roll(10) === 0) throw new Reloaded();
  }

  async sequence(account: string): Promise<bigint> {
    this.happens();
    return BigInt(this.of(account).length);
  }

  /** As the client does: with this sequence or not at all, if one is named; else anew with the next one where another transaction came first. */
  async send(account: string, what: What, only: bigint | undefined): Promise<{ sequence: number; proven: boolean }> {
    for (;;) {
      this.happens();
      const sequence = this.of(account).length;
      if (only !== undefined && only !== BigInt(sequence)) throw new LedgerError(PASSED);
      const tx = { of: account, sequence, what };
      this.happens();
      if (this.#roll(3) === 0) {
        this.#underway.push(tx, tx);
        this.happens();
        throw new LedgerError(undefined);
      }
      if (!this.#arrive(tx)) continue;
      this.happens();
      return { sequence, proven: this.#roll(5) > 0 };
    }
  }

  /** All that is still on its way arrives. */
  settle(): void {
    for (const tx of this.#underway.splice(0)) this.#arrive(tx);
  }
}

/** Somebody presses again each time until it is done; whether it was. */
export async function pressed(press: (times: number) => Promise<boolean>): Promise<boolean> {
  for (let times = 0; times < 30; times++) {
    try {
      if (await press(times)) return true;
    } catch (error) {
      if (!(error instanceof Reloaded || error instanceof LedgerError)) throw error;
    }
  }
  return false;
}
