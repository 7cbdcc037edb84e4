//! `MsgSetAccountState`: an account is suspended, restored or ended.

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgSetAccountState;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Suspends, restores or ends an account; ending is final. The reason is public, at most 128 bytes.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn set_account_state(
        &self,
        author: impl Into<Author<'_>>,
        address: &Address,
        state: AccountState,
        reason: &str,
    ) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgSetAccountState {
                sender: builder.sender().to_string(),
                address: address.to_string(),
                state: state.name().to_owned(),
                reason: reason.to_owned(),
            })
        })
        .await
    }
}
