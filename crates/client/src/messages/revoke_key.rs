//! `MsgRevokeRecipientKey`: nothing more is sealed to a key.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRevokeRecipientKey;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Takes a key out of use: nothing more is sealed to it, and what was can still be read with it. Revoking the only own key
    /// is possible; the next transaction registers another.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn revoke_key(
        &self,
        author: impl Into<Author<'_>>,
        fingerprint: &Fingerprint,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::Never, &|builder| {
            builder.push(&MsgRevokeRecipientKey {
                sender: builder.sender().to_string(),
                key_fingerprint: fingerprint.to_string(),
                owner: String::new(),
            })
        })
        .await
    }

    /// Takes a key of somebody out of use who is or was staff, and nobody else's of that fingerprint. Administrators can.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn revoke_key_of(
        &self,
        author: impl Into<Author<'_>>,
        owner: &Address,
        fingerprint: &Fingerprint,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::Never, &|builder| {
            builder.push(&MsgRevokeRecipientKey {
                sender: builder.sender().to_string(),
                key_fingerprint: fingerprint.to_string(),
                owner: owner.to_string(),
            })
        })
        .await
    }
}
