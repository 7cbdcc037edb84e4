//! Webhooks: the ledger's events, posted to endpoints that the operator names, as [Standard Webhooks] 1.0 has it.
//!
//! What is posted is what everyone may know of an event, in the JSON of REST ([`Message`]), signed ([`signing`]). The operator's commands
//! keep the endpoints in files of the home ([`Webhooks`]); the running node has a task for each (`deliveries`, `worker`), which reads the
//! feed at its own pace, posts in order (`courier`), and tries again (`retry_policy`) until an event has arrived. So every event of the feed
//! arrives at least once, and an endpoint that hangs holds up nobody else. Where it may be posted to is the law of `http::guard`.
//!
//! [Standard Webhooks]: https://www.standardwebhooks.com

mod courier;
mod deliveries;
mod endpoint;
mod log;
mod message;
mod retry_policy;
pub mod signing;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod worker;

use std::time::Duration;

use sealdesk_protocol::ids::ChainId;

pub use courier::{Posted, Refusal};
pub(crate) use deliveries::Deliveries;
pub(crate) use endpoint::Target;
pub use endpoint::{Begin, Endpoint, EndpointError, network};
/// Addresses that begin with the same bits: `10.1.0.0/16`.
pub use ipnet::IpNet as Network;
pub use log::{Attempt, Became};
pub use message::{Message, TEST_TYPE};
pub(crate) use retry_policy::RetryPolicy;
pub use state::{Condition, State};
pub use store::{ENDPOINTS_MAX, GoOn, OVERLAP_HOURS_MAX, Webhook, WebhookError, Webhooks};

impl Webhooks {
    /// Posts a message that tells of nothing to an endpoint, once, from this process. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`WebhookError`] where the endpoint cannot be read. Whether the message arrived is in the answer.
    pub async fn test(&self, id: &str, chain_id: &ChainId, now: i64) -> Result<Posted, WebhookError> {
        let message = Message::test(chain_id, now).map_err(WebhookError::Randomness)?;
        self.post(id, &message, now).await
    }

    async fn post(&self, id: &str, message: &Message, now: i64) -> Result<Posted, WebhookError> {
        let store::Kept { endpoint, secrets, .. } = self.find(id)?;
        let wait: Duration = RetryPolicy::default().wait;
        let mut courier = courier::prepare(endpoint, secrets, wait).await?;
        Ok(courier.post(message, now).await)
    }
}
