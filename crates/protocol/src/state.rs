//! Every key of the ledger's state, in one file. docs/state.md explains the records behind them.
//!
//! Keys of the *tree* name leaves that a client can verify; keys of the *side* tables name what can be derived from
//! them or erased without touching the app hash. Numbers that order a scan are big-endian.

use crate::document::{DocumentName, DocumentPlace, Shelf};
use crate::ids::{Address, TicketId};
use crate::import::ImportSource;
use crate::messages::GrantTarget;

/// Keys of the authenticated state tree.
pub mod tree {
    use super::{Address, DocumentName, DocumentPlace, ImportSource, Shelf, TicketId};

    /// `ChainRecord`: what genesis fixed for ever.
    pub const CHAIN: &[u8] = b"ledger/chain";
    /// `ValidatorList`: the validators that make blocks, from two blocks after the last change on.
    pub const VALIDATORS: &[u8] = b"ledger/validators";
    /// What the keys of every `ValidatorList` there has been begin with.
    pub const VALIDATORS_SINCE: &[u8] = b"ledger/validators/";
    /// `ValidatorProposals`; none where nothing is proposed.
    pub const VALIDATOR_PROPOSALS: &[u8] = b"ledger/validator_proposals";
    /// `Params`.
    pub const PARAMS: &[u8] = b"support/params";
    /// `Counter`: tickets created so far.
    pub const TICKET_COUNT: &[u8] = b"support/ticket_count";
    /// The circle of administrators: the bytes `C` ([`crate::circle::Circle::encode`]).
    pub const ADMINISTRATORS: &[u8] = b"roles/administrators";
    /// `CircleVotes`: the open votes; none where there are none and the last change is more than a day ago.
    pub const CIRCLE_VOTES: &[u8] = b"circle/votes";
    /// What the keys of all changes of the circle begin with.
    pub const CIRCLE: &[u8] = b"circle/";
    /// `LedgerBeginning`: what the ledger's identity is the digest of.
    pub const BEGINNING: &[u8] = b"ledger/beginning";
    /// `LedgerContinues`; none where nobody has voted.
    pub const CONTINUES: &[u8] = b"ledger/continues";
    /// What the keys of all tickets begin with.
    pub const TICKETS: &[u8] = b"support/tickets/";
    /// What the keys of all responses begin with.
    pub const RESPONSES: &[u8] = b"support/responses/";
    /// What the keys of all customers' records begin with.
    pub const CUSTOMERS: &[u8] = b"support/customers/";
    /// `RatingCounts` of all tickets; none where nobody has rated any.
    pub const RATINGS: &[u8] = b"support/ratings";
    /// What the keys of agents' `RatingCounts` begin with.
    pub const RATINGS_OF_AGENTS: &[u8] = b"support/ratings/";
    /// What the keys of the queue of tickets that close by themselves begin with.
    pub const AUTO_CLOSE: &[u8] = b"support/due/";
    /// What the keys of all places begin with from which tickets were imported.
    pub const IMPORTS: &[u8] = b"support/imports/";
    /// What the keys of all documents begin with.
    pub const DOCUMENTS: &[u8] = b"support/documents/";
    /// What the keys of all shelves begin with.
    pub const SHELVES: &[u8] = b"support/shelves/";
    /// What the keys of kept versions of public documents begin with.
    pub const PUBLISHED: &[u8] = b"support/published/";
    /// What the keys of what the limits know of writers of documents begin with.
    pub const DOCUMENT_WRITERS: &[u8] = b"support/document_writers/";
    /// What the keys of all accounts begin with.
    pub const ACCOUNTS: &[u8] = b"auth/accounts/";
    /// What the keys of all members begin with.
    pub const MEMBERS: &[u8] = b"roles/members/";
    /// What the keys of all key lists begin with.
    pub const KEYS: &[u8] = b"encryption/keys/";

    fn join(prefix: &[u8], rest: &[u8]) -> Vec<u8> {
        [prefix, rest].concat()
    }

    /// `ValidatorList`: the validators that this block made, 0 = genesis.
    pub fn validators_since(height: u64) -> Vec<u8> {
        join(VALIDATORS_SINCE, &height.to_be_bytes())
    }

