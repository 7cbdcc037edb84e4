//! The beginning of a block: tickets whose time has come close by themselves.

use sealdesk_protocol::events::{Emitted, Event};
use sealdesk_protocol::limits::DUE_TICKETS_PER_BLOCK_MAX;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::virtengine::support::v1::EventTicketClosed;
use sealdesk_store::State;

use crate::admission::time_follows;
use crate::errors::Fatal;
use crate::finish::record;
use crate::machine::{BlockContext, Machine};
use crate::messages::close;
use crate::state::Ledger;

/// Who closed a ticket that closed by itself.
const AUTO: &str = "auto";

impl Machine {
    /// Does what has fallen due, before the block's transactions: at most [`DUE_TICKETS_PER_BLOCK_MAX`] tickets close, the
    /// longest due first; the rest wait for the next block.
    ///
    /// # Errors
    /// [`Fatal`] where the block cannot follow the last one, the store fails or a record is damaged.
    pub fn begin(&self, state: &mut State, block: &BlockContext) -> Result<Vec<Emitted>, Fatal> {
        let mut ledger = Ledger::new(state, self.prefix());
        check_order(&ledger, block)?;
        let mut emitted = Vec::new();
        for id in ledger.due_before(block.time, DUE_TICKETS_PER_BLOCK_MAX)? {
            let entry = ledger.ticket(id)?.filter(|entry| entry.ticket.status == Status::Resolved);
            let entry = entry.ok_or_else(|| {
                Fatal::Broken(format!("a ticket is in the due queue just while it is resolved: {id}"))
            })?;
            close(&mut ledger, &entry, block.time)?;
            let event = Event::TicketClosed(EventTicketClosed {
                ticket_id: id.to_string(),
                closed_by: AUTO.to_owned(),
                reason: "resolved".to_owned(),
                block_height: block.signed_height()?,
                timestamp: block.time,
            });
            emitted.push(Emitted { event, action: String::new(), sender: String::new() });
        }
        if !emitted.is_empty() {
            record(&mut ledger, block, None, &emitted)?;
        }
        Ok(emitted)
    }
}

/// Heights grow, and times do not go back.
fn check_order(ledger: &Ledger<'_>, block: &BlockContext) -> Result<(), Fatal> {
    let last = ledger.last_change()?;
    let height = block.signed_height()?;
    if height > last.height && time_follows(block.time, last.timestamp) {
        return Ok(());
    }
    Err(Fatal::BlockOrder {
        height: block.height,
        time: block.time,
        last_height: u64::try_from(last.height).unwrap_or(0),
        last_time: last.timestamp,
    })
}
