// What people do with a ticket beside answering it, and what is kept so that nothing is sent twice.
import type { Act, DeskDocument, DocumentEdit, Done, ReceiptProof, Rules, TicketForCaller } from "sealdesk/views";

import type { Told } from "./api.ts";
import type { Session } from "./session.ts";
import { WorkerError } from "./workerError.ts";

/** A message whose sending began. It stays until it is known what came of it. */
export interface Sending {
  text: string;
  /** How many responses the ticket had then: the message can stand at none of their places. */
  count: number;
  /** When it was last being sent, in milliseconds. */
  since: number;
  /** When it began to be sent for the first time. */
  begun: number;
  /** What was being sent of the same draft before, and may have arrived instead. */
  earlier: string[];
}

/** Whether this tab may send a draft now: another one may have sent it, or have changed it. A mark is what was being sent of it before, and may be on the
 * ledger. */
export type Claim = "mine" | "gone" | "changed" | Sending;

/** What a node says that it destroyed. */
export interface Erased {
  texts: number;
  pieces: number;
}

export interface TicketApi {
  /** All of this in one transaction, or nothing of it. */
  act(ticket: string, acts: Act[], only?: bigint): Promise<Told>;
  assignWith(ticket: string, agent: string, collaborators: string[]): Promise<Told>;
  transfer(ticket: string, customer: string, reason: string): Promise<Told>;
  createFor(ticket: TicketForCaller): Promise<Told>;
  /** Has this node destroy the texts of a closed ticket, and looks whether it still gives any. */
  erase(ticket: string): Promise<Erased>;
  rules(): Promise<Rules>;
  verifyReceipt(receipt: Uint8Array): Promise<ReceiptProof>;
  readDocument(shelf: "own" | "staff", name: string): Promise<DeskDocument>;
  editDocument(shelf: "own" | "staff", name: string, edits: DocumentEdit[]): Promise<Told>;

  /** The sequence of this person's next transaction, proven. What is then sent `only` with it never stands beside what was signed before. */
  sequence(): Promise<bigint>;
  /** Marks a draft as being sent, unless it is sent or was changed elsewhere. Whoever calls it holds the draft ([`holding`]). */
  claim(draft: string, text: string, count: number): Promise<Claim>;
  /** The mark of a draft; null where nothing is on its way. */
  sending(draft: string): Promise<Sending | null>;
  /** Says that it is still being sent, while this tab waits for an answer. */
  stillSending(draft: string): Promise<void>;
  /** What came of it is known. */
  endSending(draft: string): Promise<void>;
}

/** Longest that a node is waited for which destroys texts. */
const ERASING_MS = 60_000;
/** Tabs of one browser claim drafts one after the other. */
const CLAIMING = "sealdesk-claim";

export function ticket(session: Session): TicketApi {
  const change = (work: () => Promise<Done>): Promise<Told> =>
    session.signing(async () => {
      const done = await work();
      return { ...done, notes: session.takeNotes() };
    });
  const mark = async (draft: string): Promise<Sending | null> => {
    const kept = await session.sealed(`sending/${draft}`);
    return kept === null ? null : (JSON.parse(kept) as Sending);
  };
  const keep = (draft: string, sending: Sending) => session.seal(`sending/${draft}`, JSON.stringify(sending));
  return {
    act: (id, acts, only) => change(() => session.deskAt(only).act(session.me, id, acts)),
    assignWith: (id, agent, collaborators) => change(() => session.desk.assignWith(session.me, id, agent, collaborators)),
    transfer: (id, customer, reason) => change(() => session.desk.transfer(session.me, id, customer, reason)),
    createFor: (written) => change(() => session.desk.createFor(session.me, written)),
    erase: (id) => erase(session, id),
    rules: () => session.desk.rules(),
    verifyReceipt: async (receipt) => session.desk.verifyReceipt(receipt),
    readDocument: (shelf, name) => session.desk.readDocument(session.me, shelf, name),
    editDocument: (shelf, name, edits) => change(() => session.desk.editDocument(session.me, shelf, name, edits)),

    claim: (draft, text, count) =>
      navigator.locks.request(CLAIMING, async () => {
        const before = await mark(draft);
        const kept = await session.sealed(`draft/${draft}`);
        // Files alone have no draft.
        if (kept === null && text !== "") return "gone";
        if ((kept ?? "") !== text) return "changed";
        const now = { text, count, since: Date.now(), begun: Date.now(), earlier: [] };
        await keep(draft, before === null ? now : again(before, now));
        return before ?? "mine";
      }),
    sequence: () => session.desk.sequence(session.me),
    sending: mark,
    stillSending: (draft) =>
      navigator.locks.request(CLAIMING, async () => {
        const sending = await mark(draft);
        if (sending !== null) await keep(draft, { ...sending, since: Date.now() });
      }),
    endSending: (draft) => session.seal(`sending/${draft}`, ""),
  };
}

/** The mark of what is sent once more: what was being sent before is still looked for, from the place and the time on where that could be. */
function again({ count, begun, text, earlier }: Sending, now: Sending): Sending {
  return { ...now, count, begun, earlier: [...new Set([...earlier, text])].filter((one) => one !== now.text) };
}

async function erase(session: Session, id: string): Promise<Erased> {
  const authorization = await session.desk.signErasure(session.me, id);
  const headers = { authorization, "content-type": "application/octet-stream" };
  const asked = async () => {
    const answer = await fetch(`/erase/${id}`, { method: "POST", headers, signal: AbortSignal.timeout(ERASING_MS) });
    return { isDone: answer.ok, words: await answer.text() };
  };
  const { isDone, words } = await asked().catch(() => {
    throw new WorkerError("erasure_unknown", "the node did not answer, or not to its end: whether it has destroyed them is not known. Do it again, which does no harm");
  });
  if (!isDone) throw new WorkerError("erasure_refused", "the node does not erase it", words.slice(0, 300));
  // What is gone there is not to be shown from here either.
  await session.seal(`summary/${id}`, "");
  await session.seal(`answer/read/${id}`, "");
  const { messages } = await session.desk.read(session.me, id);
  if (messages.some((message) => message.text !== null)) throw new WorkerError("erasure_untrue", "the node says that it is erased, and still gives a text");
  const { texts, pieces } = JSON.parse(words) as Erased;
  return { texts, pieces };
}
