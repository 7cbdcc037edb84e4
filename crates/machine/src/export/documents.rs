//! Documents, their shelves and their writers as the document writes them.

use sealdesk_protocol::document::{DocumentPlace, Shelf as ShelfPlace};
use sealdesk_protocol::genesis::{Document, DocumentWriter, Shelf};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{DocumentWriter as WriterRecord, ShelfRecord};
use sealdesk_protocol::wire::virtengine::support::v1::DocumentHead;

use super::payloads;
use crate::errors::Fatal;
use crate::state::index::{address_in, scan};
use crate::state::{StateView, decode};

pub(super) fn documents(view: &StateView<'_>, chain_id: &ChainId) -> Result<Vec<Document>, Fatal> {
    let mut documents = Vec::new();
    for (key, head) in scan(view.state, tree::DOCUMENTS)? {
        documents.push(document(view, &key, decode(&key, &head)?, chain_id)?);
    }
    Ok(documents)
}

fn document(
    view: &StateView<'_>,
    key: &[u8],
    head: DocumentHead,
    chain_id: &ChainId,
) -> Result<Document, Fatal> {
    let text = text_in(key, tree::DOCUMENTS)?;
    let place = DocumentPlace::parse(view.prefix, text);
    let place = place.ok_or_else(|| Fatal::damaged(key, "it is not a document's place"))?;
    let content = view.document_content(&place)?;
    let content = content.ok_or_else(|| Fatal::damaged(key, "a document without its content"))?;
    let side = side::document(&place);
    let (payload, body) = match head.payload_context {
        Some(context) => {
            let envelope = decode(&side, &content)?;
            (Some(payloads::sealed(&side, envelope, context, chain_id)?), None)
        }
        None => (None, Some(String::from_utf8(content).map_err(|error| Fatal::damaged(&side, error))?)),
    };
    Ok(Document {
        shelf: head.shelf,
        owner: head.owner,
        name: head.name,
        version: head.version,
        updated_by: head.updated_by,
        updated_at: head.updated_at,
        payload,
        body,
    })
}

pub(super) fn shelves(view: &StateView<'_>) -> Result<Vec<Shelf>, Fatal> {
    let mut shelves = Vec::new();
    for (key, record) in scan(view.state, tree::SHELVES)? {
        let text = text_in(&key, tree::SHELVES)?;
        let (kind, owner) = text.split_once('/').unwrap_or((text, ""));
        let shelf = ShelfPlace::named(view.prefix, kind, owner);
        let shelf = shelf.map_err(|error| Fatal::damaged(&key, error))?;
        let ShelfRecord { last_version, .. } = decode(&key, &record)?;
        let owner = shelf.owner().map(ToString::to_string).unwrap_or_default();
        shelves.push(Shelf { shelf: shelf.kind().name().to_owned(), owner, last_version });
    }
    Ok(shelves)
}

pub(super) fn writers(view: &StateView<'_>) -> Result<Vec<DocumentWriter>, Fatal> {
    let mut writers = Vec::new();
    for (key, record) in scan(view.state, tree::DOCUMENT_WRITERS)? {
        let address = address_in(&key, tree::DOCUMENT_WRITERS, view.prefix)?.to_string();
        let WriterRecord { own, staff, public } = decode(&key, &record)?;
        writers.push(DocumentWriter { address, own, staff, public });
    }
    Ok(writers)
}

fn text_in<'k>(key: &'k [u8], below: &[u8]) -> Result<&'k str, Fatal> {
    let text = key.strip_prefix(below).and_then(|rest| std::str::from_utf8(rest).ok());
    text.ok_or_else(|| Fatal::damaged(key, "the key is not one of its list"))
}
