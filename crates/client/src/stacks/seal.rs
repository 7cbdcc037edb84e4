//! Writing: tickets, comments and notes, sealed for whom they concern, and keys.

use prost::Message as _;
use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_envelope::{Message, SealError, Signers, seal};
use sealdesk_protocol::envelope::{Context, EnvelopeLimits, Kind, RECIPIENTS_MAX};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::ticket as protocol;
use sealdesk_stacks::contract::{Priority, Request};
use sealdesk_stacks::limits::PAYLOAD_BYTES_MAX;
use sealdesk_stacks::principal::Principal;

use super::Desk;
use super::audience::Audience;
use super::directory::History;
use super::error::{Error, Result};
use super::net::Http;
use super::send::{Approve, CallOutcome, Sender};
use super::to_view::contract_priority;
use crate::actor::{Actor, Pair};
use crate::compose::{CLIENT_ID, ComposeError, OwnKey, Readers};

/// A ticket to write.
pub struct NewTicket {
    /// What only the readers see.
    pub content: TicketContent,
    /// Public: one of the contract's categories.
    pub category: String,
    /// Public.
    pub priority: Priority,
}

impl NewTicket {
    /// A ticket of a category, a priority, a subject and a description.
    pub fn new(category: &str, priority: protocol::Priority, subject: &str, description: &str) -> Self {
        let content = TicketContent::new(subject, description);
        Self { content, category: category.to_owned(), priority: contract_priority(priority) }
    }
}

/// A comment or a note to write.
pub struct NewComment {
    /// In which ticket.
    pub ticket: TicketId,
    /// What only the readers see.
    pub content: MessageContent,
    /// Whether it is a note that the customer shall not open.
    pub internal: bool,
}

impl NewComment {
    /// A comment or a note of one text.
    pub fn new(ticket: TicketId, message: &str, internal: bool) -> Self {
        Self { ticket, content: MessageContent::new(message), internal }
    }
}

/// The sender's own keys, and what has to be called before they count.
pub(super) struct Own {
    pub(super) pair: Pair,
    pub(super) register: Option<Request>,
}

impl Own {
    /// The registration, where there is one, and then the rest.
    pub(super) fn and_then(self, rest: impl IntoIterator<Item = Request>) -> Vec<Request> {
        self.register.into_iter().chain(rest).collect()
    }
}

impl<H: Http> Desk<H> {
    /// Writes a ticket; the number that its call answers is the ticket's. Registers the sender's key before, where it has none.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn create_ticket<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        ticket: &NewTicket,
    ) -> Result<CallOutcome> {
        self.expect_fresh().await?;
        let history = self.history().await?;
        let own = self.own(sender.actor, &history).await?;
        let (mut audience, _) = self.appointed(&history, None).await?;
        if audience.is_empty() {
            let is_withheld = !audience.notes.is_empty();
            return Err(if is_withheld {
                Error::NobodySigned
            } else {
                ComposeError::NoAdministratorCanRead.into()
            });
        }
        self.tell(sender, &mut audience)?;
        let required = with_own(audience.keys(), &own.pair);
        let plaintext = ticket.content.to_bytes().map_err(ComposeError::from)?;
        let context = self.context(sender.actor, Kind::Ticket, None)?;
        let payload = seal_for(&required, &context, &plaintext, &own.pair)?;
        let agreed = audience.agreed(&self.me(sender.actor)?);
        let create =
            Request::CreateTicket { category: ticket.category.clone(), priority: ticket.priority, payload };
        last(self.call_agreed(sender, &own.and_then([create]), agreed).await?)
    }

    /// Writes a comment, or a note that the customer cannot open; the number that its call answers is its index.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn comment<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        comment: &NewComment,
    ) -> Result<CallOutcome> {
        let NewComment { ticket, content, internal } = comment;
        let (ticket, internal) = (*ticket, *internal);
        self.expect_fresh().await?;
        let head = self.ticket(ticket).await?;
        let history = self.history().await?;
        let own = self.own(sender.actor, &history).await?;
        let mut audience = self.audience_of(ticket, &head, internal, &history).await?;
        self.tell(sender, &mut audience)?;
        let kind = if internal { Kind::Note } else { Kind::Response };
        let context = self.context(sender.actor, kind, Some(ticket))?;
        let plaintext = content.to_bytes().map_err(ComposeError::from)?;
        let required = with_own(audience.keys(), &own.pair);
        let payload = seal_for(&required, &context, &plaintext, &own.pair)?;
        let agreed = audience.agreed(&self.me(sender.actor)?);
        let comment = Request::AddComment { ticket: ticket.number(), payload, internal };
        last(self.call_agreed(sender, &own.and_then([comment]), agreed).await?)
    }

    /// Calls one function.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn call_one<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        request: Request,
    ) -> Result<CallOutcome> {
        last(self.call(sender, &[request]).await?)
    }

    /// Registers the next key of the actor's phrase; the number that its call answers is the key's version.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn register_key<A: Approve>(&self, sender: &mut Sender<'_, A>) -> Result<(CallOutcome, Pair)> {
        let me = self.me(sender.actor)?;
        let listed = self.own_records(&me).await?;
        let pair = sender.actor.next_pair(&listed)?;
        let outcome = self.call_one(sender, self.registration(&me, &pair)).await?;
        Ok((outcome, pair))
    }

    /// The newest pair of the actor that counts and is active, else the next one with its registration.
    pub(super) async fn own(&self, actor: &Actor, history: &History) -> Result<Own> {
        let me = self.me(actor)?;
        let person = self.person(&me, history).await?;
        let active: Vec<_> =
            person.keys.iter().filter(|key| key.revoked_at.is_none()).map(|key| key.record()).collect();
        match OwnKey::find(actor, &active)? {
            OwnKey::Registered(pair) => Ok(Own { pair, register: None }),
            OwnKey::New(_) => {
                // A key that was ever listed is refused for ever, so what is looked for is the first that never was.
                let pair = actor.next_pair(&self.own_records(&me).await?)?;
                let register = Some(self.registration(&me, &pair));
                Ok(Own { pair, register })
            }
        }
    }

    /// Everything that is listed for the actor, whether it counts or not.
    async fn own_records(
        &self,
        me: &Principal,
    ) -> Result<Vec<sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord>> {
        use sealdesk_stacks::contract::Question;
        let count = self.node().read(self.contract(), &Question::KeyCount(me.clone())).await?.count()?;
        let mut records = Vec::new();
        for version in 1..=count.min(64) {
            let ask = Question::Key { address: me.clone(), version };
            if let Some(key) = self.node().read(self.contract(), &ask).await?.key()? {
                records.push(sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord {
                    public_key: key.public_key.to_vec(),
                    signing_key: key.signing_key.to_vec(),
                    ..Default::default()
                });
            }
        }
        Ok(records)
    }

    fn registration(&self, me: &Principal, pair: &Pair) -> Request {
        let proof = pair.signing.key_proof(&self.chain_id(), &me.to_string(), pair.encryption.public());
        Request::RegisterKey {
            public_key: *pair.encryption.public().as_bytes(),
            signing_key: *pair.signing.public().as_bytes(),
            proof,
        }
    }

    /// The actor, as the contract names them.
    ///
    /// # Errors
    /// As [`Desk::address_of`].
    pub fn me(&self, actor: &Actor) -> Result<Principal> {
        Ok(self.address_of(actor)?.into())
    }

    /// Says who is left out, and who is new.
    fn tell<A: Approve>(&self, sender: &mut Sender<'_, A>, audience: &mut Audience) -> Result<()> {
        self.name_new_readers(audience, &self.me(sender.actor)?);
        for note in &audience.notes {
            sender.approve.note(note);
        }
        Ok(())
    }

    fn context(&self, actor: &Actor, kind: Kind, ticket: Option<TicketId>) -> Result<Context> {
        Ok(context(self.chain_id(), &self.me(actor)?, kind, ticket))
    }
}

