//! The keys in a person's own name: those that their phrase made, and any other, which reads what is sealed for them.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use super::Desk;
use crate::actor::Actor;
use crate::compose::{ComposeError, Person};
use crate::error::Result;
use crate::node::Transport;

/// A key that the directory lists for the person who asks, and that is sealed to: active, and signed by their account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKeyRecord {
    /// Which key.
    pub fingerprint: Fingerprint,
    /// When it was registered, in Unix seconds.
    pub registered_at: i64,
    /// Whether this person's phrase made it. Any other was made by somebody who can sign as them.
    pub is_of_phrase: bool,
}

impl<T: Transport> Desk<T> {
    /// The active keys in somebody's own name, proven, the oldest first.
    ///
    /// # Errors
    /// [`crate::Error::Node`] and [`crate::Error::Verify`].
    pub async fn own_keys(&self, actor: &Actor) -> Result<Vec<OwnKeyRecord>> {
        let address = self.address_of(actor);
        let listed = self.keys(&address).await?;
        self.active_own_keys(actor, &address, &listed)
    }

    /// Leaves a line for each of the sender's own active keys that their phrase did not make: they read what is sealed now.
    pub(super) fn name_foreign_keys(
        &self,
        actor: &Actor,
        sender: &Address,
        listed: &[RecipientKeyRecord],
    ) -> Result<()> {
        let own = self.active_own_keys(actor, sender, listed)?;
        for OwnKeyRecord { fingerprint, .. } in own.iter().filter(|key| !key.is_of_phrase) {
            self.note(format!(
                "your key {fingerprint} was not made by this phrase, and reads what you write"
            ));
        }
        Ok(())
    }

    fn active_own_keys(
        &self,
        actor: &Actor,
        address: &Address,
        listed: &[RecipientKeyRecord],
    ) -> Result<Vec<OwnKeyRecord>> {
        let made = actor.registered(listed).map_err(ComposeError::from)?;
        let key = |(place, record): (usize, &RecipientKeyRecord)| {
            let person = Person::verified(&self.chain, address, std::slice::from_ref(record));
            let fingerprint = person.active_keys().first()?.fingerprint();
            let is_of_phrase = made.iter().any(|(_, own)| *own == place);
            Some(OwnKeyRecord { fingerprint, registered_at: record.registered_at, is_of_phrase })
        };
        Ok(listed.iter().enumerate().filter_map(key).collect())
    }
}
