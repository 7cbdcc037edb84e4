//! What has happened, as pages, for the surfaces beside gRPC.

use tonic::Status;

use super::Api;
use crate::feed::{self, Cursor, EventPage, Filter};
use crate::http::source::Source;

impl Api {
    /// The events after a cursor, at most so many.
    ///
    /// # Errors
    /// A status where the node's history begins later, where the ledger has not come so far, or where the node is too busy, or cannot be read.
    pub(crate) async fn events_after(
        &self,
        source: Source,
        after: Cursor,
        filter: Filter,
        most: usize,
    ) -> Result<EventPage, Status> {
        self.reached(after).await?;
        let page = self.read(source, move |machine, tip| feed::read_to_tip(machine, tip, after, &filter));
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
