// What the page may ask of the worker. The worker alone holds keys and text that was opened; the page holds what it shows.
import type { Conversation, Done, Inbox, NewTicket, Note, TicketPriority, ToSign, Wait, WalletFailure } from "sealdesk/views";

import type { AccountApi } from "./account.ts";
import type { AdminApi } from "./admin.ts";
import type { CallerApi } from "./caller.ts";
import type { DocumentsApi } from "./documents.ts";
import type { FilesApi } from "./files.ts";
import type { KeptApi } from "./answerCache.ts";
import type { NoticesApi } from "./notices.ts";
import type { PeopleApi } from "./people.ts";
import type { PresenceApi } from "./presence.ts";
import type { QueueApi } from "./queue.ts";
import type { SearchApi } from "./search.ts";
import type { TicketApi } from "./ticket.ts";
import type { WorkerErrorKind } from "./workerError.ts";
import type { WalletApi } from "./wallet.ts";

/** Which desk this is, as far as it is proven. */
export interface DeskFacts {
  chainId: string;
  prefix: string;
  identity: string;
  /** Twelve words by which people compare it. */
  words: string;
  /** Whether this person, or the link that led here, said that it is the right one. */
  agreed: boolean;
}

/** What the worker found when the page was loaded. */
export interface Started {
  /** Null where the desk does not answer, and whoever has keys here is known to it. */
  desk: DeskFacts | null;
  /** Whether this browser keeps somebody's keys. */
  hasVault: boolean;
  /** The passkeys that open them, as browsers name them. */
  passkeys: string[];
  /** Whether the link leads to another desk than the one that is open. */
  isOther: boolean;
  /** What whoever sent the link calls themselves. */
  inviter: string | null;
  /** Whether the link leads to a ticket that support wrote down for whoever has it. */
  claims: boolean;
}

/** By what a person shows that they may open what this browser keeps. */
export type Proof = { passphrase: string } | { credential: string; computed: Uint8Array };

/** Somebody is unlocked. */
export interface Opened {
  address: string;
  /** Whether their account is in a wallet, which is asked for each signature. */
  hasWallet: boolean;
  desk: DeskFacts;
  /** Whether the desk did not answer: what it is stands here as this browser keeps it. */
  isAway: boolean;
}

/** Who was the last to say something to the other side of a ticket, and when. */
export interface LastSaid {
  by: string;
  at: string;
}

/** What a list shows of a ticket, beside its public record. */
export interface Summary {
  subject: string | null;
  /** Beginning of the newest message that this person can open. */
  latest: string | null;
  latestAuthor: string | null;
  latestIsNote: boolean;
  /** What the customer calls themselves. */
  saidName?: Conversation["said_name"];
  /** The tags that the newest note with any says. */
  tags: string[];
  lastSaid: LastSaid | null;
}

/** What came of a change, and whom it was sealed for anew. */
export interface Told extends Done {
  notes: Note[];
}

/** Everything that the worker does. */
export interface Api extends AccountApi, AdminApi, CallerApi, DocumentsApi, FilesApi, KeptApi, NoticesApi, PeopleApi, PresenceApi, QueueApi, SearchApi, TicketApi, WalletApi {
  /** Whether this browser keeps nobody's keys. It answers before the module is there. */
  isNew(): Promise<boolean>;
  /** Meets the desk, or takes what a link says of it: the whole link. */
  start(link: string | null): Promise<Started>;
  newPhrase(): Promise<string>;
  /** The account of a phrase; throws what is wrong with it. */
  checkPhrase(phrase: string): Promise<string>;
  /** Whether the ledger has anything of a phrase's account. */
  knowsAccount(phrase: string): Promise<boolean>;
  agree(): Promise<DeskFacts>;
  /** `wallet` is the public key of the account where that is in a wallet; the phrase then only seals and opens. */
  make(phrase: string, passphrase: string, wallet?: Uint8Array): Promise<Opened>;
  unlock(proof: Proof): Promise<Opened>;
  /** Unlocks with the share that this tab kept and the one that the browser's cookie has; null where the time is over. */
  resume(here: string): Promise<Opened | null>;
  /** Keeps the other share in the cookie, and gives the one that this tab keeps. */
  stayUnlocked(): Promise<string>;
  lock(): Promise<void>;
  /** Removes everything that this browser keeps. */
  signOut(): Promise<void>;

  inbox(): Promise<Inbox>;
  summary(ticket: string, changed: string): Promise<Summary>;
  read(ticket: string): Promise<Conversation>;
  categories(): Promise<string[]>;
  members(role: string): Promise<string[]>;
  receipt(ticket: string): Promise<Uint8Array>;

  createTicket(ticket: NewTicket, only?: bigint): Promise<Told>;
  close(ticket: string, reason: string): Promise<Told>;
  reopen(ticket: string, reason: string): Promise<Told>;
  resolve(ticket: string, reference: string): Promise<Told>;
  startWork(ticket: string): Promise<Told>;
  awaitCustomer(ticket: string): Promise<Told>;
  assign(ticket: string, agent: string): Promise<Told>;
  take(ticket: string): Promise<Told>;
  setPriority(ticket: string, priority: TicketPriority, reason: string): Promise<Told>;
  rate(ticket: string, score: number, comment: string | null): Promise<Told>;

  draft(name: string): Promise<string | null>;
  saveDraft(name: string, text: string): Promise<void>;
  /** Drops a draft where it is what was sent; else gives what stands there. */
  dropDraft(name: string, sent: string): Promise<string | null>;
}

/** An error as it crosses between worker and page. */
export interface Failure {
  message: string;
  /** A refusal of the ledger has both. */
  codespace?: string;
  code?: number;
  /** The transaction may be on the ledger all the same, under `txhash`. */
  unanswered?: boolean;
  txhash?: string;
  /** The desk did not answer at all. */
  away?: boolean;
  /** What the node asks of a new account and did not get. */
  admission?: "invitation" | "work";
  /** Why the account's wallet did not sign. Nothing was sent. */
  wallet?: WalletFailure;
  /** What went wrong in this browser, and what the node said of it. */
  kind?: WorkerErrorKind;
  said?: string;
}

/** What a change waits for: the node, or a person who is asked by their wallet. */
export type Waited = Wait | { kind: "wallet"; seconds: 0 };

/** What the worker says without being asked: what a change waits for, and null when that is over. */
export interface Heard {
  wait: Waited | null;
}

/** What the worker asks the page, which alone can ask a wallet; `answerWallet` brings the answer. */
export interface WalletAsked {
  wallet: { id: number; chainId: string; prefix: string; asked: ToSign };
}

export interface Question {
  id: number;
  method: keyof Api;
  args: unknown[];
}

/** How far something is whose answer is still to come, under a name that both sides know. */
export interface Progress {
  progress: string;
  done: number;
  of: number;
}

/** That a piece of a file goes on. */
export interface Moves {
  moves: true;
}

export type Answer = { id: number; value: unknown } | { id: number; failure: Failure };