/// The place of an envelope on a contract. Sequence and index are 0: the contract takes no payload of a sender twice.
pub(super) fn context(chain_id: String, sender: &Principal, kind: Kind, ticket: Option<TicketId>) -> Context {
    let ticket = ticket.filter(|_| kind != Kind::Ticket);
    Context {
        chain_id,
        ticket_id: ticket.map(|id| id.to_string()).unwrap_or_default(),
        kind,
        sender: sender.to_string(),
        sequence: 0,
        index: 0,
    }
}

/// The sender reads what they write, also by a key that is only just being registered.
fn with_own(mut required: Vec<Vec<EncryptionKey>>, own: &Pair) -> Vec<Vec<EncryptionKey>> {
    required.push(vec![*own.encryption.public()]);
    required
}

/// Seals for every key where that fits one call, else for everyone's newest.
fn seal_for(
    required: &[Vec<EncryptionKey>],
    context: &Context,
    plaintext: &[u8],
    own: &Pair,
) -> Result<Vec<u8>> {
    let newest: Vec<Vec<EncryptionKey>> =
        required.iter().map(|keys| keys.iter().take(1).copied().collect()).collect();
    match seal_once(required, context, plaintext, own) {
        Err(Error::Compose(ComposeError::Seal(SealError::Envelope(_)))) => {
            seal_once(&newest, context, plaintext, own)
        }
        other => other,
    }
}

fn seal_once(
    required: &[Vec<EncryptionKey>],
    context: &Context,
    plaintext: &[u8],
    own: &Pair,
) -> Result<Vec<u8>> {
    let readers = Readers::within(required, &[], RECIPIENTS_MAX)?;
    let limits = EnvelopeLimits { envelope_bytes_max: PAYLOAD_BYTES_MAX, recipients_max: RECIPIENTS_MAX };
    let message = Message { context, plaintext, readers: readers.keys(), client_id: CLIENT_ID, limits };
    let signers = Signers { signing: &own.signing, account: None };
    let envelope = seal(&message, &signers, &mut getrandom::SysRng).map_err(ComposeError::from)?;
    Ok(envelope.to_wire().encode_to_vec())
}

/// The outcome of the last call; there is one for each request.
pub(super) fn last(outcomes: Vec<CallOutcome>) -> Result<CallOutcome> {
    outcomes.into_iter().next_back().ok_or(Error::Declined)
}
