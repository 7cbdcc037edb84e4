// A ticket that is written down for a caller is there once, whatever is lost, late, pressed again or loaded anew; and so is what a caller says in it by
// their link, and a key that somebody publishes. Played with the parts of page and worker that send them.
import { beforeEach, expect, test, vi } from "vitest";

import { hasPassed, LedgerError, LossyLedger, pressed } from "../lossyLedger.ts";

let phrases = 0;
vi.mock("sealdesk", () => ({
  Desk: class {},
  Identity: class {
    constructor(readonly words: string) {}
    free() {}
    address = () => `address of ${this.words}`;
    static newPhrase = () => `words ${++phrases}`;
  },
}));
const door: Record<string, unknown> = {};
vi.mock("../../door.ts", () => ({ door, DeskError: LedgerError, hasPassed }));
vi.stubGlobal("navigator", { locks: { request: (_: string, work: () => unknown) => work() } });

const { admin } = await import("../../../worker/admin.ts");
const { caller } = await import("../../../worker/caller.ts");
const { ticket: ticketApi } = await import("../../../worker/ticket.ts");
const { sendClaimed } = await import("../firstSent.ts");
const { MADE } = await import("./made.ts");

interface Written {
  /** Who had it before. */
  before?: string;
  subject: string;
  message: string;
}

interface Who {
  words: string;
}

/** What somebody sees who sits at a browser. */
function sit(seed: number) {
  const ledger = new LossyLedger<Written>(seed);
  const sealed = new Map<string, string>();
  let claim: string | null = "made";
  const desk = (only?: bigint) => ({
    sequence: ({ words }: Who) => ledger.sequence(words),
    inbox: async ({ words }: Who) => {
      ledger.happens();
      return { own: ledger.of(words).map(({ before }, n) => ({ ticket_id: `${words}#${n}`, previous_customers: before === undefined ? [] : [before] })), closed: [], withheld: 0 };
    },
    look: async ({ words }: Who, id: string) => {
      ledger.happens();
      const [of = "", n] = id.split("#");
      const messages = (of === "made" ? ledger.of(of) : ledger.of(of).slice(Number(n))).map(({ subject, message: text }) => ({ author: words, subject, text }));
      return { ticket: { customer_address: words }, messages, said_name: null };
    },
    createTicket: async ({ words }: Who, { subject, message }: Written) => {
      const { sequence, proven } = await ledger.send(words, { subject, message }, only);
      return { ticket_id: `${words}#${sequence}`, proven };
    },
    reply: ({ words }: Who, _: string, message: string) => ledger.send(words, { subject: "", message }, only),
    ownKeys: async ({ words }: Who) => (ledger.happens(), ledger.of(words)),
    registerKey: ({ words }: Who) => ledger.send(words, { subject: "", message: "key" }, only),
  });
  const session = {
    me: { words: "me" },
    address: "desk1me",
    facts: () => ({ prefix: "desk" }),
    sealed: async (name: string) => sealed.get(name) || null,
    seal: async (name: string, text: string) => void sealed.set(name, text),
    signing: (work: () => unknown) => work(),
    takeNotes: () => [],
    claim: async () => claim,
    dropClaim: async () => void (claim = null),
    desk: desk(),
    deskAt: desk,
  } as never;
  Object.assign(door, ticketApi(session), caller(session), admin(session, {} as never));
  return { ledger, sealed, session };
}

const writtenIn = (text: string) => JSON.parse(text) as Written;

/** One press on what stands in the form; whether the page said that this is there. */
async function write({ sealed, session }: ReturnType<typeof sit>, draft: Written & { name: string }): Promise<boolean> {
  const text = JSON.stringify(draft);
  sealed.set("draft/caller", text);
  const source = { draft: "caller", writtenIn, signer: MADE, me: "me" };
  const came = await sendClaimed(source, text, (only) => caller(session).writeForCaller(draft as never, only), () => new Error("changed"));
  if ("done" in came && !came.done.proven) return false;
  sealed.set("sending/caller", "");
  return "done" in came || came.there.text === text;
}