    /// `CircleChange`: the change that led to this position, 0 = genesis.
    pub fn circle_change(position: u64) -> Vec<u8> {
        join(CIRCLE, &position.to_be_bytes())
    }

    /// `TicketHead`.
    pub fn ticket(id: TicketId) -> Vec<u8> {
        join(TICKETS, &id.number().to_be_bytes())
    }

    /// `ResponseHead`.
    pub fn response(id: TicketId, index: u32) -> Vec<u8> {
        [RESPONSES, &id.number().to_be_bytes(), &index.to_be_bytes()].concat()
    }

    /// `CustomerRecord`.
    pub fn customer(address: &Address) -> Vec<u8> {
        join(CUSTOMERS, address.as_str().as_bytes())
    }

    /// `RatingCounts` of the tickets that an agent had when they were rated.
    pub fn ratings_of(agent: &Address) -> Vec<u8> {
        join(RATINGS_OF_AGENTS, agent.as_str().as_bytes())
    }

    /// `DueRecord`: a ticket that closes by itself after the second `at`, which is never negative: it lies after a block's time.
    pub fn auto_close(at: i64, id: TicketId) -> Vec<u8> {
        [AUTO_CLOSE, &at.to_be_bytes(), &id.number().to_be_bytes()].concat()
    }

    /// `ImportRecord`.
    pub fn import(source: &ImportSource) -> Vec<u8> {
        join(IMPORTS, format!("{}/{}", source.system(), source.id()).as_bytes())
    }

    /// `DocumentHead`.
    pub fn document(place: &DocumentPlace) -> Vec<u8> {
        join(DOCUMENTS, place.to_string().as_bytes())
    }

    /// What the keys of a shelf's documents begin with.
    pub fn documents_on(shelf: &Shelf) -> Vec<u8> {
        join(DOCUMENTS, format!("{shelf}/").as_bytes())
    }

    /// `ShelfRecord`.
    pub fn shelf(shelf: &Shelf) -> Vec<u8> {
        join(SHELVES, shelf.to_string().as_bytes())
    }

    /// `PublishedVersions` of a public document.
    pub fn published(name: &DocumentName) -> Vec<u8> {
        join(PUBLISHED, name.as_str().as_bytes())
    }

    /// `PublishedBody` of one of its versions.
    pub fn published_body(name: &DocumentName, version: u64) -> Vec<u8> {
        [PUBLISHED, name.as_str().as_bytes(), b"/", &version.to_be_bytes()].concat()
    }

    /// `DocumentWriter`.
    pub fn document_writer(address: &Address) -> Vec<u8> {
        join(DOCUMENT_WRITERS, address.as_str().as_bytes())
    }

    /// `AccountRecord`.
    pub fn account(address: &Address) -> Vec<u8> {
        join(ACCOUNTS, address.as_str().as_bytes())
    }

    /// `MemberRecord`.
    pub fn member(address: &Address) -> Vec<u8> {
        join(MEMBERS, address.as_str().as_bytes())
    }

    /// `KeyList`.
    pub fn keys(address: &Address) -> Vec<u8> {
        join(KEYS, address.as_str().as_bytes())
    }
}

/// Keys of the side tables.
pub mod side {
    use super::{Address, DocumentPlace, GrantTarget, TicketId};
    use crate::attachment::BlobHash;
    use crate::ticket::{Priority, QueuePlace, Status, Turn};
    use crate::tx::TxHash;
    use crate::tx_index::Term;

    /// What the envelopes' keys begin with.
    pub const ENVELOPES: &[u8] = b"envelope/";
    /// What the grants' keys begin with.
    pub const GRANTS: &[u8] = b"grants/";
    /// What the transactions' keys begin with.
    pub const TXS: &[u8] = b"tx/";
    /// What the events' keys begin with, in the order in which they happened.
    pub const EVENTS: &[u8] = b"event/";
    /// What the keys of the transactions by their place begin with.
    pub const TXS_AT: &[u8] = b"tx_at/";
    /// What the keys of the index of transactions begin with.
    pub const TX_TERMS: &[u8] = b"tx_term/";
    /// What the keys of a ticket's events begin with.
    pub const TICKET_EVENTS: &[u8] = b"ticket_event/";

