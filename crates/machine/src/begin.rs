//! The beginning of a block: tickets whose time has come close by themselves.

use sealdesk_protocol::events::{Emitted, Event};
use sealdesk_protocol::limits::AUTO_CLOSED_TICKETS_PER_BLOCK_MAX;
use sealdesk_protocol::wire::virtengine::support::v1::EventTicketClosed;
use sealdesk_store::State;

use crate::admission::time_follows;
use crate::errors::Fatal;
use crate::history::record_events;
use crate::machine::{BlockContext, Machine};
use crate::state::StateView;

/// Who closed a ticket that closed by itself.
const AUTO: &str = "auto";

impl Machine {
    /// Closes the tickets whose time has come, before the block's transactions: at most [`AUTO_CLOSED_TICKETS_PER_BLOCK_MAX`], the
    /// longest waiting first; the rest wait for the next block.
    ///
    /// # Errors
    /// [`Fatal`] where the block cannot follow the last one, the store fails or a record is damaged.
    pub fn begin(&self, state: &mut State, block: &BlockContext) -> Result<Vec<Emitted>, Fatal> {
        let mut view = StateView::new(state, self.prefix());
        check_order(&view, block)?;
        let mut emitted = Vec::new();
        for entry in view.to_close(block.time, AUTO_CLOSED_TICKETS_PER_BLOCK_MAX)? {
            view.close_ticket(&entry, block.time)?;
            let event = Event::TicketClosed(EventTicketClosed {
                ticket_id: entry.ticket.id.to_string(),
                closed_by: AUTO.to_owned(),
                reason: "resolved".to_owned(),
                block_height: block.signed_height()?,
                timestamp: block.time,
            });
            emitted.push(Emitted { event, action: String::new(), sender: String::new() });
        }
        if !emitted.is_empty() {
            record_events(&mut view, block, None, &emitted)?;
        }
        Ok(emitted)
    }
}

/// Heights grow, and times do not go back.
fn check_order(view: &StateView<'_>, block: &BlockContext) -> Result<(), Fatal> {
    let last = view.last_change()?;
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
