//! `MsgRespondToTicket`: a response, or a note that the customer cannot open; and what the same transaction says of the ticket after it.

use rand_core::TryCryptoRng;
use sealdesk_envelope::content::MessageContent;
use sealdesk_protocol::attachment::{Attachment, attachments_to_wire};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::support::v1::MsgRespondToTicket;

use super::Act;
use crate::actor::Actor;
use crate::compose::{ComposeError, Content, Facts, ProviderReads, TxBuilder};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// A response to write.
pub struct NewResponse {
    /// What only the readers see.
    pub content: MessageContent,
    /// A note among staff.
    pub internal: bool,
    /// Whether the ticket's provider shall read it; never a note.
    pub provider: ProviderReads,
    /// Its files, which the node has already; the content describes each.
    pub attachments: Vec<Attachment>,
}

impl NewResponse {
    /// A response of one text.
    pub fn new(message: &str) -> Self {
        Self {
            content: MessageContent::new(message),
            internal: false,
            provider: ProviderReads::No,
            attachments: Vec::new(),
        }
    }

    /// Adds a file that the node has.
    pub fn attach(&mut self, file: crate::files::Attached) {
        self.content.attachments.push(file.entry);
        self.attachments.push(file.attachment);
    }

    /// A note of one text.
    pub fn note(message: &str) -> Self {
        Self { internal: true, ..Self::new(message) }
    }

    pub(super) fn kind(&self) -> Kind {
        if self.internal { Kind::Note } else { Kind::Response }
    }
}

/// What a response says of its ticket beside its words. Both happen, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then<'a> {
    /// Nothing: the ledger's table says where a response leads.
    Nothing,
    /// It waits for its customer.
    AwaitCustomer,
    /// It is resolved. The resolution is public, at most 128 bytes, and may be empty.
    Resolve(&'a str),
}

/// Puts the message of a response into a transaction, sealed for its place there.
///
/// # Errors
/// [`ComposeError`].
pub fn respond_to_ticket<R: TryCryptoRng + ?Sized>(
    builder: &mut TxBuilder,
    id: TicketId,
    response: &NewResponse,
    facts: &Facts,
    rng: &mut R,
) -> std::result::Result<(), ComposeError> {
    let readers = facts.readers(builder, response.kind())?;
    let context = builder.context(response.kind(), Some(id));
    let mut sealed = response.content.clone();
    (sealed.seen, sealed.ticket) = (Some(facts.seen.clone()), facts.ticket.map(hex::encode));
    let plaintext = sealed.to_bytes()?;
    let content = Content { context: &context, plaintext: &plaintext, readers: &readers };
    let envelope = builder.seal(&content, &facts.params, rng)?;
    builder.push(&MsgRespondToTicket {
        responder: builder.sender().to_string(),
        ticket_id: id.to_string(),
        encrypted_payload: Some(envelope),
        internal: response.internal,
        attachments: attachments_to_wire(&response.attachments),
    });
    Ok(())
}

impl<T: Transport> Desk<T> {
    /// Writes a response or a note. [`Outcome::response_index`] is its place.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn respond(&self, actor: &Actor, ticket: TicketId, response: &NewResponse) -> Result<Outcome> {
        self.respond_then(actor, ticket, response, Then::Nothing).await
    }

    /// As [`Desk::respond`], and in the same transaction what follows of it. The outcome is proven where both are.
    ///
    /// # Errors
    /// [`crate::Error`]; the ledger's refusal of either is one of both.
    pub async fn respond_then(
        &self,
        actor: &Actor,
        ticket: TicketId,
        response: &NewResponse,
        then: Then<'_>,
    ) -> Result<Outcome> {
        let mut acts = vec![Act::Respond(response)];
        match then {
            Then::Nothing => {}
            Then::Resolve(resolution) => acts.push(Act::Resolve(resolution)),
            Then::AwaitCustomer => acts.push(Act::AwaitCustomer),
        }
        self.act(actor, ticket, &acts).await
    }
}