    /// What the keys of what stands in documents begin with.
    pub const DOCUMENTS: &[u8] = b"document/";
    /// What the keys begin with of what stays of erased envelopes.
    pub const ERASED: &[u8] = b"erased/";
    /// What the keys begin with of when texts were erased.
    pub const ERASURES: &[u8] = b"erasure/";
    /// What the keys of the envelopes' content digests begin with.
    pub const CONTENTS: &[u8] = b"content/";
    /// What the keys of the times at which resolved tickets close by themselves begin with.
    pub const AUTO_CLOSE_TIMES: &[u8] = b"due_time/";
    /// What the keys of ticket lists begin with.
    pub const TICKET_LISTS: &[u8] = b"tickets/";
    /// What the keys of the counts of tickets begin with.
    pub const TICKET_COUNTS: &[u8] = b"ticket_count/";
    /// What the keys of fingerprints begin with.
    pub const FINGERPRINTS: &[u8] = b"key/";
    /// What the keys of the lists of keys in use begin with.
    pub const KEYS_IN_USE: &[u8] = b"keys_in_use/";
    /// What the keys of the lists of fingerprints begin with.
    pub const KEY_IDS: &[u8] = b"key_ids/";
    /// What the keys of the names of attached pieces begin with.
    pub const BLOBS: &[u8] = b"blob/";
    /// What the keys of roles begin with.
    pub const ROLES: &[u8] = b"role/";
    /// What the keys of appointed agents begin with.
    pub const APPOINTED: &[u8] = b"appointed/";
    /// `LastChange`.
    pub const LAST_CHANGE: &[u8] = b"ledger/last_change";
    /// The genesis document without its desk, as JSON: what an export repeats.
    pub const GENESIS: &[u8] = b"ledger/genesis";
    /// `HistoryStart`: only where a node has the state from another node and not the history before it, or has dropped that.
    pub const HISTORY_START: &[u8] = b"ledger/history_start";
    /// `Params` that become valid when the block ends; never there between blocks.
    pub const PENDING_PARAMS: &[u8] = b"support/pending_params";
    /// `ValidatorList` at the beginning of a block that changed it; never there between blocks.
    pub const VALIDATORS_BEFORE: &[u8] = b"ledger/validators_before";

    /// The `content` digest of an envelope (32 bytes), which grants refer to: so that judging one does not hash a ciphertext.
    pub fn content(id: TicketId, target: GrantTarget) -> Vec<u8> {
        [CONTENTS, &id.number().to_be_bytes(), &target.to_wire().to_be_bytes()].concat()
    }

    /// When a resolved ticket closes by itself (8 bytes): the way from a ticket to its `DueRecord`.
    pub fn auto_close_time(id: TicketId) -> Vec<u8> {
        [AUTO_CLOSE_TIMES, &id.number().to_be_bytes()].concat()
    }

    /// A message that names a sealed piece of a file; the value is empty.
    pub fn blob(hash: &BlobHash, id: TicketId, target: GrantTarget) -> Vec<u8> {
        [&blob_messages(hash)[..], &id.number().to_be_bytes(), &target.to_wire().to_be_bytes()].concat()
    }

    /// What the keys begin with of the messages that name a piece.
    pub fn blob_messages(hash: &BlobHash) -> Vec<u8> {
        [BLOBS, &hash[..]].concat()
    }

    /// `ErasedEnvelope` of a ticket or response, in the place of its envelope.
    pub fn erased(id: TicketId, target: GrantTarget) -> Vec<u8> {
        [ERASED, &id.number().to_be_bytes(), &target.to_wire().to_be_bytes()].concat()
    }

    /// Which message a key of [`erased`] is of.
    pub fn erased_place(key: &[u8]) -> Option<(TicketId, GrantTarget)> {
        let (number, target) = key.strip_prefix(ERASED)?.split_first_chunk::<8>()?;
        let target = GrantTarget::from_wire(u32::from_be_bytes(target.try_into().ok()?));
        Some((TicketId::new(u64::from_be_bytes(*number))?, target))
    }

    /// `Erasure` of a ticket: when this node destroyed its texts, and who asked for it.
    pub fn erasure(id: TicketId) -> Vec<u8> {
        [ERASURES, &id.number().to_be_bytes()].concat()
    }

    /// The envelope of a ticket or response: its canonical encoding.
    pub fn envelope(id: TicketId, target: GrantTarget) -> Vec<u8> {
        [ENVELOPES, &id.number().to_be_bytes(), &target.to_wire().to_be_bytes()].concat()
    }

