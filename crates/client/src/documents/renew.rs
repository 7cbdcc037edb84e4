//! The staff's documents, sealed anew for those who are the staff by then.
//!
//! Who joins reads them from the transaction on in which they join, and who leaves reads what is written later no more. What one transaction
//! does not hold follows in others.

use sealdesk_envelope::content::DocumentContent;
use sealdesk_protocol::document::{DocumentPlace, Shelf};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::{DOCUMENT_WRITES_PER_HOUR_MAX, HOUR_SECONDS};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::MsgPutDocument;

use super::read::DocumentBody;
use super::staff::Staff;
use crate::actor::Actor;
use crate::compose::{ComposeError, Content, Readers, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// Documents of the staff in one transaction. So many stay within its gas (`sealdesk_protocol::gas`), beside a role and a registration.
pub const STAFF_DOCUMENTS_PER_TRANSACTION_MAX: usize = 4;
/// Bytes of messages that a transaction of documents has at most: what is left is for signatures and memo.
const MESSAGE_BYTES_MAX: usize = 250_000;

/// How the staff is about to change.
#[derive(Debug, Clone)]
pub(crate) enum StaffChange {
    /// Nobody comes or goes.
    None,
    /// Somebody becomes an agent.
    Joins(Address),
    /// Somebody stops being one.
    Leaves(Address),
}

/// What came of sealing the staff's documents anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Those that are sealed for the staff as it is.
    pub done: Vec<DocumentPlace>,
    /// Those of which the node alone says so: the ledger does not prove it.
    pub unproven: Vec<DocumentPlace>,
    /// Those that the writer cannot open, or whose content the node keeps back.
    pub unopened: Vec<DocumentPlace>,
}

impl Renewed {
    /// Those that are not to be tried once more.
    fn tried(&self) -> impl Iterator<Item = &DocumentPlace> {
        self.done.iter().chain(&self.unproven).chain(&self.unopened)
    }

    /// What one transaction did, by what is proven of it.
    #[must_use]
    pub(crate) fn by(self, outcome: &Outcome) -> Self {
        let mut judged = Self::default();
        judged.add(self, outcome);
        judged
    }

    /// Takes in what one transaction did, by what is proven of it.
    fn add(&mut self, part: Self, outcome: &Outcome) {
        let Self { done, unproven, unopened } = part;
        let sealed = if outcome.proven { &mut self.done } else { &mut self.unproven };
        sealed.extend(done);
        self.unproven.extend(unproven);
        self.unopened.extend(unopened);
    }
}

/// What is to be sealed, over which version, and for whom.
pub(crate) struct NewContent<'a> {
    pub(crate) place: &'a DocumentPlace,
    /// 0 = none stands there.
    pub(crate) base_version: u64,
    pub(crate) content: &'a DocumentContent,
    pub(crate) readers: &'a Readers,
    pub(crate) params: &'a Params,
}

/// A document that is to be sealed anew over this version.
struct Opened {
    place: DocumentPlace,
    version: u64,
    content: DocumentContent,
}

impl<T: Transport> Desk<T> {
    /// Adds to a transaction that changes the staff as many of its documents as fit, sealed for the staff after it. `skip` are done.
    pub(crate) async fn push_staff_documents(
        &self,
        actor: &Actor,
        builder: &mut TxBuilder,
        change: &StaffChange,
        skip: &[DocumentPlace],
    ) -> Result<Renewed> {
        let mut renewed = Renewed::default();
        let listing = self.documents(&Shelf::Staff).await?;
        let places = listing.documents.into_iter().map(|document| document.place);
        let places: Vec<DocumentPlace> = places.filter(|place| !skip.contains(place)).collect();
        if places.is_empty() {
            return Ok(renewed);
        }
        let staff = self.staff_after(change).await?;
        let room = self.writes_left(builder.sender()).await?.min(STAFF_DOCUMENTS_PER_TRANSACTION_MAX);
        for place in places {
            if renewed.done.len() >= room {
                break;
            }
            match self.open_staffs(actor, &place).await? {
                None => renewed.unopened.push(place),
                Some(opened) => {
                    if !self.push_sealed(builder, &staff, &opened)? {
                        break;
                    }
                    renewed.done.push(place);
                }
            }
        }
        if !renewed.done.is_empty() {
            self.name_staff(builder, &staff.people, &staff.unbelieved);
        }
        Ok(renewed)
    }

    /// How many of the staff's documents somebody may write in this hour. One more would have the whole transaction refused.
    async fn writes_left(&self, writer: &Address) -> Result<usize> {
        let facts = self.records(vec![tree::document_writer(writer)]).await?;
        let since = facts.time().saturating_sub(HOUR_SECONDS);
        let times = facts.document_writer(writer)?.staff;
        let written = times.into_iter().filter(|time| *time > since).count();
        Ok(DOCUMENT_WRITES_PER_HOUR_MAX.saturating_sub(written))
    }

    /// Adds to a transaction that changes the staff what fits of its documents, sealed for the staff after it. Nobody stays or leaves for want
    /// of that: what fails is told, and made good later.
    pub(crate) async fn renew_beside(
        &self,
        actor: &Actor,
        builder: &mut TxBuilder,
        change: Option<&StaffChange>,
    ) -> Renewed {
        let Some(change) = change else { return Renewed::default() };
        let renewed = self.push_staff_documents(actor, builder, change, &[]).await;
        renewed.unwrap_or_default()
    }

