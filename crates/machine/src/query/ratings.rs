//! What customers said of resolutions, counted.

use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::Snapshot;

use crate::errors::QueryError;
use crate::machine::Machine;

impl Machine {
    /// How often each score was given: of an agent's tickets, or of all.
    ///
    /// # Errors
    /// [`QueryError`]: the text is not an address, or the store failed.
    pub fn ratings(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryRatingsRequest,
    ) -> Result<wire::QueryRatingsResponse, QueryError> {
        let agent = match request.agent_address.as_str() {
            "" => None,
            text => Some(self.asked_address(text)?),
        };
        self.reading(snapshot, |view| {
            let counts = Some(view.rating_counts(agent.as_ref())?);
            Ok(wire::QueryRatingsResponse { counts })
        })
    }
}
