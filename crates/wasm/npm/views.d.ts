// What the program prints with `--output json`: one dialect for every face. Times are RFC 3339 in UTC, or null.

export type TicketStatus = "open" | "assigned" | "in_progress" | "pending_customer" | "resolved" | "closed";
export type TicketPriority = "low" | "normal" | "high" | "urgent";
export type Role = "customer" | "support_agent" | "administrator" | "gateway";

export interface NewTicket {
  category: string;
  /** normal where it is left out. */
  priority?: TicketPriority;
  subject: string;
  message: string;
  /** What the writer calls themselves; sealed with the rest. */
  name?: string;
}

export interface Done {
  txhash: string;
  height: number;
  ticket_id: string | null;
  response_index: number | null;
  registered_key: string | null;
  /** Whether the ledger proves it; else it is the node's word. */
  proven: boolean;
}

export interface Ticket {
  ticket_id: string;
  customer_address: string;
  provider_address: string;
  status: TicketStatus;
  priority: TicketPriority;
  category: string;
  /** What it is about; null where it is about nothing of the ledger. */
  resource_ref: { type: string; id: string; owner: string } | null;
  assigned_to: string;
  collaborators: string[];
  /** Whose it was before it was given to another customer. */
  previous_customers: string[];
  response_count: number;
  created_at: string | null;
  updated_at: string | null;
  resolved_at: string | null;
  closed_at: string | null;
  resolution_ref: string;
  links: TicketLink[];
  /** When it comes back, or came back, after it was put aside. */
  snoozed_until: string | null;
  /** Where it was told from another system, or by whoever took a call. */
  imported: { source: string; source_id: string; imported_by: string; responses: number } | null;
  ratings: { score: number; comment: number; rated_at: string | null; resolved_at: string | null }[];
  /** That this node has destroyed its first text, by its own word. */
  erased: { erased_at: string | null; erased_by: string } | null;
}

export interface Message {
  author: string;
  /** The customer's score, 1 to 5, where this is the comment on a resolution. */
  score: number | null;
  /** A note among staff. */
  internal: boolean;
  /** The description or the answer; null where it cannot be shown, and `not_shown` says why. */
  text: string | null;
  not_shown: string | null;
  not_shown_kind: "not_for_you" | "cannot_open" | "withheld" | "erased" | "unreadable" | null;
  /** Of the ticket's first message. */
  subject: string | null;
  /** null for the ticket's first message. */
  response_index: number | null;
  is_agent: boolean;
  /** The files that its author names, in the author's words; `Desk.files` says which of them can be opened. */
  attachments: FileNamed[];
  /** Of a note that says what the ticket's tags are from there on, and of which it is certain who wrote it. */
  tags?: string[];
  /** Who wrote it elsewhere, as its author tells. */
  imported?: { author: string; by_staff: boolean; created_at: string | null };
  /** In English. */
  warnings: string[];
  warned: Warning[];
  created_at: string | null;
  height: number;
}

/** A file as a message names it. Nothing of it is checked. */
export interface FileNamed {
  name?: string;
  type?: string;
  size?: number;
  [field: string]: unknown;
}

/**
 * What every call throws or rejects with. `message` is in English and may change; what programs go by is here. None of it stands in an
 * error about the arguments of a call.
 */
export interface SealdeskError extends Error {
  /** Of a refusal: what `code` counts in. Both stay the same for ever. */
  codespace?: "support" | "roles" | "encryption" | "sdk";
  code?: number;
  /** Of a transaction: its hash. */
  txhash?: string;
  /** The transaction may be on the ledger: look `txhash` up before the same is written again. */
  unanswered?: true;
  /** The node did not answer at all: nothing was contradicted, and nothing was changed. */
  away?: true;
  /** What a new account lacks: an invitation's code, or the work that the node asks for. */
  admission?: "invitation" | "work";
  /** Why a wallet did not sign. */
  wallet?: WalletFailure;
}

/** What readers of a text should know before they believe it. */
export interface Warning {
  kind:
    | "staff_by_ledger"
    | "key_by_ledger"
    | "key_by_node"
    | "circle_hidden"
    | "closed_to"
    | "no_ticket"
    | "other_ticket"
    | "no_circle"
    | "unknown_circle"
    | "unreadable";
  /** In English. */
  text: string;
  /** Whom it is about: of `key_by_node` and `closed_to`. */
  who?: string;
  /** Of `circle_hidden`: the change of administrators that the author knew, and the newest one that the ledger shows. */
  knew?: number;
  shown?: number;
}

