//! What has happened, as pages, for the surfaces beside gRPC.

use sealdesk_protocol::wire::virtengine::support::v1::QueryTicketRequest;
use tonic::Status;

use super::Api;
use crate::feed::{self, Cursor, EventPage, Filter};
use crate::http::source::Source;

impl Api {
    /// The events after a cursor, at most so many.
    ///
    /// # Errors
    /// A status where the node's history begins later, where the ledger has not come so far, where the ticket does not exist, or where the node is
    /// too busy, or cannot be read.
    pub(crate) async fn events_after(
        &self,
        source: Source,
        after: Cursor,
        filter: Filter,
        most: usize,
    ) -> Result<EventPage, Status> {
        self.reached(after).await?;
        let page = self.read(source, move |machine, tip| {
            let page = feed::read_to_tip(machine, tip, after, &filter)?;
            // "Nothing has happened to it" is no answer about a ticket that does not exist.
            if let (true, Some(ticket)) = (page.events.is_empty(), filter.ticket) {
                machine.ticket(&tip.snapshot, &QueryTicketRequest { ticket_id: ticket.to_string() })?;
            }
            Ok(page)
        });
        Ok(cut(page.await?, most))
    }

    /// Behind everything that has happened.
    pub(crate) fn newest(&self) -> Cursor {
        Cursor::after_block(self.ledger().tip().height)
    }
}

/// A page that ends behind so many events.
fn cut(mut page: EventPage, most: usize) -> EventPage {
    let last = most.checked_sub(1).and_then(|last| page.events.get(last));
    let end = last.and_then(|last| Cursor::decode(&last.cursor)).filter(|_| page.events.len() > most);
    if let Some(end) = end {
        page.events.truncate(most);
        (page.end, page.more) = (end, true);
    }
    page
}
