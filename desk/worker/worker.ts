// The door to the wasm client. No plaintext and no key leaves the browser, and no key leaves this worker.
import { Identity, load, onSign, onWait } from "sealdesk";
import type { Done, Look } from "sealdesk/views";

import { account } from "./account.ts";
import { admin } from "./admin.ts";
import type { Answer, Api, Failure, Heard, Question, Summary, Told } from "./api.ts";
import { Away } from "./away.ts";
import { caller } from "./caller.ts";
import { documents } from "./documents.ts";
import { files, givenAway } from "./files.ts";
import { kept } from "./answerCache.ts";
import { notices } from "./notices.ts";
import { people } from "./people.ts";
import { plain } from "./plain.ts";
import { presence } from "./presence.ts";
import { queue } from "./queue.ts";
import * as resume from "./resume.ts";
import { search } from "./search.ts";
import { type Change, Session } from "./session.ts";
import { isTagsAlone, tagsOf } from "./tags.ts";
import { ticket } from "./ticket.ts";
import * as turns from "./turns.ts";
import { wallet } from "./wallet.ts";

/** How much of a message a list shows, in letters. */
const LATEST_LETTERS = 160;

const session = new Session();
const signing = wallet(session);
const loaded = load().then(() => {
  onWait((wait: Heard["wait"]) => self.postMessage({ wait } satisfies Heard));
  onSign(signing.ask);
});

function told(done: Done): Told {
  return { ...done, notes: session.takeNotes() };
}

const change: Change = (work) => session.signing(async () => told(await work()));

const { learn, ...searching } = search(session);

function summaryOf({ messages, said_name }: Look): Summary {
  const readable = messages.filter((message) => message.text !== null && !isTagsAlone(message));
  const latest = readable.at(-1);
  const said = messages.findLast(({ internal }) => !internal);
  return {
    subject: messages[0]?.subject ?? null,
    latest: latest?.text == null ? null : plain(latest.text).replace(/\s+/g, " ").slice(0, LATEST_LETTERS),
    latestAuthor: latest?.author ?? null,
    latestIsNote: latest?.internal ?? false,
    saidName: said_name,
    tags: tagsOf(messages),
    lastSaid: said?.created_at == null ? null : { by: said.author, at: said.created_at },
  };
}

const { nameToSeal, ...names } = people(session);
const { keepAnswer, ...keptAnswers } = kept(session);