export interface Reader {
  key_fingerprint: string;
  /** Who registered that key. */
  addresses: string[];
  /** How many messages it can open. */
  messages: number;
  /** Whether any was opened to it later. */
  granted: boolean;
}

export interface Conversation {
  ticket: Ticket;
  height?: number;
  messages: Message[];
  readers: Reader[];
  events: Record<string, unknown>[];
  events_from: number | null;
  events_missing?: string;
  /** What the customer calls themselves, where their first message says it and this person can open that. */
  said_name: { address: string; name: string } | null;
}

export interface Inbox {
  role: Role;
  active: boolean;
  tickets: Ticket[];
  own: Ticket[];
  assigned: Ticket[];
  open: Ticket[];
  in_work: Ticket[];
  /** Resolved and closed ones, the newest first. */
  closed: Ticket[];
  /** How many more each list has, counted up to a thousand. */
  more: { own: number; assigned: number; open: number; in_work: number; closed: number };
  /** How many of one's own the ledger counts, by proof, and the node does not list. */
  withheld: number;
}

export type LinkKind = "related" | "duplicate_of" | "follows_up" | "duplicated_by" | "followed_up_by";

export interface TicketLink {
  kind: LinkKind;
  ticket_id: string;
}

/** One act of a transaction. Reasons, references and times are public. */
export type Act =
  | { act: "reply" | "note"; message: string }
  /** A note that says what the tags are from here on; `message` says it to programs that know no tags. */
  | { act: "tags"; tags: string[]; message: string }
  | { act: "start_work" | "await_customer" }
  | { act: "resolve"; reference: string }
  | { act: "close" | "reopen"; reason: string }
  | { act: "prioritize"; priority: TicketPriority; reason: string }
  /** In Unix seconds; null takes it up again. */
  | { act: "snooze"; until: number | null }
  | { act: "link" | "unlink"; ticket: string; kind: "related" | "duplicate_of" | "follows_up"; other: string };

export interface TicketForCaller extends NewTicket {
  customer: string;
  source: string;
  source_id: string;
  author: string;
  /** In Unix seconds. */
  at?: number;
}

export interface Rules {
  import_open: boolean;
  open_queue: boolean;
  reopen_window_days: number;
  max_responses_per_ticket: number;
}

export interface DeskDocument {
  state: "open" | "none" | "not_for_you" | "cannot_open" | "withheld";
  version: number;
  updated_by: string;
  updated_at: string | null;
  entries: Record<string, unknown>;
  warned: Warning[];
}

export interface DocumentEdit {
  name: string;
  /** null removes the entry. */
  value: unknown;
  /** Whether `read` has to stand there still. */
  checked?: boolean;
  read?: unknown;
}

export interface ReceiptProof {
  height: number;
  time: string | null;
  chain_id: string;
  names_ledger: boolean;
  handovers: number;
  signers: number;
  ticket: Ticket;
  payload_digest: string;
  messages: { author: string; internal: boolean; created_at: string | null; digest: string }[];
}

/** A name that a page knows: `page` what it calls somebody itself, `own` what this person calls them, `said` what they call themselves. */
export interface NameClaim {
  address: string;
  name: string;
  source: "page" | "own" | "desk_book" | "said";
}

/** What somebody is shown as. */
export interface KnownName {
  address: string;
  name: string;
  source: "own" | "desk_book" | "said";
  /** Whom a reader could take them for. */
  like: { name: string; address: string } | null;
  /** Whether others call themselves the same, or what looks the same. */
  shared: boolean;
}

export interface BookEntry {
  address: string;
  name: string;
}

export type Shelf = "own" | "staff" | "public";

export interface DocumentInfo {
  name: string;
  /** Which write on its shelf it was. */
  version: number;
  bytes: number;
  updated_by: string;
  updated_at: string | null;
}

export interface ShelfListing {
  documents: DocumentInfo[];
  /** How many more the ledger proves that there are, which the node does not name. */
  missing: number;
}

