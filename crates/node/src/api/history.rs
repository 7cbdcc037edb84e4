//! What has happened, as pages, for the surfaces beside gRPC.

use tonic::Status;

use super::Api;
use crate::feed::{self, Cursor, EventPage, Filter};
use crate::http::source::Source;

impl Api {
    /// The events after a cursor.
    ///
    /// # Errors
    /// A status where the node's history begins later, where the ledger has not come so far, or where the node is too busy, or cannot be read.
    pub(crate) async fn events_after(
        &self,
        source: Source,
        after: Cursor,
        filter: Filter,
    ) -> Result<EventPage, Status> {
        self.reached(after).await?;
        self.read(source, move |machine, tip| feed::read(machine, &tip.snapshot, after, &filter)).await
    }

    /// Behind everything that has happened.
    pub(crate) fn newest(&self) -> Cursor {
        Cursor::after_block(self.ledger().tip().height)
    }
}
