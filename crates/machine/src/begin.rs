//! The beginning of a block: tickets whose time has come close by themselves, or come back.

use sealdesk_protocol::events::{Emitted, Event};
use sealdesk_protocol::limits::AUTO_CLOSED_TICKETS_PER_BLOCK_MAX;
use sealdesk_protocol::wire::virtengine::support::v1::{EventTicketClosed, EventTicketDue};
use sealdesk_store::State;

use crate::admission::time_follows;
use crate::errors::Fatal;
use crate::history::record_events;
use crate::machine::{BlockContext, Machine};
use crate::state::{Due, StateView, TicketEntry};

/// Who closed a ticket that closed by itself.
const AUTO: &str = "auto";

impl Machine {
    /// Does what is due, before the block's transactions: of at most [`AUTO_CLOSED_TICKETS_PER_BLOCK_MAX`] tickets,
    /// the longest waiting first; the rest wait for the next block.
    ///
    /// # Errors
    /// [`Fatal`] where the block cannot follow the last one, the store fails or a record is damaged.
    pub fn begin(&self, state: &mut State, block: &BlockContext) -> Result<Vec<Emitted>, Fatal> {
        let mut view = StateView::new(state, self.prefix());
        check_order(&view, block)?;
        let mut emitted = Vec::new();
        for (entry, due) in view.due(block.time, AUTO_CLOSED_TICKETS_PER_BLOCK_MAX)? {
            let event = happen(&mut view, block, &entry, due)?;
            emitted.push(Emitted { event, action: String::new(), sender: String::new() });
        }
        if !emitted.is_empty() {
            record_events(&mut view, block, None, &emitted)?;
        }
        Ok(emitted)
    }
}

/// Does what a ticket waited for.
fn happen(
    view: &mut StateView<'_>,
    block: &BlockContext,
    entry: &TicketEntry,
    due: Due,
) -> Result<Event, Fatal> {
    let (ticket_id, block_height) = (entry.ticket.id.to_string(), block.signed_height()?);
    match due {
        Due::Close => {
            view.close_ticket(entry, block.time)?;
            let (closed_by, reason) = (AUTO.to_owned(), "resolved".to_owned());
            let timestamp = block.time;
            Ok(Event::TicketClosed(EventTicketClosed {
                ticket_id,
                closed_by,
                reason,
                block_height,
                timestamp,
            }))
        }
        // The record keeps the time, so that everyone sees that it is back, and since when.
        Due::ComeBack(_) => {
            view.take_due(entry.ticket.id)?;
            Ok(Event::TicketDue(EventTicketDue { ticket_id, block_height, timestamp: block.time }))
        }
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
