//! Reading documents: the node gives what stands there, the ledger proves that it does.

use sealdesk_envelope::content::DocumentContent;
use sealdesk_envelope::{Expected, Received};
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, body_digest};
use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::keys::VerifyKey;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use crate::actor::{Actor, Pair};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::{NodeError, Page, Transport};
use crate::trust::Person;
use crate::verify::{Chain, VerifyError};
use crate::view::Warning;

/// How often a document is asked for again that changed while it was read.
const TRIES_MAX: u32 = 3;

/// What the ledger proves of a document, without what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentInfo {
    /// Where it stands.
    pub place: DocumentPlace,
    /// Which write on its shelf it was.
    pub version: u64,
    /// How long what stands there is, sealed or plain, in bytes.
    pub bytes: u32,
    /// Who wrote it.
    pub updated_by: String,
    /// When, in Unix seconds.
    pub updated_at: i64,
}

/// The documents of a shelf.
#[derive(Debug, Clone, PartialEq)]
pub struct ShelfListing {
    /// Each of them proven, by name.
    pub documents: Vec<DocumentInfo>,
    /// How many more the ledger proves that there are, which the node does not name.
    pub missing: u32,
}

/// What a reader sees of a document. Not printable, like what is sealed.
pub enum DocumentBody {
    /// Everyone reads it: one JSON object, as it was written.
    Public(Vec<u8>),
    /// It was sealed for the reader.
    Sealed(DocumentContent),
    /// It was sealed for others.
    NotForYou,
    /// It is said to be sealed for the reader, and cannot be opened.
    CannotOpen,
    /// The node does not give what the ledger proves.
    Withheld,
}

/// A document as one reader sees it.
pub struct ReadDocument {
    /// What the ledger proves of it.
    pub info: DocumentInfo,
    /// What stands in it.
    pub body: DocumentBody,
    /// What a person should know before they believe it.
    pub warnings: Vec<Warning>,
}

impl ReadDocument {
    /// The content, where it was sealed for the reader.
    pub fn content(&self) -> Option<&DocumentContent> {
        match &self.body {
            DocumentBody::Sealed(content) => Some(content),
            _ => None,
        }
    }
}

/// A sealed document as the node gives it, with what the ledger proves of it.
#[derive(Clone, Copy)]
struct SealedDocument<'a> {
    place: &'a DocumentPlace,
    head: &'a support::DocumentHead,
    envelope: &'a MultiRecipientEnvelope,
}