    /// What stands in a document: the canonical encoding of its envelope, or the plain bytes of a public one. The rest of the key is
    /// that of its head.
    pub fn document(place: &DocumentPlace) -> Vec<u8> {
        [DOCUMENTS, place.to_string().as_bytes()].concat()
    }

    /// `GrantList` of a ticket or response.
    pub fn grants(id: TicketId, target: GrantTarget) -> Vec<u8> {
        [GRANTS, &id.number().to_be_bytes(), &target.to_wire().to_be_bytes()].concat()
    }

    /// `TxRecord`.
    pub fn tx(hash: TxHash) -> Vec<u8> {
        [TXS, &hash.0[..]].concat()
    }

    /// The hash (32 bytes) of a transaction by its place: its block and its number there.
    pub fn tx_at(height: u64, index: u32) -> Vec<u8> {
        [TXS_AT, &height.to_be_bytes(), &index.to_be_bytes()].concat()
    }

    /// A transaction that a term of the index fits, by its place; the value is empty.
    pub fn tx_term(term: Term, height: u64, index: u32) -> Vec<u8> {
        [TX_TERMS, &term.0, &height.to_be_bytes(), &index.to_be_bytes()].concat()
    }

    /// `EventRecord`: the n-th event of a block.
    pub fn event(height: u64, n: u32) -> Vec<u8> {
        [EVENTS, &height.to_be_bytes(), &n.to_be_bytes()].concat()
    }

    /// An event of a ticket; the value is empty, the event stands under [`event`].
    pub fn ticket_event(id: TicketId, height: u64, n: u32) -> Vec<u8> {
        [TICKET_EVENTS, &id.number().to_be_bytes(), &height.to_be_bytes(), &n.to_be_bytes()].concat()
    }

