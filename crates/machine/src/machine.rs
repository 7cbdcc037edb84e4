//! The machine itself: two facts of the chain, and what one block and one transaction are to it.

use prost::Message as _;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::events::{Emitted, message_event};
use sealdesk_protocol::identity::{Ancestry, Identity};
use sealdesk_protocol::ids::{ChainId, Prefix};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{ChainRecord, LedgerBeginning};
use sealdesk_protocol::wire::tendermint::abci;
use sealdesk_store::{Snapshot, State};

use crate::errors::Fatal;

/// The immutable facts of a chain. Everything that changes is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    chain_id: ChainId,
    prefix: Prefix,
    identity: Identity,
}

/// Where and when a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockContext {
    /// From 1, without gaps.
    pub height: u64,
    /// The block's time in Unix seconds; never before an earlier block's.
    pub time: i64,
}

impl BlockContext {
    /// The height as events and records have it.
    pub(crate) fn signed_height(&self) -> Result<i64, Fatal> {
        i64::try_from(self.height).map_err(|_| Fatal::Broken("heights fit 63 bits".to_owned()))
    }
}

/// The outcome of a transaction in its block.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed {
    /// The transaction's name.
    pub hash: TxHash,
    /// 0, or the refusal's code.
    pub code: u32,
    /// What the code counts in; empty for 0.
    pub codespace: String,
    /// The refusal in words; empty for 0. Never hashed.
    pub log: String,
    /// `TxMsgData` with one response a message; empty for a refusal.
    pub data: Vec<u8>,
    /// What happened, in order; empty for a refusal.
    pub events: Vec<Emitted>,
    /// The messages of an executed transaction, each with the number of its events.
    pub messages: Vec<ExecutedMessage>,
    /// What Cosmos says of a transaction before its messages run; empty unless it was admitted.
    pub tx_events: Vec<abci::Event>,
    /// Whether the transaction used up its signers' sequences: false means that it changed nothing at all.
    pub admitted: bool,
}

/// One message of an executed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutedMessage {
    /// `/virtengine.support.v1.MsgCreateTicket` and so on.
    pub type_url: String,
    /// Who signed it.
    pub sender: String,
    /// `support`, `roles`, `encryption` or `ledger`.
    pub module: &'static str,
    /// How many of the transaction's events belong to it.
    pub events: usize,
}

impl Machine {
    pub(crate) fn new(chain_id: ChainId, prefix: Prefix, identity: Identity) -> Self {
        Self { chain_id, prefix, identity }
    }

    /// The machine of the chain that a snapshot holds.
    ///
    /// # Errors
    /// [`Fatal::NoGenesis`] where nothing has been written yet.
    pub fn load(snapshot: &Snapshot) -> Result<Self, Fatal> {
        Self::of_records(snapshot.get(tree::CHAIN)?, snapshot.get(tree::BEGINNING)?)
    }

    /// The machine of the chain that a state in the making holds.
    pub(crate) fn of_state(state: &State) -> Result<Self, Fatal> {
        Self::of_records(state.get(tree::CHAIN)?, state.get(tree::BEGINNING)?)
    }

    fn of_records(chain: Option<Vec<u8>>, beginning: Option<Vec<u8>>) -> Result<Self, Fatal> {
        let bytes = chain.ok_or(Fatal::NoGenesis)?;
        let damaged = |what: String| Fatal::damaged(tree::CHAIN, what);
        let record = ChainRecord::decode(bytes.as_slice()).map_err(|error| damaged(error.to_string()))?;
        let chain_id = ChainId::parse(&record.chain_id).map_err(|error| damaged(error.to_string()))?;
        let prefix = Prefix::parse(&record.prefix).map_err(|error| damaged(error.to_string()))?;
        let identity = ancestry(&beginning.ok_or(Fatal::NoGenesis)?)?.identity();
        Ok(Self { chain_id, prefix, identity })
    }

    /// The chain's name, which is in every signature.
    pub fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// What the ledger is beyond its name: the digest of how it began.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the chain's addresses begin with.
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }
}

/// Reads the leaf `ledger/beginning`.
pub(crate) fn ancestry(record: &[u8]) -> Result<Ancestry, Fatal> {
    let damaged = |what: String| Fatal::damaged(tree::BEGINNING, what);
    let wire = LedgerBeginning::decode(record).map_err(|error| damaged(error.to_string()))?;
    Ancestry::read(&wire).map_err(|error| damaged(error.to_string()))
}

impl Executed {
    /// The outcome of a transaction for which [`Machine::verify`] gives this refusal.
    pub fn not_verified(tx: &[u8], refusal: &Refusal) -> Self {
        Self::refused(TxHash::of(tx), refusal, false, refusal.to_string())
    }

    pub(crate) fn refused(hash: TxHash, refusal: &Refusal, admitted: bool, log: String) -> Self {
        Self {
            hash,
            code: refusal.code(),
            codespace: refusal.codespace().to_owned(),
            log,
            data: Vec::new(),
            events: Vec::new(),
            messages: Vec::new(),
            tx_events: Vec::new(),
            admitted,
        }
    }

    /// The events as ABCI and Cosmos's queries have them.
    pub fn abci_events(&self) -> Vec<abci::Event> {
        let mut events = self.tx_events.clone();
        events.extend(abci_events(&self.messages, &self.events));
        events
    }
}

/// What the messages of a transaction did as ABCI and Cosmos's queries have it: for each message the usual `message` event, then its own.
pub fn abci_events(messages: &[ExecutedMessage], events: &[Emitted]) -> Vec<abci::Event> {
    let mut own = events.iter();
    let mut all = Vec::with_capacity(events.len().saturating_add(messages.len()));
    for message in messages {
        all.push(message_event(&message.type_url, &message.sender, message.module));
        all.extend(own.by_ref().take(message.events).map(Emitted::to_abci));
    }
    all.extend(own.map(Emitted::to_abci));
    all
}
