//! Letting go of old history: results and events of blocks that a node does not keep. No record and nothing that a block reads is
//! touched, so the root stays what it is, and so does what comes after.

use std::collections::BTreeSet;

use sealdesk_protocol::events::Event;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{EventRecord, HistoryStart, TxRecord};
use sealdesk_store::{Entry, KeyRange, State, StoreError};

use crate::errors::Fatal;
use crate::machine::Machine;
use crate::query::event_place;
use crate::state::{StateView, decode};
use crate::tx_index;

/// A block whose history goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastBlock {
    /// Its height.
    pub height: u64,
    /// Its transactions.
    pub txs: Vec<TxHash>,
}

impl Machine {
    /// Removes the results and events of the blocks with which the history begins: `blocks` are these, in order and without a gap. The
    /// history begins with the block after them then, as on a node that has its state from another one.
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read, or where the blocks are others.
    pub fn forget(&self, state: &mut State, blocks: &[PastBlock]) -> Result<(), Fatal> {
        let mut view = StateView::new(state, self.prefix());
        let mut start = view.history_start()?.unwrap_or(HistoryStart { from: 1, tickets: 0 });
        for block in blocks {
            let height = i64::try_from(block.height).unwrap_or(i64::MAX);
            if height != start.from {
                return Err(Fatal::damaged(side::HISTORY_START, "the history begins with another block"));
            }
            for ticket in forget_events(&mut view, block.height)? {
                start.tickets = start.tickets.max(ticket.number());
            }
            for hash in &block.txs {
                forget_result(&mut view, *hash, height)?;
            }
            start.from = height.saturating_add(1);
        }
        view.put_history_start(&start);
        Ok(())
    }
}

/// Removes the events of a block, and gives the tickets that they were of: the beginning of their history is missing from now on.
fn forget_events(view: &mut StateView<'_>, height: u64) -> Result<BTreeSet<TicketId>, Fatal> {
    let list = KeyRange::prefix(&[side::EVENTS, &height.to_be_bytes()].concat());
    let events: Vec<Entry> = view.state.scan_side(&list)?.collect::<Result<_, StoreError>>()?;
    let mut tickets = BTreeSet::new();
    for (key, value) in events {
        let (_, n) = event_place(&key)?;
        let record: EventRecord = decode(&key, &value)?;
        let event =
            Event::decode(&record.r#type, &record.value).map_err(|error| Fatal::damaged(&key, error))?;
        if let Some(text) = event.ticket_id() {
            let ticket = TicketId::parse(text).map_err(|error| Fatal::damaged(&key, error))?;
            view.state.delete_side(side::ticket_event(ticket, height, n));
            tickets.insert(ticket);
        }
        view.state.delete_side(key);
    }
    Ok(tickets)
}

/// Removes the result of a transaction, if this is the block that it is of: another block may hold the same bytes, without effect.
fn forget_result(view: &mut StateView<'_>, hash: TxHash, height: i64) -> Result<(), Fatal> {
    let key = side::tx(hash);
    let Some(bytes) = view.state.get_side(&key)? else { return Ok(()) };
    let record: TxRecord = decode(&key, &bytes)?;
    if record.height == height {
        tx_index::remove(view.state, &record)?;
        view.state.delete_side(key);
    }
    Ok(())
}
