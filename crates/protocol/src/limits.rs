//! Every fixed bound of the contract, with unit and qualifier last. What administrators may change is in [`crate::params`].

/// Longest transaction, in bytes as received.
pub const TX_BYTES_MAX: usize = 262_144;
/// Most messages in one transaction.
pub const TX_MESSAGES_MAX: usize = 16;
/// Bytes of a transaction for each grant or reader in it. One that can be valid takes more than twice as many.
pub const LIST_ENTRY_BYTES_MIN: usize = 64;
/// Grants and readers that a transaction may have whatever its length, so that a few damaged ones are refused for what they are.
pub const LIST_ENTRIES_FREE: usize = 64;
/// Longest memo, in bytes. Memos are public.
pub const MEMO_BYTES_MAX: usize = 256;
/// Longest `reason`, `resolution_ref`, `label` or `moniker`, in bytes. All of these are public.
pub const PUBLIC_TEXT_BYTES_MAX: usize = 128;
/// Longest resource id, in bytes.
pub const RESOURCE_ID_BYTES_MAX: usize = 256;
/// Longest chain id, in bytes: CometBFT's own bound.
pub const CHAIN_ID_BYTES_MAX: usize = 50;
/// Longest address prefix, in bytes.
pub const PREFIX_BYTES_MAX: usize = 20;
/// Longest category name, in bytes.
pub const CATEGORY_BYTES_MAX: usize = 32;
/// Longest `client_id` of an envelope, in bytes.
pub const CLIENT_ID_BYTES_MAX: usize = 64;

/// Active keys one address may have.
pub const ACTIVE_KEYS_MAX: usize = 5;
/// Registrations one address may make in any [`DAY_SECONDS`].
pub const KEY_REGISTRATIONS_PER_DAY_MAX: usize = 5;
/// Keys one address may ever register. One leaf holds them all, so their number is bounded for good.
pub const KEYS_PER_ADDRESS_MAX: usize = 256;
/// How long a rotation may be in flight: a key younger than this creates no requirement, one revoked at most this long ago still meets one.
pub const KEY_GRACE_SECONDS: i64 = 60;

/// Grants in one message. Each costs one signature check and, at worst, one target more to load and store.
pub const GRANTS_PER_MESSAGE_MAX: usize = 100;
/// Grants stored beside one target.
pub const GRANTS_PER_TARGET_MAX: usize = 64;
/// How many of those are for grants to administrators alone; the others are for everyone else alone.
pub const GRANTS_RESERVED_FOR_ADMINISTRATORS: usize = 32;
/// How many of each half may be grants of whoever is no member of the circle: the ticket's customer. The others are for members alone,
/// whose grants let the next assignee and the next administrator in.
pub const GRANTS_BY_CUSTOMER_MAX: usize = 16;
/// Support agents whose accounts are not terminated. Whoever revokes the key of one looks for it at each of them.
pub const AGENTS_MAX: usize = 1_000;
/// Members of the circle of administrators. One leaf holds them all.
pub const ADMINISTRATORS_LISTED_MAX: usize = 64;
/// Administrators that a desk may come to by votes, however many readers its envelopes may have: what a grant or an envelope costs at most
/// is measured with as many.
pub const ADMINISTRATORS_MAX: usize = 30;
/// Agents beside the assignee who work on one ticket. Its record names them all.
pub const COLLABORATORS_MAX: usize = 4;
/// Readers of one envelope in a ticket, where the parameter `max_recipients` allows as many.
pub const RECIPIENTS_PARAM_MAX: u32 = 128;
/// The most readers that an envelope of any size that `max_envelope_bytes` may have has room for.
pub const RECIPIENTS_OF_SMALL_ENVELOPES_MAX: u32 = 32;
/// What `max_envelope_bytes` is at least where more readers are allowed.
pub const ENVELOPE_BYTES_OF_MANY_READERS_MIN: u32 = 65_536;

/// Votes for changes of the circle that one member may have open.
pub const CIRCLE_VOTES_PER_MEMBER_MAX: usize = 8;
/// Changes of the circle in any [`DAY_SECONDS`].
pub const CIRCLE_CHANGES_PER_DAY_MAX: usize = 16;
/// How old a vote may be when it arrives, in seconds. It is never later than its block.
pub const CIRCLE_VOTE_FRESH_SECONDS: i64 = 3_600;
/// How long a vote is open, and how far apart the votes of one change may lie, in seconds.
pub const CIRCLE_VOTE_SECONDS_MAX: i64 = 60 * DAY_SECONDS;
/// How long somebody who is no member has been suspended before they can be terminated, in seconds.
pub const TERMINATION_SECONDS_MIN: i64 = DAY_SECONDS;
/// Ledgers before this one, each of which the next continues. One leaf holds how they began.
pub const CONTINUATIONS_MAX: usize = 64;