impl<T: Transport> Desk<T> {
    /// The documents of a shelf. The node names them, each is proven, and so is how many there are.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn documents(&self, shelf: &Shelf) -> Result<ShelfListing> {
        let names = self.named_documents(shelf).await?;
        let place = |name: &DocumentName| DocumentPlace { shelf: shelf.clone(), name: name.clone() };
        let places: Vec<DocumentPlace> = names.iter().map(place).collect();
        let mut keys: Vec<Vec<u8>> = places.iter().map(tree::document).collect();
        keys.push(tree::shelf(shelf));
        let facts = self.records(keys).await?;
        let mut documents = Vec::new();
        for place in places {
            if let Some(head) = facts.document(&place)? {
                documents.push(info(place, &head));
            }
        }
        let found = u32::try_from(documents.len()).unwrap_or(u32::MAX);
        let missing = facts.shelf(shelf)?.documents.saturating_sub(found);
        Ok(ShelfListing { documents, missing })
    }

    /// The names that the node gives, each once.
    async fn named_documents(&self, shelf: &Shelf) -> Result<Vec<DocumentName>> {
        let mut page = Page { limit: 100, ..Page::default() };
        let mut names = std::collections::BTreeSet::new();
        let mut named = 0_usize;
        loop {
            let (documents, next) = self.node().documents(shelf, &page).await?;
            let heads = documents.iter().filter_map(|document| document.head.as_ref());
            names.extend(heads.filter_map(|head| DocumentName::parse(&head.name).ok()));
            // However often it names the same one: it would be asked for ever.
            named = named.saturating_add(documents.len());
            let full = named >= shelf.kind().documents_max();
            if documents.is_empty() || next.is_empty() || next == page.cursor || full {
                return Ok(names.into_iter().take(shelf.kind().documents_max()).collect());
            }
            page.cursor = next;
        }
    }

    /// A document for one reader, or for whoever reads public ones; `None` where the ledger proves that there is none.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn document(
        &self,
        actor: Option<&Actor>,
        place: &DocumentPlace,
    ) -> Result<Option<ReadDocument>> {
        let mut tries = 0;
        loop {
            tries += 1;
            let given = match self.node().document(place).await {
                Ok(document) => Some(document),
                Err(NodeError::NotFound { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            let facts = self.records(vec![tree::document(place)]).await?;
            let Some(head) = facts.document(place)? else { return Ok(None) };
            let given = given.filter(|given| given.head.as_ref() == Some(&head));
            if given.is_none() && tries < TRIES_MAX {
                continue;
            }
            return self.opened(actor, place, &head, given).await.map(Some);
        }
    }

    async fn opened(
        &self,
        actor: Option<&Actor>,
        place: &DocumentPlace,
        head: &support::DocumentHead,
        given: Option<support::Document>,
    ) -> Result<ReadDocument> {
        let (info, mut warnings) = (info(place.clone(), head), Vec::new());
        let given = given.unwrap_or_default();
        let body = match (place.shelf.kind(), given.envelope) {
            (ShelfKind::Public, _) if body_digest(&given.body)[..] == head.digest => {
                DocumentBody::Public(given.body)
            }
            (ShelfKind::Public, _) | (_, None) => DocumentBody::Withheld,
            (ShelfKind::Own | ShelfKind::Staff, Some(envelope)) => {
                let pairs = self.pairs_of(actor).await?;
                let sealed = SealedDocument { place, head, envelope: &envelope };
                self.open_document(&pairs, sealed, &mut warnings).await?
            }
        };
        if place.shelf.kind() == ShelfKind::Staff && !self.is_staffs(head).await? {
            warnings.push(Warning::StaffByLedger);
        }
        Ok(ReadDocument { info, body, warnings })
    }

    async fn is_staffs(&self, head: &support::DocumentHead) -> Result<bool> {
        self.is_believed_staff(&self.listed(&head.updated_by)?).await
    }

    /// The reader's own pairs that the directory lists.
    async fn pairs_of(&self, actor: Option<&Actor>) -> Result<Vec<Pair>> {
        let Some(actor) = actor else { return Ok(Vec::new()) };
        let listed = self.keys(&self.address_of(actor)).await?;
        let pairs = actor.registered(&listed).map_err(crate::compose::ComposeError::from)?;
        Ok(pairs.into_iter().map(|(pair, _)| pair).collect())
    }

    async fn open_document(
        &self,
        pairs: &[Pair],
        SealedDocument { place, head, envelope }: SealedDocument<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<DocumentBody> {
        let missing = || VerifyError::Missing(format!("the context of {place}"));
        let context = document_context(self.chain(), place, head).ok_or_else(missing)?;
        let signer_key_version =
            head.payload_context.as_ref().map(|kept| kept.signer_key_version).unwrap_or_default();
        let Ok(envelope) = Envelope::from_wire(envelope, EnvelopeLimits::WIDEST_DOCUMENT) else {
            return Ok(DocumentBody::Withheld);
        };
        if envelope.digests(&context).envelope[..] != head.digest {
            return Ok(DocumentBody::Withheld);
        }
        let author = self.listed(&head.updated_by)?;
        let listed = self.keys(&author).await?;
        let record = listed.iter().find(|record| record.key_version == signer_key_version);
        let Some(record) = record else { return Ok(DocumentBody::CannotOpen) };
        let Ok(key) = VerifyKey::parse(&record.signing_key) else { return Ok(DocumentBody::CannotOpen) };
        let person = Person::verified(self.chain(), &author, std::slice::from_ref(record));
        if person.key_of_version(record.key_version).is_none() {
            warnings.push(Warning::KeyByLedger);
        }
        let for_reader = pairs.iter().filter(|pair| envelope.entry(pair.encryption.fingerprint()).is_some());
        let for_reader: Vec<&Pair> = for_reader.collect();
        if for_reader.is_empty() {
            return Ok(DocumentBody::NotForYou);
        }
        let expected = Expected { context: &context, signing_key: &key, account: AccountKey::OfSender };
        let Ok(received) = Received::verify_shaped(envelope, &expected) else {
            return Ok(DocumentBody::CannotOpen);
        };
        let opened = for_reader.iter().find_map(|pair| received.open(&pair.encryption, &[]).ok());
        let content = opened.and_then(|opened| DocumentContent::parse(opened.plaintext()).ok());
        Ok(content.map_or(DocumentBody::CannotOpen, DocumentBody::Sealed))
    }
}

/// What a document must have been sealed for, as its proven head says; `None` where it says nothing of that.
pub(crate) fn document_context(
    chain: &Chain,
    place: &DocumentPlace,
    head: &support::DocumentHead,
) -> Option<Context> {
    let kept = head.payload_context.as_ref()?;
    let own = kept.chain_id.is_empty();
    Some(Context {
        chain_id: if own { chain.chain_id.to_string() } else { kept.chain_id.clone() },
        ticket_id: place.to_string(),
        kind: Kind::Document,
        sender: head.updated_by.clone(),
        sequence: kept.sequence,
        index: kept.index,
    })
}

fn info(place: DocumentPlace, head: &support::DocumentHead) -> DocumentInfo {
    DocumentInfo {
        place,
        version: head.version,
        bytes: head.bytes,
        updated_by: head.updated_by.clone(),
        updated_at: head.updated_at,
    }
}