export interface ReadDocument extends DocumentInfo {
  /** Of a sealed one that opens. */
  entries: Record<string, unknown> | null;
  /** Of a public one: the JSON as it was written. */
  body: string | null;
  not_shown: string | null;
  warned: Warning[];
}

export interface RenewedDocuments {
  /** Sealed for the staff as it is, as the ledger proves it. */
  done: string[];
  /** The node alone says that these are. */
  unproven: string[];
  unopened: string[];
}

/** What the desk takes of files, all sizes with their padding. */
export interface FileLimits {
  /** 0 where it takes none. */
  file_bytes_max: number;
  files_max: number;
  message_bytes_max: number;
}

/** A file of a ticket. Where `problem` says why it cannot be opened, nothing else is known of it. */
export interface FileShown {
  /** Counted from 1 over all messages, as the program counts. */
  number: number;
  /** null for the ticket's first message. */
  response_index: number | null;
  /** Made harmless. */
  name: string | null;
  size: number | null;
  pieces: number | null;
  problem: string | null;
}

/** A ticket and what was said in it, without what happened in between. */
export interface Look {
  ticket: Ticket;
  messages: Message[];
  /** What its customer calls themselves in it. */
  said_name: { address: string; name: string } | null;
}

/** What somebody may list. */
export interface QueueRole {
  role: Role;
  active: boolean;
  /** Whether they may take what nobody has, as an agent of an open queue. */
  takes: boolean;
}

/** Lists that are read in pages: unfinished ones in the order of the queue, finished ones the newest first. */
export type QueueList = "all" | "unassigned" | "agent" | "customer" | "resolved" | "closed" | "agent-resolved" | "agent-closed";

/** What is shown of an unfinished ticket beside its record. */
export interface TicketAbout {
  /** Who was the last to say something to the other side; null where it could not be told. */
  last_by: string | null;
  last_is_staff: boolean | null;
  last_at: string | null;
  turn: "desk" | "customer" | "aside" | null;
  waits_since: string | null;
  /** Whether it was put aside and its time has come. */
  back: boolean;
  due: { target: string; due_at: string | null; late: boolean } | null;
}

export interface QueueTicket extends Ticket {
  /** When it comes back, or came back, after it was put aside. */
  snoozed_until: string | null;
}

export interface QueuePart {
  /** By number. */
  tickets: QueueTicket[];
  /** By the ticket's number, of unfinished ones. */
  about: Record<string, TicketAbout>;
  /** The bytes of the next page's cursor; none after the last page. */
  next: number[];
  /** How many tickets the ledger has, proven. */
  ticket_count: number;
}

/** A key in one's own name that is sealed to. */
export interface OwnKey {
  fingerprint: string;
  /** Unix seconds. */
  registered_at: number;
  /** Any other was made by somebody who can sign as this person. */
  is_of_phrase: boolean;
}

/** What a change waits for: work that a node asks of a new account, or a pause of a busy node. */
export interface Wait {
  kind: "work" | "busy";
  seconds: number;
}

/** What a wallet is asked to sign for an account whose key it has: a text, by ADR-36, or a transaction as amino JSON. */
export type ToSign = { kind: "text"; signer: string; text: string } | { kind: "tx"; signer: string; chain_id: string; document: string };

/** What came of asking a wallet. Key and signature are hex, and are verified. */
export type WalletAnswer =
  | { is: "signed"; public_key: string; signature: string }
  | { is: "refused" }
  | { is: "absent" }
  | { is: "another_account" }
  /** Nobody answered for as long as an answer counts. */
  | { is: "late" }
  | { is: "failed"; message: string };

/** Why a wallet did not sign. Nothing was sent; `still_underway`: but for what it signed before, which may still arrive. */
export type WalletFailure = "still_underway" | "refused" | "absent" | "another_account" | "something_else" | "too_late" | "failed";

/** Why somebody cannot go on with what is assigned to them. */
export type Idle = "not_staff" | "suspended" | "terminated" | "no_key";

export interface StaffMember {
  address: string;
  role: "administrator" | "support_agent";
  state: "active" | "suspended" | "terminated";
  active_keys: number;
  /** Whether signatures say so; else nothing is sealed for them by that. */
  counts: boolean;
  /** By the ledger's word; null of administrators. */
  appointed_by: string | null;
  /** In work. */
  tickets: number;
  /** They left, and keys or tickets of theirs are left; `role` is the one that they had. */
  former: boolean;
  idle: Idle | null;
}

