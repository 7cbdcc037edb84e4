//! `MsgAssignRole`: an account gets a role; for the role `administrator` it is a member's vote.

use sealdesk_protocol::appointment::Appointee;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgAssignRole;

use crate::actor::Actor;
use crate::desk::{Desk, Registering};
use crate::documents::StaffChange;
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// Gives an account a role. For an administrator it is a vote, which may not decide yet: [`Outcome::vote`]. An agent and a
    /// gateway are appointed by the actor's signature. Whoever joins the staff is let into its documents; a note says where that failed.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn assign_role(
        &self,
        actor: &Actor,
        address: &Address,
        role: AssignableRole,
    ) -> Result<Outcome> {
        let sent = self.send_with(actor, Registering::IfNeeded, |mut builder| async move {
            let mut message = MsgAssignRole {
                sender: builder.sender().to_string(),
                address: address.to_string(),
                role: role.name().to_owned(),
                ..MsgAssignRole::default()
            };
            if role == AssignableRole::Administrator {
                let vote = self.vote(actor, &Change::Add(address.clone())).await?;
                (message.made, message.change) = (vote.vote.made, vote.change);
                message.account_pub_key = vote.vote.account_pub_key.to_vec();
                message.account_signature = vote.vote.signature.to_vec();
            }
            if role.is_appointed() {
                let signed = self.appointment(actor, Appointee { role, account: address }).await?;
                message.made = signed.made;
                message.account_pub_key = signed.account_pub_key.to_vec();
                message.account_signature = signed.signature.to_vec();
            }
            builder.push(&message);
            let joins = (role == AssignableRole::SupportAgent).then(|| StaffChange::Joins(address.clone()));
            let renewed = self.renew_beside(actor, &mut builder, joins.as_ref()).await;
            Ok((builder, renewed))
        });
        let (outcome, renewed) = sent.await?;
        if role.is_staff() && !outcome.is_open_vote() {
            self.renew_after(actor, renewed.by(&outcome), address).await;
        }
        Ok(outcome)
    }
}
