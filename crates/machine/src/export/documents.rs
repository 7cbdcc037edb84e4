//! Documents, their shelves and their writers as the document writes them.

use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf as ShelfPlace};
use sealdesk_protocol::genesis::{Document, DocumentWriter, Published, PublishedVersion, Shelf};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{
    DocumentWriter as WriterRecord, PublishedVersion as VersionRecord, PublishedVersions, ShelfRecord,
};
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

pub(super) fn published(view: &StateView<'_>) -> Result<Vec<Published>, Fatal> {
    let mut published = Vec::new();
    // Below the name of each stand the bodies of its versions.
    let is_list = |key: &[u8]| !key[tree::PUBLISHED.len()..].contains(&b'/');
    for (key, record) in scan(view.state, tree::PUBLISHED)?.into_iter().filter(|(key, _)| is_list(key)) {
        let text = text_in(&key, tree::PUBLISHED)?;
        let name = DocumentName::parse(text).map_err(|error| Fatal::damaged(&key, error))?;
        let PublishedVersions { versions, dropped } = decode(&key, &record)?;
        let versions = versions.into_iter().map(|version| published_version(view, &name, &version));
        let versions = versions.collect::<Result<_, _>>()?;
        published.push(Published { name: text.to_owned(), dropped, versions });
    }
    Ok(published)
}

fn published_version(
    view: &StateView<'_>,
    name: &DocumentName,
    record: &VersionRecord,
) -> Result<PublishedVersion, Fatal> {
    let key = tree::published_body(name, record.version);
    let body = view.published_body(name, record.version)?;
    if body.is_some() == record.digest.is_empty() {
        return Err(Fatal::damaged(&key, "a version and what it says do not fit each other"));
    }
    let body = body.map(String::from_utf8).transpose().map_err(|error| Fatal::damaged(&key, error))?;
    Ok(PublishedVersion { version: record.version, since: record.since, body })
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