/// Longest name of a document, in bytes.
pub const DOCUMENT_NAME_BYTES_MAX: usize = 32;
/// Documents of one account for itself.
pub const OWN_DOCUMENTS_MAX: usize = 16;
/// Documents of a desk for its staff.
pub const STAFF_DOCUMENTS_MAX: usize = 64;
/// Public documents of a desk.
pub const PUBLIC_DOCUMENTS_MAX: usize = 32;
/// Readers of one document for the staff.
pub const STAFF_DOCUMENT_READERS_MAX: usize = 256;
/// Longest public document, in bytes.
pub const PUBLIC_DOCUMENT_BYTES_MAX: usize = 16_384;
/// Documents that one account may write or remove in any [`HOUR_SECONDS`], on each kind of shelf.
pub const DOCUMENT_WRITES_PER_HOUR_MAX: usize = 60;

/// Versions of one public document that service levels are counted by. One leaf names them all; the oldest goes first.
pub const PUBLISHED_VERSIONS_MAX: usize = 256;

/// Validators at once.
pub const VALIDATORS_MAX: usize = 100;
/// Power that a vote may give to one validator. Of [`VALIDATORS_MAX`] the sum stays far below CometBFT's bound of 2^60, even of
/// those whom a genesis gave more.
pub const VALIDATOR_POWER_MAX: u32 = 1_000_000_000;
/// Validators for whom one administrator's votes may be open. One leaf holds them all.
pub const VALIDATOR_VOTES_PER_ADMINISTRATOR_MAX: usize = 8;

/// Files attached to one message.
pub const ATTACHMENTS_PER_MESSAGE_MAX: usize = 16;
/// Bytes of the files of one message together, with their padding.
pub const ATTACHED_BYTES_PER_MESSAGE_MAX: u64 = 64 << 20;
/// Bytes of one file with its padding that `max_attachment_bytes` may be raised to.
pub const ATTACHMENT_BYTES_MAX: u64 = 1 << 30;

/// Hours that a day touches: what a customer's record keeps of attached bytes.
pub const ATTACHED_HOURS_MAX: usize = 25;

/// Tickets that close by themselves in one block; the rest wait for the next.
pub const AUTO_CLOSED_TICKETS_PER_BLOCK_MAX: usize = 1_000;
/// How often a ticket may be transferred to another customer. Its record names them all.
pub const TRANSFERS_PER_TICKET_MAX: usize = 8;
/// What a ticket's customer can say of its resolution: 5 is best.
pub const SCORES: std::ops::RangeInclusive<u32> = 1..=5;
/// Ratings of one ticket, of one resolution each. Its record holds them all.
pub const RATINGS_PER_TICKET_MAX: usize = 32;
/// Longest name of a system that tickets are imported from, in bytes.
pub const IMPORT_SOURCE_BYTES_MAX: usize = 32;
/// Responses of one imported ticket. Each costs signature checks, and all of them are one message.
pub const IMPORTED_RESPONSES_MAX: usize = 100;
/// Links of one ticket. Its record holds them all.
pub const LINKS_PER_TICKET_MAX: usize = 32;
/// Changes of a ticket's status and priority that its record keeps; the oldest goes first.
pub const STEPS_PER_TICKET_MAX: usize = 512;
/// How far ahead a ticket may be put aside, in seconds.
pub const SNOOZE_SECONDS_MAX: i64 = 366 * DAY_SECONDS;
/// The last one of this many parts of a ticket's responses is kept for staff.
pub const RESPONSES_STAFF_SHARE: u32 = 5;

/// The first and the last second that a block or a record may name, in Unix seconds. Zero stands for "not yet" in records, and
/// protobuf's own bound is the end of the year 9999.
pub const TIME_RANGE: std::ops::RangeInclusive<i64> = 1..=253_402_300_799;
/// Seconds in an hour.
pub const HOUR_SECONDS: i64 = 3_600;
/// Seconds in a day.
pub const DAY_SECONDS: i64 = 86_400;

/// Records on a page of a query.
pub const PAGE_RECORDS_MAX: u32 = 100;
/// Records on a page where the request names no limit.
pub const PAGE_RECORDS_DEFAULT: u32 = 50;
/// Encoded size of a page, in bytes.
pub const PAGE_BYTES_MAX: usize = 1_048_576;
/// How many tickets behind a page of a queue are counted.
pub const QUEUE_MORE_MAX: usize = 1_000;
/// State keys one proof request may name.
pub const PROOF_KEYS_MAX: usize = 128;
