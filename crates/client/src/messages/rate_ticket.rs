//! `MsgRateTicket`: what a ticket's customer says of its resolution.

use rand_core::TryCryptoRng;
use sealdesk_envelope::content::MessageContent;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1::MsgRateTicket;

use crate::actor::Actor;
use crate::compose::{ComposeError, Content, Facts, ProviderReads, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// Seals a comment for its place in a transaction.
fn seal<R: TryCryptoRng + ?Sized>(
    builder: &TxBuilder,
    id: TicketId,
    comment: &str,
    facts: &Facts,
    rng: &mut R,
) -> std::result::Result<MultiRecipientEnvelope, ComposeError> {
    let readers = facts.readers(builder, Kind::Rating)?;
    let context = builder.context(Kind::Rating, Some(id));
    let mut content = MessageContent::new(comment);
    (content.seen, content.ticket) = (Some(facts.seen.clone()), facts.ticket.map(hex::encode));
    let plaintext = content.to_bytes()?;
    let content = Content { context: &context, plaintext: &plaintext, readers: &readers };
    builder.seal(&content, &facts.params, rng)
}

impl<T: Transport> Desk<T> {
    /// Says how well a ticket was resolved, from 1 to 5, once for each resolution. The score is public; the comment is sealed for the readers
    /// of an answer.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn rate(
        &self,
        actor: &Actor,
        ticket: TicketId,
        score: u32,
        comment: Option<&str>,
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            let encrypted_payload = match comment {
                None => None,
                Some(comment) => {
                    let facts = self.ticket_facts(&builder, actor, ticket, &ProviderReads::No).await?;
                    let sealed = seal(&builder, ticket, comment, &facts, &mut getrandom::SysRng)?;
                    self.name_new_readers(&mut builder, &facts.audience, Kind::Rating, Some(ticket));
                    Some(sealed)
                }
            };
            builder.push(&MsgRateTicket {
                customer: builder.sender().to_string(),
                ticket_id: ticket.to_string(),
                score,
                encrypted_payload,
            });
            Ok(builder)
        })
        .await
    }
}
