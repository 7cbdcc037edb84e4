//! The end of a transaction and of a block: what is kept for queries, and parameters that become valid.

use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, LastChange, TxRecord};
use sealdesk_store::State;

use prost::Message as _;

use crate::errors::Fatal;
use crate::machine::{BlockContext, Executed, Machine};
use crate::state::{Ledger, difference};

impl Machine {
    /// Ends a block: parameters that it changed become valid, and it is said which validators it changed, by whatever number of
    /// votes: each key once, ascending. A block that changed nothing writes nothing.
    ///
    /// # Errors
    /// [`Fatal`] where the store fails or a record is damaged.
    pub fn finish(&self, state: &mut State, block: &BlockContext) -> Result<Vec<ValidatorUpdate>, Fatal> {
        let mut ledger = Ledger::new(state, self.prefix());
        if let Some(params) = ledger.pending_params()? {
            ledger.put_params(&params);
            ledger.clear_pending_params();
        }
        let Some(before) = ledger.take_validators_before()? else { return Ok(Vec::new()) };
        let changed = difference(&before, &ledger.validators()?);
        if !changed.is_empty() {
            ledger.keep_validators(block.height)?;
        }
        changed.into_iter().map(ValidatorUpdate::read).collect()
    }
}

/// A validator whose power a block changed. What comes two blocks later is signed accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValidatorUpdate {
    /// Its ed25519 key.
    pub pub_key: [u8; 32],
    /// Its power from then on; 0 = it is none any more.
    pub power: u32,
}

impl ValidatorUpdate {
    pub(crate) fn read((pub_key, power): (Vec<u8>, i64)) -> Result<Self, Fatal> {
        let pub_key = pub_key.try_into().ok();
        let read = pub_key.zip(u32::try_from(power).ok());
        let (pub_key, power) =
            read.ok_or_else(|| Fatal::damaged(tree::VALIDATORS, "a key or a power is none"))?;
        Ok(Self { pub_key, power })
    }
}

/// Keeps a transaction's result, or what the ledger did by itself, and notes that the block changed the state.
pub(crate) fn record(
    ledger: &mut Ledger<'_>,
    block: &BlockContext,
    tx: Option<(&VerifiedTx, u32, &Executed)>,
    events: &[Emitted],
) -> Result<(), Fatal> {
    let height = block.signed_height()?;
    let mut change = ledger.last_change()?;
    if change.height != height {
        change = LastChange { height, timestamp: block.time, events: 0 };
    }
    for emitted in events {
        let cause = tx.map(|(tx, ..)| tx.hash());
        keep_event(ledger, (block.height, change.events), emitted, cause)?;
        change.events = change.events.saturating_add(1);
    }
    ledger.put_last_change(&change);
    if let Some((tx, index, executed)) = tx {
        let kept = TxRecord {
            height,
            index,
            timestamp: block.time,
            code: executed.code,
            codespace: executed.codespace.clone(),
            log: executed.log.clone(),
            data: executed.data.clone(),
            events: events.iter().map(Emitted::to_record).collect(),
            tx: tx.bytes().to_vec(),
        };
        ledger.state.put_side(side::tx(tx.hash()), kept.encode_to_vec());
    }
    Ok(())
}

fn keep_event(
    ledger: &mut Ledger<'_>,
    (height, n): (u64, u32),
    emitted: &Emitted,
    cause: Option<TxHash>,
) -> Result<(), Fatal> {
    let tx_hash = cause.map(|hash| hash.0.to_vec()).unwrap_or_default();
    let record = EventRecord { tx_hash, ..emitted.to_record() };
    ledger.state.put_side(side::event(height, n), record.encode_to_vec());
    if let Some(text) = emitted.event.ticket_id() {
        let id = TicketId::parse(text).map_err(|error| Fatal::Broken(format!("an event of {error}")))?;
        ledger.state.put_side(side::ticket_event(id, height, n), Vec::new());
    }
    Ok(())
}