const LEAK = { name: "Kim", subject: "Leak", message: "It drips." };
const FIRE = { name: "Lee", subject: "Fire", message: "It burns." };
const SEEDS = Array.from({ length: 1_500 }, (_, seed) => seed);

beforeEach(() => void (phrases = 0));

test("a call is written down once, however often it is pressed", async () => {
  let said = 0;
  for (const seed of SEEDS) {
    const desk = sit(seed);
    const isSaid = await pressed(() => write(desk, LEAK));
    desk.ledger.settle();
    expect(desk.ledger.taken.length, `seed ${seed}`).toBeLessThanOrEqual(1);
    if (!isSaid) continue;
    said++;
    expect(desk.ledger.taken.length, `seed ${seed}`).toBe(1);
    // Its link is there to be given away.
    expect((await caller(desk.session).callers()).length, `seed ${seed}`).toBe(1);
  }
  expect(said).toBeGreaterThan(1_400);
});

test("what was changed after an interruption is said to be there only where it is, and nothing is there twice", async () => {
  for (const seed of SEEDS) {
    const desk = sit(seed);
    let said: typeof LEAK | undefined;
    await pressed(async (times) => {
      const draft = times === 0 ? LEAK : FIRE;
      const isSaid = await write(desk, draft);
      if (isSaid) said = draft;
      return isSaid;
    });
    desk.ledger.settle();
    for (const one of [LEAK, FIRE]) {
      const times = desk.ledger.taken.filter(({ what }) => what.subject === one.subject).length;
      expect(times, `seed ${seed}`).toBeLessThanOrEqual(1);
      if (said === one) expect(times, `seed ${seed}`).toBe(1);
    }
  }
});

test("each call has a key of its own", async () => {
  const desk = sit(7);
  expect(await pressed(() => write(desk, LEAK))).toBe(true);
  expect(await pressed(() => write(desk, FIRE))).toBe(true);
  desk.ledger.settle();
  expect(desk.ledger.taken.map(({ of }) => of)).toEqual(["words 1", "words 2"]);
});

test("who follows a link says once whose the ticket is, and publishes one key", async () => {
  let done = 0;
  for (const seed of SEEDS) {
    const { ledger, session } = sit(seed);
    ledger.taken.push({ of: "made", sequence: 0, what: LEAK });
    done += Number(await pressed(async () => (await caller(session).claimTicket()).proven));
    ledger.settle();
    expect(ledger.of("me").length, `seed ${seed}`).toBeLessThanOrEqual(1);
    expect(ledger.of("made").length, `seed ${seed}`).toBeLessThanOrEqual(2);
  }
  expect(done).toBeGreaterThan(1_400);
});

test("a key that is published again is published once", async () => {
  let done = 0;
  for (const seed of SEEDS) {
    const { ledger, session } = sit(seed);
    done += Number(await pressed(async () => (await admin(session, {} as never).registerKey()).proven));
    ledger.settle();
    expect(ledger.of("me").length, `seed ${seed}`).toBeLessThanOrEqual(1);
  }
  expect(done).toBeGreaterThan(1_400);
});

test("what was asked for is shown until it is theirs, and then no link is kept", async () => {
  const { ledger, session } = sit(7);
  ledger.taken.push({ of: "made", sequence: 0, what: LEAK });
  const of = caller(session);
  await pressed(async () => (await of.claimTicket()).proven);
  const claimed = () => pressed(async () => ((shown = await of.claimed()), true)).then(() => shown);
  let shown: Awaited<ReturnType<typeof of.claimed>> = null;
  expect(await claimed()).toMatchObject({ subject: "Leak", isAsked: true, isOver: false });
  // Support gives it to whoever asked.
  ledger.taken.splice(0, ledger.taken.length, { of: "me", sequence: 0, what: { ...LEAK, before: "address of made" } });
  expect(await claimed()).toBe(null);
  expect(await claimed(), "and the link is gone").toBe(null);
});
