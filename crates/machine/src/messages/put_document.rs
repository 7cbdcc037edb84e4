//! `MsgPutDocument`: an account writes, replaces or removes a document.

use prost::Message as _;
use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::document::{ShelfKind, body_digest, digest_text};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::messages::{DocumentChange, PutDocument};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{PublishedVersion, ShelfRecord};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use super::{actor, permit};
use crate::access::Act;
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::limits::after_document;
use crate::sealed;

/// What is to stand in a document, and what its head says of it.
struct Content {
    stored: Vec<u8>,
    digest: [u8; 32],
    context: Option<wire::EnvelopeContext>,
}

pub(super) fn run(
    call: &mut Call<'_, '_>,
    message: &PutDocument,
) -> Result<wire::MsgPutDocumentResponse, Stop> {
    permit(call, actor(call)?, Act::of_document(message))?;
    let old = call.view.document(&message.place)?;
    check_version(message, old.as_ref())?;
    let shelf = call.view.shelf(&message.place.shelf)?;
    let documents = documents_after(message, &shelf, old.is_some())?;
    let mut writer = call.view.document_writer(&message.sender)?;
    let times = match message.place.shelf.kind() {
        ShelfKind::Own => &mut writer.own,
        ShelfKind::Staff => &mut writer.staff,
        ShelfKind::Public => &mut writer.public,
    };
    *times = after_document(times, call.block.time)?;
    let content = content(call, message)?;

    let version = shelf.last_version.checked_add(1);
    let version = version.ok_or_else(|| Fatal::Broken("versions of documents fit 64 bits".to_owned()))?;
    call.view.put_document_writer(&message.sender, &writer);
    call.view.put_shelf(&message.place.shelf, &ShelfRecord { documents, last_version: version });
    emit(call, message, content.as_ref().map(|content| (version, content.digest)))?;
    if message.place.keeps_versions() {
        let digest = content.as_ref().map(|content| content.digest.to_vec()).unwrap_or_default();
        let written = PublishedVersion { version, since: call.block.time, digest };
        let body = content.as_ref().map(|content| content.stored.as_slice());
        call.view.publish(&message.place.name, written, body)?;
    }
    let Some(content) = content else {
        call.view.remove_document(&message.place);
        return Ok(wire::MsgPutDocumentResponse { version: 0 });
    };
    let head = head(call, message, version, &content)?;
    call.view.put_document(&message.place, &head, content.stored);
    Ok(wire::MsgPutDocumentResponse { version })
}

/// Whoever writes has read what they write over.
fn check_version(message: &PutDocument, old: Option<&wire::DocumentHead>) -> Result<(), SupportError> {
    let (expected, found) = (message.base_version, old.map_or(0, |head| head.version));
    if expected == found {
        return Ok(());
    }
    Err(SupportError::DocumentChanged { document: message.place.to_string(), expected, found })
}

/// How many documents stand on the shelf afterwards.
fn documents_after(message: &PutDocument, shelf: &ShelfRecord, stands: bool) -> Result<u32, Stop> {
    let broken = || Fatal::Broken("a shelf counts its documents".to_owned());
    if message.change == DocumentChange::Remove {
        return Ok(shelf.documents.checked_sub(1).ok_or_else(broken)?);
    }
    if stands {
        return Ok(shelf.documents);
    }
    let max = message.place.shelf.kind().documents_max();
    let documents = shelf.documents.checked_add(1).ok_or_else(broken)?;
    if usize::try_from(documents).is_ok_and(|documents| documents <= max) {
        return Ok(documents);
    }
    Err(SupportError::TooManyDocuments { shelf: message.place.shelf.to_string(), max }.into())
}

fn content(call: &Call<'_, '_>, message: &PutDocument) -> Result<Option<Content>, Stop> {
    Ok(match &message.change {
        DocumentChange::Remove => None,
        DocumentChange::Publish(body) => {
            Some(Content { stored: body.clone(), digest: body_digest(body), context: None })
        }
        DocumentChange::Seal(raw) => {
            let params = call.view.params()?;
            let sealed = sealed::judge_document(call, raw, &params, &message.place)?;
            let stored = sealed.envelope.encode_to_vec();
            Some(Content { stored, digest: sealed.digests.envelope, context: Some(sealed.context) })
        }
    })
}

fn head(
    call: &Call<'_, '_>,
    message: &PutDocument,
    version: u64,
    content: &Content,
) -> Result<wire::DocumentHead, Fatal> {
    let shelf = &message.place.shelf;
    let bytes = u32::try_from(content.stored.len());
    Ok(wire::DocumentHead {
        shelf: shelf.kind().name().to_owned(),
        owner: shelf.owner().map(ToString::to_string).unwrap_or_default(),
        name: message.place.name.to_string(),
        version,
        digest: content.digest.to_vec(),
        bytes: bytes.map_err(|_| Fatal::Broken("a document is no longer than a transaction".to_owned()))?,
        updated_by: message.sender.to_string(),
        updated_at: call.block.time,
        payload_context: content.context.clone(),
    })
}

fn emit(
    call: &mut Call<'_, '_>,
    message: &PutDocument,
    written: Option<(u64, [u8; 32])>,
) -> Result<(), Fatal> {
    let shelf = &message.place.shelf;
    let (version, digest) =
        written.map_or((0, String::new()), |(version, digest)| (version, digest_text(&digest)));
    let event = wire::EventDocumentChanged {
        shelf: shelf.kind().name().to_owned(),
        owner: shelf.owner().map(ToString::to_string).unwrap_or_default(),
        name: message.place.name.to_string(),
        version,
        digest,
        removed: message.change == DocumentChange::Remove,
        changed_by: message.sender.to_string(),
        block_height: call.height()?,
        timestamp: call.block.time,
    };
    call.emit(Event::DocumentChanged(event));
    Ok(())
}