export interface Standing {
  role: string | null;
  state: "active" | "suspended" | "terminated";
  in_circle: boolean;
  active_keys: number;
  /** Whether signatures say that they are on the staff. */
  counts: boolean;
}

/** A change of a role. Of an administrator's it is a vote: `vote_applied` says whether it decided, `votes` how many there are of how many members. */
export interface Voted extends Done {
  vote_applied: boolean | null;
  votes: [number, number] | null;
}

export interface LetIn {
  /** What they can open by now, as the ledger proves it. */
  tickets: number;
  messages: number;
  opens: number;
  /** Ticket and reason. */
  refused: [string, string][];
  /** Texts that name another place than where they stand: left out. */
  doubtful: number;
  unproven: number;
  stopped: string | null;
  whole: boolean;
}

export interface Holding {
  assigned: string[];
  helps: string[];
  resolved: number;
  is_last_administrator: boolean;
  votes: number;
  /** Agents whose appointments end with theirs. */
  appointed: string[];
}

export interface PassedOn {
  passed: string[];
  helps: string[];
  failed: [string, string][];
  /** What is with the former person still; null where it could not be asked. */
  left: string[] | null;
  doubtful: number;
  unproven: number;
  stopped: string | null;
  whole: boolean;
}

export interface RenewedGrants {
  renewed: number;
  failed: [string, string][];
  /** Tickets, and who is let into them by nobody by now. */
  not_kept: [string, string][];
}

/** What a person should hear of whom was sealed for. */
export interface Note {
  /** All of it, in English. */
  text: string;
  /** Who is a reader now and was none before; null = something else. */
  reader: NewReader | null;
}

export type ReaderWhy =
  | "administrator-from-before"
  | "administrator"
  | "assignee"
  | "collaborator"
  | "open-queue"
  | "appointed"
  | "customer"
  | "provider"
  | "imported"
  | "given"
  | "let-in";

export interface NewReader {
  address: string;
  why: ReaderWhy;
  /** null where it is about none, or about one that is being written. */
  ticket: string | null;
  /** The change by which an administrator joined, and who voted for them. */
  change: number | null;
  voters: string[];
}

export interface OpenVote {
  address: string;
  removes: boolean;
  voters: string[];
  members: number;
}

export interface Circle {
  /** How many changes led to it. */
  position: number;
  fingerprint: string;
  /** `since` is the change by which they joined; 0 of those at the beginning. */
  members: { address: string; since: number }[];
  votes: OpenVote[];
}

export interface AccountKey {
  fingerprint: string;
  version: number;
  label: string;
  registered_at: string | null;
  revoked_at: string | null;
  /** Whether the phrase that is unlocked here made it. */
  own: boolean;
}

export interface Limits {
  max_tickets_per_customer_per_day: number;
  max_responses_per_ticket: number;
  ticket_cooldown_seconds: number;
  auto_close_after_days: number;
  max_open_tickets_per_customer: number;
  reopen_window_days: number;
  allowed_categories: string[];
  max_envelope_bytes: number;
  max_recipients: number;
  listed_customers: boolean;
  max_attachment_bytes: number;
  max_attachment_bytes_per_customer_per_day: number;
  import_open: boolean;
  open_queue: boolean;
}

export interface Ratings {
  /** Of 1, 2, 3, 4 and 5. */
  counts: number[];
  number: number;
  mean_in_hundredths: number | null;
}

export interface ServiceTarget {
  target: "first_response" | "next_response" | "resolution";
  /** Which one of its kind, from 1. */
  number: number;
  state: "due" | "paused" | "met" | "breached" | "ended";
  started_at: string | null;
  due_at: string | null;
  breached_at: string | null;
  ended_at: string | null;
  allowed_seconds: number;
  used_seconds: number;
}

export interface ServiceReport {
  ticket_id: string;
  as_of: string | null;
  targets: ServiceTarget[];
  problems: string[];
}

/** What somebody does at a ticket: they have it open, or write a reply. */
export type Doing = "looking" | "writing";

/** Somebody else on the staff who is at a ticket, by their own signature. */
export interface Present {
  address: string;
  doing: Doing;
}