const api: Api = {
  ...names,
  ...account(session),
  ...admin(session, names),
  ...caller(session),
  ...documents(session),
  ...files(session, change, nameToSeal, signing),
  ...keptAnswers,
  ...notices(session),
  ...presence(session),
  ...queue(session),
  ...searching,
  ...ticket(session),
  ...signing.api,
  isNew: () => session.isNew(),
  start: (link) => session.start(link),
  newPhrase: async () => Identity.newPhrase(false),
  checkPhrase: async (phrase) => session.checkPhrase(phrase),
  knowsAccount: (phrase) => session.knowsAccount(phrase),
  agree: () => session.agree(),
  make: (phrase, passphrase, wallet) => session.make(phrase, passphrase, wallet),
  unlock: (proof) => session.unlock(proof),
  async resume(text) {
    const here = resume.fromText(text);
    const there = here && (await resume.take());
    return here && there ? session.resume(here, there) : null;
  },
  async stayUnlocked() {
    const ours = { known: () => session.sealed("half"), know: (digest: string) => session.seal("half", digest) };
    return resume.toText(await resume.keep(session.split(), ours));
  },
  async lock() {
    session.lock();
    await resume.forget();
  },
  signOut: () => session.signOut(resume.signOut),

  async inbox() {
    const found = await session.desk.inbox(session.me);
    await session.rememberIfPossible();
    return found;
  },
  async summary(ticket, changed) {
    const name = `summary/${ticket}`;
    const kept = await session.sealed(name);
    if (kept !== null) {
      const { as_of, ...summary } = JSON.parse(kept) as Summary & { as_of: string };
      // One from before all of this was kept is made anew.
      if (as_of === changed && Array.isArray(summary.tags) && summary.lastSaid !== undefined) return summary;
    }
    const look = await session.desk.look(session.me, ticket);
    learn(look);
    const summary = summaryOf(look);
    // It is made again where this browser keeps no more.
    await session.seal(name, JSON.stringify({ ...summary, as_of: changed })).catch(() => undefined);
    return summary;
  },
  async read(ticket) {
    const read = await session.desk.read(session.me, ticket);
    await session.rememberIfPossible();
    learn(read);
    // What was erased since is not to be shown from what this browser kept.
    if (read.messages[0]?.text === null) await session.seal(`summary/${ticket}`, "").catch(() => undefined);
    return read;
  },
  categories: () => session.desk.categories(),
  members: (role) => session.desk.members(role),
  receipt: (ticket) => session.desk.receipt(ticket),

  createTicket: (ticket, only) => change(async () => session.deskAt(only).createTicket(session.me, { ...ticket, ...(await nameToSeal()) })),
  close: (ticket, reason) => change(() => session.desk.close(session.me, ticket, reason)),
  reopen: (ticket, reason) => change(() => session.desk.reopen(session.me, ticket, reason)),
  resolve: (ticket, reference) => change(() => session.desk.resolve(session.me, ticket, reference)),
  startWork: (ticket) => change(() => session.desk.startWork(session.me, ticket)),
  awaitCustomer: (ticket) => change(() => session.desk.awaitCustomer(session.me, ticket)),
  assign: (ticket, agent) => change(() => session.desk.assign(session.me, ticket, agent)),
  take: (ticket) => change(() => session.desk.take(session.me, ticket)),
  setPriority: (ticket, priority, reason) => change(() => session.desk.setPriority(session.me, ticket, priority, reason)),
  rate: (ticket, score, comment) => change(() => session.desk.rate(session.me, ticket, score, comment ?? undefined)),

  draft: (name) => session.sealed(`draft/${name}`),
  saveDraft: (name, text) => session.seal(`draft/${name}`, text),
  dropDraft: (name, sent) => session.removeIf(`draft/${name}`, sent),
};

function failureOf(error: unknown): Failure {
  const { message, codespace, code, unanswered, txhash, away, admission, wallet, kind, said } = error as Partial<Failure>;
  return {
    message: message ?? String(error),
    ...(codespace === undefined ? {} : { codespace }),
    ...(code === undefined ? {} : { code }),
    ...(unanswered === undefined ? {} : { unanswered }),
    ...(txhash === undefined ? {} : { txhash }),
    ...(away === undefined ? {} : { away }),
    ...(admission === undefined ? {} : { admission }),
    ...(wallet === undefined ? {} : { wallet }),
    ...(kind === undefined ? {} : { kind }),
    ...(said === undefined ? {} : { said }),
  };
}

/** Asks once more where the desk did not answer when this person came, and does now: nothing was begun before it was missed. */
async function answered(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    // Whoever could not be unlocked without the desk has shown for nothing that they may be.
    if (!(error instanceof Away) || !session.isAway) throw error;
    await session.meetAgain();
    return work();
  }
}

self.onmessage = async ({ data: { id, method, args } }: MessageEvent<Question>) => {
  let answer: Answer;
  const isAhead = method === "fillSearch";
  if (!isAhead) turns.begin();
  try {
    // Whoever comes for the first time reads what this is while the module is still on its way.
    if (method !== "isNew") await loaded;
    const work = api[method] as (...args: unknown[]) => Promise<unknown>;
    const value = await answered(async () => work(...args));
    keepAnswer(method, args, value);
    answer = { id, value };
  } catch (error) {
    answer = { id, failure: failureOf(error) };
  } finally {
    if (!isAhead) turns.end();
  }
  self.postMessage(answer, { transfer: "value" in answer ? givenAway(answer.value) : [] });
};
