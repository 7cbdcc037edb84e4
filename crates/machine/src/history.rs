//! What is kept for queries, outside of the tree: the result of each transaction, every event in its order, and which block
//! changed the state last.

use prost::Message as _;
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::{TxHash, VerifiedTx};
use sealdesk_protocol::tx_index::{encode_terms, terms};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, LastChange, TxRecord};

use crate::errors::Fatal;
use crate::machine::{BlockContext, Executed};
use crate::state::StateView;
use crate::tx_index;

/// Longest log that is kept of a refused transaction, in bytes.
const LOG_BYTES_MAX: usize = 2_048;

/// Keeps the result and the events of a transaction that used up its sequences; `index` is its place in the block. Of one whose messages
/// were refused, its bytes are not kept: whoever can make the ledger refuse something could otherwise fill every disk with it.
pub(crate) fn record_tx(
    view: &mut StateView<'_>,
    block: &BlockContext,
    tx: &VerifiedTx,
    index: u32,
    executed: &Executed,
) -> Result<(), Fatal> {
    record_events(view, block, Some(tx.hash()), &executed.events)?;
    let refused = executed.code != 0;
    let sender = tx.signers().first().filter(|_| refused).map(|signer| signer.address.to_string());
    let record = TxRecord {
        height: block.signed_height()?,
        index,
        timestamp: block.time,
        code: executed.code,
        codespace: executed.codespace.clone(),
        log: bounded(&executed.log),
        data: executed.data.clone(),
        events: executed.events.iter().map(Emitted::to_record).collect(),
        tx: if refused { Vec::new() } else { tx.bytes().to_vec() },
        sender: sender.unwrap_or_default(),
        terms: encode_terms(&terms(tx, &executed.events)),
    };
    view.state.put_side(side::tx(tx.hash()), record.encode_to_vec());
    tx_index::put(view.state, tx.hash(), &record)?;
    Ok(())
}

/// A log of bounded length: the beginning of a longer one, and an ellipsis.
fn bounded(log: &str) -> String {
    if log.len() <= LOG_BYTES_MAX {
        return log.to_owned();
    }
    let room = LOG_BYTES_MAX - '…'.len_utf8();
    let kept = log.char_indices().take_while(|(at, c)| at + c.len_utf8() <= room);
    kept.map(|(_, c)| c).chain(['…']).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_kept_to_its_bound_and_ends_with_a_whole_character() {
        let short = "message 0: no".to_owned();
        assert_eq!(bounded(&short), short);
        let exact = "é".repeat(LOG_BYTES_MAX / 2);
        assert_eq!(bounded(&exact), exact);
        let kept = bounded(&(exact + "é"));
        assert!(kept.len() <= LOG_BYTES_MAX && kept.len() > LOG_BYTES_MAX - 4 && kept.ends_with("é…"));
    }
}
