//! What is kept for queries, outside of the tree: the result of each transaction, every event in its order, and which block
//! changed the state last.

use prost::Message as _;
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, LastChange, TxRecord};

use crate::errors::Fatal;
use crate::machine::{BlockContext, Executed};
use crate::state::StateView;

/// Keeps the result and the events of a transaction that used up its sequences; `index` is its place in the block.
pub(crate) fn record_tx(
    view: &mut StateView<'_>,
    block: &BlockContext,
    tx: &VerifiedTx,
    index: u32,
    executed: &Executed,
) -> Result<(), Fatal> {
    record_events(view, block, Some(tx.hash()), &executed.events)?;
    let record = TxRecord {
        height: block.signed_height()?,
        index,
        timestamp: block.time,
        code: executed.code,
        codespace: executed.codespace.clone(),
        log: executed.log.clone(),
        data: executed.data.clone(),
        events: executed.events.iter().map(Emitted::to_record).collect(),
        tx: tx.bytes().to_vec(),
    };
    view.state.put_side(side::tx(tx.hash()), record.encode_to_vec());
    Ok(())
}

/// Keeps events, and notes that the block changed the state. `cause` is `None` for what the ledger does by itself.
pub(crate) fn record_events(
    view: &mut StateView<'_>,
    block: &BlockContext,
    cause: Option<TxHash>,
    events: &[Emitted],
) -> Result<(), Fatal> {
    let height = block.signed_height()?;
    let mut change = view.last_change()?;
    if change.height != height {
        change = LastChange { height, timestamp: block.time, events: 0 };
    }
    for emitted in events {
        let tx_hash = cause.map(|hash| hash.0.to_vec()).unwrap_or_default();
        let record = EventRecord { tx_hash, ..emitted.to_record() };
        view.state.put_side(side::event(block.height, change.events), record.encode_to_vec());
        if let Some(text) = emitted.event.ticket_id() {
            let id = TicketId::parse(text).map_err(|error| Fatal::Broken(format!("an event of {error}")))?;
            view.state.put_side(side::ticket_event(id, block.height, change.events), Vec::new());
        }
        change.events = change.events.saturating_add(1);
    }
    view.put_last_change(&change);
    Ok(())
}
