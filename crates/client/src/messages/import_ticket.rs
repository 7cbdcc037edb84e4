//! `MsgImportTicket`: an administrator tells the history of a ticket from another system.

use prost::Message as _;
use rand_core::TryCryptoRng;
use sealdesk_envelope::content::{ImportedFrom, MessageContent, TicketContent};
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::import::{ImportSource, response_index_in_context};
use sealdesk_protocol::limits::TX_BYTES_MAX;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::support::v1::{self as wire, MsgImportTicket};

use crate::actor::Actor;
use crate::compose::{ComposeError, Content, Facts, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// Most bytes of an import's message. What a transaction has beside it, with a key that is registered first, has room.
const IMPORT_BYTES_MAX: usize = TX_BYTES_MAX - 4_096;
/// What a field has beside its bytes: its number, and a length of up to three.
const FIELD_BYTES_MAX: usize = 4;

/// A ticket from another system. What it says, and who said it when, is sealed; the rest is public. Not printable, like a message that was
/// read.
pub struct NewImport {
    /// Where it came from. Public.
    pub source: ImportSource,
    /// Whose it is. They need no key yet: an administrator lets them in once they have one.
    pub customer: Address,
    /// One of the desk's categories.
    pub category: String,
    /// `None` = normal.
    pub priority: Option<Priority>,
    /// Whether it is over.
    pub closed: bool,
    /// What it began with.
    pub content: TicketContent,
    /// Who wrote that, and when, as the other system has it.
    pub told: ImportedFrom,
    /// What was said then, in order.
    pub responses: Vec<ImportedText>,
}

impl NewImport {
    /// Takes the responses from one on off this history, as a ticket of its own that goes on from it: the `part`th, of an id of its own,
    /// which [`names_part`] knows. Whoever imports from a system has to refuse such ids of its tickets.
    ///
    /// # Errors
    /// [`ComposeError::ImportPart`] where the id has no room for the part.
    pub fn split_off(&mut self, at: usize, part: usize) -> std::result::Result<Self, ComposeError> {
        let (system, id) = (self.source.system(), self.source.id());
        let id = whole_id(id);
        let source =
            ImportSource::parse(system, &format!("{id}{PART}{part}")).map_err(ComposeError::ImportPart)?;
        let subject = self.content.subject.clone();
        let description = format!("The history of {system} {id} continues here: part {part}.");
        Ok(Self {
            source,
            customer: self.customer.clone(),
            category: self.category.clone(),
            priority: self.priority,
            closed: self.closed,
            content: TicketContent::new(subject, description),
            told: self.told.clone(),
            responses: self.responses.split_off(at.min(self.responses.len())),
        })
    }
}

/// What stands between the id of a ticket and the number of its part. An id like `2024/2` is a ticket of its own in many systems.
const PART: &str = "#sealdesk-part-";

/// Whether this id of another system's ticket is one that [`NewImport::split_off`] gives to parts.
pub fn names_part(id: &str) -> bool {
    whole_id(id).len() < id.len()
}

/// The id without the number of a part.
fn whole_id(id: &str) -> &str {
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    id.rsplit_once(PART)
        .filter(|(whole, number)| !whole.is_empty() && is_number(number))
        .map_or(id, |(whole, _)| whole)
}

/// One text of an imported history.
pub struct ImportedText {
    /// The text.
    pub message: String,
    /// A note that the customer cannot open.
    pub internal: bool,
    /// Who wrote it, and when, as the other system has it.
    pub told: ImportedFrom,
}

/// What became of an import.
#[derive(Debug)]
pub enum Import {
    /// It is this ticket now.
    Done(Box<Outcome>),
    /// It was imported before, as this ticket.
    Known(TicketId),
}

/// Puts the message of an import into a transaction, each text sealed for its place there.
///
/// # Errors
/// [`ComposeError`].
pub fn import_ticket<R: TryCryptoRng + ?Sized>(
    builder: &mut TxBuilder,
    import: &NewImport,
    facts: &Facts,
    rng: &mut R,
) -> std::result::Result<(), ComposeError> {
    let readers = facts.readers(builder, Kind::Ticket)?;
    let context = builder.context(Kind::Ticket, None);
    let mut first = import.content.clone();
    first.seen = Some(facts.seen.clone());
    let customer = Some(import.customer.to_string());
    first.imported = Some(ImportedFrom { customer, ..import.told.clone() });
    let plaintext = first.to_bytes()?;
    let content = Content { context: &context, plaintext: &plaintext, readers: &readers };
    let envelope = builder.seal(&content, &facts.params, rng)?;
    // Texts name the ticket that they belong to, as answers do.
    let ticket =
        Envelope::from_wire(&envelope, EnvelopeLimits::WIDEST).map(|it| it.digests(&context).envelope);
    let ticket = ticket.ok().map(hex::encode);
    let of_notes = facts.readers(builder, Kind::Note)?;
    let mut responses = Vec::with_capacity(import.responses.len());
    for (k, text) in (0..).zip(&import.responses) {
        let (kind, readers) =
            if text.internal { (Kind::Note, &of_notes) } else { (Kind::Response, &readers) };
        let index = response_index_in_context(context.index, k);
        let context = Context { kind, index, ..context.clone() };
        let mut sealed = MessageContent::new(text.message.as_str());
        (sealed.seen, sealed.ticket) = (Some(facts.seen.clone()), ticket.clone());
        sealed.imported = Some(text.told.clone());
        let plaintext = sealed.to_bytes()?;
        let content = Content { context: &context, plaintext: &plaintext, readers };
        let encrypted_payload = Some(builder.seal(&content, &facts.params, rng)?);
        responses.push(wire::ImportedResponse { internal: text.internal, encrypted_payload });
    }
    let message = MsgImportTicket {
        sender: builder.sender().to_string(),
        customer: import.customer.to_string(),
        category: import.category.clone(),
        priority: import.priority.map_or_else(String::new, |priority| priority.name().to_owned()),
        status: if import.closed { "closed" } else { "open" }.to_owned(),
        source: import.source.system().to_owned(),
        source_id: import.source.id().to_owned(),
        encrypted_payload: Some(envelope),
        responses,
    };
    check_length(&message)?;
    builder.push(&message);
    Ok(())
}

/// Each response is sealed for everyone, so that a long history has more bytes than a transaction may have.
fn check_length(message: &MsgImportTicket) -> std::result::Result<(), ComposeError> {
    let (actual, responses) = (message.encoded_len(), message.responses.len());
    if actual <= IMPORT_BYTES_MAX {
        return Ok(());
    }
    let of_one = |response: &wire::ImportedResponse| response.encoded_len().saturating_add(FIELD_BYTES_MAX);
    let of_all = message.responses.iter().map(of_one).fold(0, usize::saturating_add);
    let mut room = IMPORT_BYTES_MAX.saturating_sub(actual.saturating_sub(of_all));
    let fits = message.responses.iter().take_while(|response| {
        let left = room.checked_sub(of_one(response));
        room = left.unwrap_or_default();
        left.is_some()
    });
    let fit = fits.count();
    Err(ComposeError::ImportTooLarge { responses, actual, max: IMPORT_BYTES_MAX, fit })
}

impl<T: Transport> Desk<T> {
    /// The ticket that came from this place, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    async fn imported(&self, source: &ImportSource) -> Result<Option<TicketId>> {
        let key = tree::import(source);
        Ok(self.records(vec![key]).await?.imported(source)?)
    }

    /// How many of a ticket's responses came with its import, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn responses_imported(&self, id: TicketId) -> Result<usize> {
        let imported = self.ticket(id).await?.imported;
        Ok(imported.map_or(0, |imported| usize::try_from(imported.responses).unwrap_or(usize::MAX)))
    }

    /// Imports a ticket; one that is here already is left as it is, so that this can be repeated.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn import_ticket(&self, actor: &Actor, import: &NewImport) -> Result<Import> {
        if let Some(known) = self.imported(&import.source).await? {
            return Ok(Import::Known(known));
        }
        let sent = self.send(actor, Registering::IfNeeded, |mut builder| async move {
            let facts = self.audience_of_import(&builder, &import.customer).await?;
            import_ticket(&mut builder, import, &facts, &mut getrandom::SysRng)?;
            self.name_readers_of_import(&mut builder, &facts.audience);
            Ok(builder)
        });
        Ok(Import::Done(Box::new(sent.await?)))
    }
}
