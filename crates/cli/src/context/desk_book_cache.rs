//! Names that the staff's desk book gives people, read in passing.

use std::time::Duration;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use tonic::transport::Channel;

use super::Context;
use crate::failure::Failure;

/// How long what the desk book said is good for, in seconds.
const GOOD_SECONDS: i64 = 3_600;
/// How long a command that is done otherwise waits for it.
const WAIT: Duration = Duration::from_secs(2);

impl Context {
    /// Reads the desk book where this home has not looked for an hour. Names are nice to have: what keeps them away is not said, and
    /// keeps nothing else away.
    pub(super) async fn learn_names(&self, desk: &Desk<Channel>, me: &Actor) {
        let _ = tokio::time::timeout(WAIT, self.look_into_desk_book(desk, me)).await;
    }

    async fn look_into_desk_book(&self, desk: &Desk<Channel>, me: &Actor) -> Result<(), Failure> {
        let (identity, now) = (desk.chain().identity(), desk.now_millis().div_euclid(1_000));
        let mut contacts = self.contacts()?;
        let age = now.saturating_sub(contacts.desk_book_read_at(&identity));
        if self.settings.trust_node || (0..GOOD_SECONDS).contains(&age) {
            return Ok(());
        }
        let standing = desk.standing(&desk.address_of(me)).await?;
        let reads = standing.in_circle || standing.member.role.is_some();
        let entries = if reads { desk.desk_book(me).await?.unwrap_or_default() } else { Vec::new() };
        contacts.keep_desk_book(&identity, &entries, now)?;
        Ok(())
    }
}