    /// A ticket list that queries page through. A key is a list and a ticket; the value is empty.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum TicketList<'a> {
        /// All tickets of a customer, or those of one status.
        Customer(&'a Address, Option<Status>),
        /// All tickets of a provider, or those of one status.
        Provider(&'a Address, Option<Status>),
        /// All tickets that an agent has, or those of one status.
        Agent(&'a Address, Option<Status>),
        /// All tickets of a status.
        Status(Status),
        /// Open tickets of a priority.
        Open(Priority),
    }

    impl TicketList<'_> {
        /// What the keys of this list begin with.
        pub fn prefix(self) -> Vec<u8> {
            let by_address = |name: &str, address: &Address, status: Option<Status>| {
                format!("tickets/{name}/{address}/{}/", status.map_or("all", Status::name))
            };
            match self {
                Self::Customer(address, status) => by_address("customer", address, status),
                Self::Provider(address, status) => by_address("provider", address, status),
                Self::Agent(address, status) => by_address("agent", address, status),
                Self::Status(status) => format!("tickets/status/{status}/"),
                Self::Open(priority) => format!("tickets/open/{priority}/"),
            }
            .into_bytes()
        }

        /// The key of a ticket on this list.
        pub fn key(self, id: TicketId) -> Vec<u8> {
            [self.prefix().as_slice(), &id.number().to_be_bytes()].concat()
        }
    }

    /// The unfinished tickets of somebody, or of the desk: by what they wait for, then the most urgent first, then the longest waiting. A
    /// key is a list and a place in it ([`queue_rest`]); the value is empty.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Queue<'a> {
        /// Those that nobody is assigned.
        Unassigned,
        /// Those that somebody is assigned.
        Assigned,
        /// Those that an agent has, or works on beside somebody.
        Agent(&'a Address),
        /// Those of a customer.
        Customer(&'a Address),
    }

    impl Queue<'_> {
        /// What the keys of this list begin with.
        pub fn prefix(self) -> Vec<u8> {
            match self {
                Self::Unassigned => b"tickets/queue/unassigned/".to_vec(),
                Self::Assigned => b"tickets/queue/assigned/".to_vec(),
                Self::Agent(address) => [QUEUES_OF_AGENTS, address.as_str().as_bytes(), b"/"].concat(),
                Self::Customer(address) => format!("tickets/queue/customer/{address}/").into_bytes(),
            }
        }

        /// The key of a ticket on this list.
        pub fn key(self, place: QueuePlace, id: TicketId) -> Vec<u8> {
            [self.prefix(), queue_rest(place, id)].concat()
        }
    }

    /// What the keys of agents' queues begin with; the agent's address and a slash follow.
    pub const QUEUES_OF_AGENTS: &[u8] = b"tickets/queue/agent/";
    /// Bytes of [`queue_rest`].
    pub const QUEUE_REST_BYTES: usize = 18;

    /// What a ticket waits for, as the first byte of its place in a queue.
    pub fn queue_turn(turn: Turn) -> u8 {
        match turn {
            Turn::Desk => 1,
            Turn::Customer => 2,
            Turn::Aside => 3,
        }
    }

    /// A ticket's place in a queue, of which the order of bytes is the order of the list: turn, urgency (0 = the most urgent, and of one that
    /// was put aside always), time, which is never negative, number.
    pub fn queue_rest(place: QueuePlace, id: TicketId) -> Vec<u8> {
        let urgency = match (place.turn, place.priority) {
            (Turn::Aside, _) | (_, Priority::Urgent) => 0,
            (_, Priority::High) => 1,
            (_, Priority::Normal) => 2,
            (_, Priority::Low) => 3,
        };
        let (since, number) = (place.since.to_be_bytes(), id.number().to_be_bytes());
        [&[queue_turn(place.turn), urgency][..], &since, &number].concat()
    }

    /// Written when the queues are begun or rebuilt: a ledger that is older than they are has none, rather than empty ones.
    pub const QUEUES_BEGUN: &[u8] = b"queues_begun";

    /// How many tickets stand in a status (8 bytes).
    pub fn ticket_count(status: Status) -> Vec<u8> {
        [TICKET_COUNTS, status.name().as_bytes()].concat()
    }

    /// Who has registered a key of this fingerprint; the value is empty.
    pub fn fingerprint(fingerprint: &str, address: &Address, version: u32) -> Vec<u8> {
        [&fingerprint_owner(fingerprint, address)[..], &version.to_be_bytes()].concat()
    }

    /// What the key begins with that says that an address has registered a key of this fingerprint.
    pub fn fingerprint_owner(fingerprint: &str, address: &Address) -> Vec<u8> {
        format!("key/{fingerprint}/{address}/").into_bytes()
    }

    /// What the keys of a fingerprint's owners begin with.
    pub fn fingerprint_owners(fingerprint: &str) -> Vec<u8> {
        format!("key/{fingerprint}/").into_bytes()
    }

    /// `KeyList`: those of an address's keys that a block can still ask for, the active ones and those revoked last. Judging an envelope
    /// reads it for everyone who may be among the readers, and not the leaf, which has every key that they ever had.
    pub fn keys_in_use(address: &Address) -> Vec<u8> {
        format!("keys_in_use/{address}").into_bytes()
    }

    /// The fingerprints of all keys that an address ever registered, 20 bytes each, ascending.
    pub fn key_ids(address: &Address) -> Vec<u8> {
        format!("key_ids/{address}").into_bytes()
    }

    /// A member of a role; the value is empty.
    pub fn role_member(role: &str, address: &Address) -> Vec<u8> {
        format!("role/{role}/{address}").into_bytes()
    }

    /// An active agent with an active key whom somebody appointed by a signature, for the circle of a position; the value is empty.
    pub fn appointed_agent(agent: &Address, appointer: &str, position: u64) -> Vec<u8> {
        let mut key = format!("appointed/{agent}/{appointer}/").into_bytes();
        key.extend(position.to_be_bytes());
        key
    }

    /// The agent, the appointer and the position of such a key.
    pub fn appointment(key: &[u8]) -> Option<(&str, &str, u64)> {
        let (names, position) = key.strip_prefix(APPOINTED)?.split_last_chunk()?;
        let mut names = std::str::from_utf8(names).ok()?.split('/');
        let (agent, appointer) = (names.next()?, names.next()?);
        let ends = names.next() == Some("") && names.next().is_none();
        ends.then(|| (agent, appointer, u64::from_be_bytes(*position)))
    }

    /// What the keys of a role's members begin with.
    pub fn role_members(role: &str) -> Vec<u8> {
        format!("role/{role}/").into_bytes()
    }
}

#[cfg(test)]
mod tests;
