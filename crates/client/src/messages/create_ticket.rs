//! `MsgCreateTicket`: a customer writes a ticket.

use rand_core::TryCryptoRng;
use sealdesk_envelope::content::TicketContent;
use sealdesk_protocol::attachment::{Attachment, attachments_to_wire};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgCreateTicket, ResourceReference};

use crate::actor::Actor;
use crate::compose::{ComposeError, Content, Facts, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// A ticket to write. Only `content` is sealed; everything else is public. Not printable, like a message that was read:
///
/// ```compile_fail
/// fn print(ticket: &sealdesk_client::messages::NewTicket) { format!("{ticket:?}"); }
/// ```
pub struct NewTicket {
    /// What only the readers see.
    pub content: TicketContent,
    /// One of the desk's categories.
    pub category: String,
    /// `None` = normal.
    pub priority: Option<Priority>,
    /// The provider it concerns.
    pub provider: Option<Address>,
    /// Whether the provider, if they have a key, shall read the ticket and its responses.
    pub provider_reads: bool,
    /// What it is about: a type and an id.
    pub resource: Option<ResourceReference>,
    /// Its files, which the node has already; the content describes each.
    pub attachments: Vec<Attachment>,
}

impl NewTicket {
    /// A ticket of a category, a subject and a description, and nothing else.
    pub fn new(category: &str, subject: &str, description: &str) -> Self {
        Self {
            content: TicketContent::new(subject, description),
            category: category.to_owned(),
            priority: None,
            provider: None,
            provider_reads: false,
            resource: None,
            attachments: Vec::new(),
        }
    }

    /// Adds a file that the node has.
    pub fn attach(&mut self, file: crate::files::Attached) {
        self.content.attachments.push(file.entry);
        self.attachments.push(file.attachment);
    }
}

/// Puts the message of a new ticket into a transaction, sealed for its place there.
///
/// # Errors
/// [`ComposeError`].
pub fn create_ticket<R: TryCryptoRng + ?Sized>(
    builder: &mut TxBuilder,
    ticket: &NewTicket,
    facts: &Facts,
    rng: &mut R,
) -> std::result::Result<(), ComposeError> {
    let readers = facts.readers(builder, Kind::Ticket)?;
    let context = builder.context(Kind::Ticket, None);
    let mut sealed = ticket.content.clone();
    sealed.seen = Some(facts.seen.clone());
    sealed.provider = ticket.provider.as_ref().filter(|_| ticket.provider_reads).map(Address::to_string);
    let plaintext = sealed.to_bytes()?;
    let content = Content { context: &context, plaintext: &plaintext, readers: &readers };
    let envelope = builder.seal(&content, &facts.params, rng)?;
    builder.push(&MsgCreateTicket {
        customer: builder.sender().to_string(),
        category: ticket.category.clone(),
        priority: ticket.priority.map_or_else(String::new, |priority| priority.name().to_owned()),
        provider_address: ticket.provider.as_ref().map_or_else(String::new, Address::to_string),
        resource_ref: ticket.resource.clone(),
        encrypted_payload: Some(envelope),
        attachments: attachments_to_wire(&ticket.attachments),
    });
    Ok(())
}

impl<T: Transport> Desk<T> {
    /// Writes a ticket. [`Outcome::ticket_id`] is its id.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn create_ticket(&self, actor: &Actor, ticket: &NewTicket) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            let provider = ticket.provider.as_ref().filter(|_| ticket.provider_reads);
            let facts = self.audience_of_new(&builder, provider).await?;
            create_ticket(&mut builder, ticket, &facts, &mut getrandom::SysRng)?;
            self.name_new_readers(&mut builder, &facts.audience, Kind::Ticket, None);
            Ok(builder)
        })
        .await
    }
}