    /// Seals for the new staff what is not yet beside the change, and says what became of all of its documents.
    pub(crate) async fn renew_after(&self, actor: &Actor, mut all: Renewed, about: &Address) {
        if *about == self.address_of(actor) {
            return self.leave_documents(about).await;
        }
        let after = self.renew_staff_documents(actor, &mut all).await;
        let again = "run `sealdesk documents renew` again";
        let many = all.done.len();
        if many > 0 {
            self.note(format!("{many} of the staff's documents sealed again, for the staff as it is now"));
        }
        for place in &all.unproven {
            self.note(format!(
                "the node claims this, not proven: {place} is sealed again, for the staff as it is now; {again}"
            ));
        }
        for place in &all.unopened {
            self.note(format!(
                "{place} cannot be opened, so it is not sealed again: someone who can has to do it"
            ));
        }
        if let Err(error) = after {
            self.note(format!("the staff's documents are not all sealed again since {about} joined or left: {error}; {again}"));
        }
    }

    /// Says what is left to others by an administrator who has left: the ledger takes nothing of the staff's from them any more.
    async fn leave_documents(&self, leaver: &Address) {
        let is_left =
            self.documents(&Shelf::Staff).await.map_or(true, |listing| !listing.documents.is_empty());
        if is_left {
            self.note(format!(
                "the staff's documents are not sealed again since {leaver} left; another administrator does it with `sealdesk documents renew`"
            ));
        }
    }

    async fn staff_after(&self, change: &StaffChange) -> Result<Staff> {
        let staff = self.staff().await?;
        Ok(match change {
            StaffChange::None => staff,
            StaffChange::Joins(address) => staff.with(self.fresh_person(address).await?),
            StaffChange::Leaves(address) => staff.without(address),
        })
    }

    async fn open_staffs(&self, actor: &Actor, place: &DocumentPlace) -> Result<Option<Opened>> {
        let Some(read) = self.document(Some(actor), place).await? else { return Ok(None) };
        let version = read.info.version;
        Ok(match read.body {
            DocumentBody::Sealed(content) => Some(Opened { place: place.clone(), version, content }),
            _ => None,
        })
    }

    /// Seals one for its place in the transaction; `false` where it does not fit any more.
    fn push_sealed(&self, builder: &mut TxBuilder, staff: &Staff, opened: &Opened) -> Result<bool> {
        let message = self.sealed_document(
            builder,
            NewContent {
                place: &opened.place,
                base_version: opened.version,
                content: &opened.content,
                readers: &staff.readers(builder)?,
                params: &staff.params,
            },
        )?;
        let used: usize = builder.messages().iter().map(|message| message.value.len()).sum();
        let fits = used.saturating_add(prost::Message::encoded_len(&message)) <= MESSAGE_BYTES_MAX;
        if fits {
            builder.push(&message);
        }
        Ok(fits)
    }

    /// The message that seals a content for its place, over a version.
    pub(crate) fn sealed_document(
        &self,
        builder: &TxBuilder,
        NewContent { place, base_version, content, readers, params }: NewContent<'_>,
    ) -> std::result::Result<MsgPutDocument, ComposeError> {
        let mut content = content.clone();
        content.seen = Some(self.pin().seen());
        let (plaintext, context) = (content.to_bytes()?, builder.document_context(place));
        let sealing = Content { context: &context, plaintext: &plaintext, readers };
        let envelope = builder.seal_document(&sealing, params, &mut getrandom::SysRng)?;
        Ok(MsgPutDocument {
            sender: builder.sender().to_string(),
            shelf: place.shelf.kind().name().to_owned(),
            name: place.name.to_string(),
            base_version,
            envelope: Some(envelope),
            ..MsgPutDocument::default()
        })
    }

    /// Seals the staff's documents anew for the staff as it is by now, transaction by transaction; those that were tried before are left
    /// alone. What was done before an error stays among the rest.
    pub(crate) async fn renew_staff_documents(&self, actor: &Actor, all: &mut Renewed) -> Result<()> {
        loop {
            let tried: Vec<DocumentPlace> = all.tried().cloned().collect();
            // An empty transaction is none: whether there is anything to do is asked first.
            let mut left = self.documents(&Shelf::Staff).await?.documents;
            left.retain(|document| !tried.contains(&document.place));
            if left.is_empty() {
                return Ok(());
            }
            let part = self.send_with(actor, Registering::IfNeeded, async |mut builder: TxBuilder| {
                let part = self.push_staff_documents(actor, &mut builder, &StaffChange::None, &tried).await?;
                if part.done.is_empty() {
                    return Err(ComposeError::NothingToRenew.into());
                }
                Ok((builder, part))
            });
            match part.await {
                Ok((outcome, part)) => all.add(part, &outcome),
                Err(crate::Error::Compose(ComposeError::NothingToRenew)) => {
                    all.unopened.extend(left.into_iter().map(|document| document.place));
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }
}
