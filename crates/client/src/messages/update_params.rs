//! `MsgUpdateParams`: the limits of the desk.

use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::support::v1::MsgUpdateParams;

use crate::actor::Author;
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Sets all parameters at once, valid from the next block.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn update_params(&self, author: impl Into<Author<'_>>, params: &Params) -> Result<Outcome> {
        self.send_plain(author.into(), Registering::IfNeeded, &|builder| {
            builder.push(&MsgUpdateParams {
                authority: builder.sender().to_string(),
                params: Some(params.to_wire()),
            })
        })
        .await
    }
}
