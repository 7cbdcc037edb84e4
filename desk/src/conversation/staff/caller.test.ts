// A ticket that is written down for a caller is there once, whatever is lost, late, pressed again or loaded anew: played with the parts that send it,
// of page and worker, over a small ledger.
import { beforeEach, expect, test, vi } from "vitest";

class DeskError extends Error {
  readonly codespace = "sdk";
  readonly unanswered: boolean;
  constructor(readonly code: number) {
    super(`code ${code}`);
    this.unanswered = code === 0;
  }
}
const UNANSWERED = 0;
const PASSED = 32;

let phrases = 0;
vi.mock("sealdesk", () => ({
  Identity: class {
    constructor(readonly words: string) {}
    free() {}
    static newPhrase = () => `words ${++phrases}`;
  },
}));
const door: Record<string, unknown> = {};
vi.mock("../../door.ts", () => ({ door, DeskError, hasPassed: (error: unknown) => error instanceof DeskError && error.code === PASSED }));
vi.stubGlobal("navigator", { locks: { request: (_: string, work: () => unknown) => work() } });

const { caller } = await import("../../../worker/caller.ts");
const { ticket: ticketApi } = await import("../../../worker/ticket.ts");
const { sendClaimed } = await import("../firstSent.ts");
const { MADE } = await import("./made.ts");

/** A generator with a seed: what failed can be played again. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return (state >>> 8) % sides;
  };
}

interface Tx {
  words: string;
  sequence: number;
  subject: string;
  message: string;
}

class Reloaded extends Error {}

/** Accounts by the words of their keys. */
class Ledger {
  readonly taken: Tx[] = [];
  readonly underway: Tx[] = [];
  constructor(readonly roll: (sides: number) => number) {}

  count = (words: string) => this.taken.filter((tx) => tx.words === words).length;
  arrive = (tx: Tx) => tx.sequence === this.count(tx.words) && this.taken.push(tx) > 0;

  happens(): void {
    for (const tx of [...this.underway]) {
      if (this.roll(4) === 0) {
        this.underway.splice(this.underway.indexOf(tx), 1);
        this.arrive(tx);
      }
    }
    if (this.roll(10) === 0) throw new Reloaded();
  }

  settle(): void {
    for (const tx of this.underway.splice(0)) this.arrive(tx);
  }

  desk(only?: bigint) {
    const tickets = (words: string) => this.taken.filter((tx) => tx.words === words).map((_, n) => `${words}#${n}`);
    return {
      sequence: async ({ words }: Tx) => (this.happens(), BigInt(this.count(words))),
      inbox: async ({ words }: Tx) => (this.happens(), { own: tickets(words).map((ticket_id) => ({ ticket_id })), closed: [], withheld: 0 }),
      look: async ({ words }: Tx, id: string) => {
        this.happens();
        const tx = this.taken.filter((tx) => tx.words === words)[Number(id.split("#")[1])];
        return { messages: [{ subject: tx?.subject, text: tx?.message }], said_name: null };
      },
      createTicket: async ({ words }: Tx, { subject, message }: Tx) => {
        for (;;) {
          this.happens();
          const sequence = this.count(words);
          if (only !== undefined && only !== BigInt(sequence)) throw new DeskError(PASSED);
          const tx = { words, sequence, subject, message };
          this.happens();
          if (this.roll(3) === 0) {
            this.underway.push(tx);
            this.happens();
            throw new DeskError(UNANSWERED);
          }
          if (!this.arrive(tx)) continue;
          this.happens();
          return { ticket_id: `${words}#${sequence}`, proven: this.roll(5) > 0 };
        }
      },
    };
  }
}

interface Play {
  ledger: Ledger;
  /** One press, with what came of it: whether the page said that this is there. */
  press(draft: object): Promise<boolean>;
  callers(): Promise<{ ticket: string | null }[]>;
}

function sit(seed: number): Play {
  const ledger = new Ledger(dice(seed));
  const sealed = new Map<string, string>();
  const session = {
    sealed: async (name: string) => sealed.get(name) || null,
    seal: async (name: string, text: string) => void sealed.set(name, text),
    signing: (work: () => unknown) => work(),
    takeNotes: () => [],
    get desk() {
      return ledger.desk();
    },
    deskAt: (only?: bigint) => ledger.desk(only),
  } as never;
  Object.assign(door, ticketApi(session), caller(session));
  const writtenIn = (text: string) => JSON.parse(text) as { subject: string; message: string };
  return {
    ledger,
    callers: () => caller(session).callers(),
    async press(draft) {
      const text = JSON.stringify(draft);
      sealed.set("draft/caller", text);
      const source = { draft: "caller", writtenIn, signer: MADE, me: "me" };
      const work = (only?: bigint) => caller(session).writeForCaller(draft as never, only);
      const came = await sendClaimed(source, text, work, () => new Error("changed"));
      if ("done" in came && !came.done.proven) return false;
      sealed.set("sending/caller", "");
      return "done" in came || came.there.text === text;
    },
  };
}

/** Somebody presses again each time until the page says that it is there. */
async function pressed(play: Play, drafts: readonly object[]): Promise<object | null> {
  for (let presses = 0; presses < 30; presses++) {
    const draft = drafts[Math.min(presses, drafts.length - 1)] as object;
    try {
      if (await play.press(draft)) return draft;
    } catch (error) {
      if (!(error instanceof Reloaded || error instanceof DeskError)) throw error;
    }
  }
  return null;
}

beforeEach(() => void (phrases = 0));

test("a call is written down once, however often it is pressed", async () => {
  let said = 0;
  for (let seed = 0; seed < 1_500; seed++) {
    const play = sit(seed);
    const isSaid = (await pressed(play, [{ name: "Kim", subject: "Leak", message: "It drips." }])) !== null;
    play.ledger.settle();
    expect(play.ledger.taken.length, `seed ${seed}`).toBeLessThanOrEqual(1);
    if (!isSaid) continue;
    said++;
    expect(play.ledger.taken.length, `seed ${seed}`).toBe(1);
    // Its link is there to be given away.
    expect((await play.callers().catch(() => [])).length, `seed ${seed}`).toBe(1);
  }
  expect(said).toBeGreaterThan(1_400);
});

test("what was changed after an interruption is said to be there only where it is, and nothing is there twice", async () => {
  for (let seed = 0; seed < 1_500; seed++) {
    const play = sit(seed);
    const [first, second] = [{ name: "Kim", subject: "Leak", message: "It drips." }, { name: "Lee", subject: "Fire", message: "It burns." }];
    const said = await pressed(play, [first, second]);
    play.ledger.settle();
    for (const one of [first, second]) {
      const times = play.ledger.taken.filter(({ subject }) => subject === one.subject).length;
      expect(times, `seed ${seed}`).toBeLessThanOrEqual(1);
      if (said === one) expect(times, `seed ${seed}`).toBe(1);
    }
  }
});

test("a key of before, of whose text nothing was kept, is looked at before it is used again", async () => {
  const play = sit(7);
  const draft = { name: "Kim", subject: "Leak", message: "It drips." };
  expect(await pressed(play, [draft])).toBe(draft);
  // The next call has a key of its own.
  expect(await pressed(play, [{ ...draft, subject: "Another" }])).not.toBeNull();
  play.ledger.settle();
  expect(new Set(play.ledger.taken.map(({ words }) => words)).size).toBe(2);
});
