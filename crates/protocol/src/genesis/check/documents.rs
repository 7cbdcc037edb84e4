//! Documents: their form, who signed them, and what their shelves hold.

use std::collections::BTreeMap;

use prost::Message as _;

use super::super::GenesisError;
use super::super::records;
use super::payloads::{self, Record};
use super::{CheckedDocument, CheckedSealed, CheckedShelf, Place, SigningKeys, ascending};
use crate::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, body_digest, check_public_body};
use crate::envelope::Kind;
use crate::ids::Address;
use crate::limits::{DOCUMENT_WRITES_PER_HOUR_MAX, HOUR_SECONDS};
use crate::wire::sealdesk::ledger::v1::{DocumentWriter, ShelfRecord};
use crate::wire::virtengine::support::v1 as support;

pub(super) fn documents(
    list: &[records::Document],
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<Vec<CheckedDocument>, GenesisError> {
    let mut checked: Vec<CheckedDocument> = Vec::with_capacity(list.len());
    for (i, record) in list.iter().enumerate() {
        let path = format!("app_state.documents[{i}]");
        let document = document(record, &path, place, keys)?;
        if checked.last().is_some_and(|last| last.place >= document.place) {
            return Err(GenesisError::at(path, "is not above the one before it"));
        }
        checked.push(document);
    }
    Ok(checked)
}

fn document(
    record: &records::Document,
    path: &str,
    place: Place<'_>,
    keys: &SigningKeys,
) -> Result<CheckedDocument, GenesisError> {
    let at = |reason: &dyn ToString| GenesisError::at(path, reason.to_string());
    let shelf = Shelf::named(place.prefix, &record.shelf, &record.owner).map_err(|error| at(&error))?;
    let name = DocumentName::parse(&record.name).map_err(|error| at(&error))?;
    let stands = DocumentPlace { shelf, name };
    let writer = place.address(&format!("{path}.updated_by"), &record.updated_by)?;
    if stands.shelf.owner().is_some_and(|owner| *owner != writer) {
        return Err(at(&"was not written by its owner"));
    }
    place.past(&format!("{path}.updated_at"), record.updated_at)?;
    let (stored, digest, payload_context) = match (stands.shelf.kind(), &record.payload, &record.body) {
        (ShelfKind::Public, None, Some(body)) => {
            check_public_body(body.as_bytes()).map_err(|error| at(&error))?;
            (body.clone().into_bytes(), body_digest(body.as_bytes()), None)
        }
        (ShelfKind::Own | ShelfKind::Staff, Some(payload), None) if payload.grants.is_empty() => {
            let owner = Record { place: stands.to_string(), kind: Kind::Document, sender: &writer };
            let sealed = payloads::payload(payload, owner, &format!("{path}.payload"), place, keys)?;
            let context = payloads::context(&payload.context, Kind::Document);
            let CheckedSealed::Envelope(envelope) = sealed.sealed else {
                return Err(at(&"has no text: documents are not erased"));
            };
            (envelope.encode_to_vec(), sealed.digests.envelope, Some(context))
        }
        _ => {
            return Err(at(
                &"has a payload without grants on the shelves own and staff, and a body on public",
            ));
        }
    };
    let head = support::DocumentHead {
        shelf: record.shelf.clone(),
        owner: record.owner.clone(),
        name: record.name.clone(),
        version: record.version,
        digest: digest.to_vec(),
        bytes: u32::try_from(stored.len()).map_err(|_| at(&"is too long"))?,
        updated_by: record.updated_by.clone(),
        updated_at: record.updated_at,
        payload_context,
    };
    Ok(CheckedDocument { place: stands, head, stored })
}

/// The shelves, and that what they say of their documents is so.
pub(super) fn shelves(
    list: &[records::Shelf],
    documents: &[CheckedDocument],
    place: Place<'_>,
) -> Result<Vec<CheckedShelf>, GenesisError> {
    let mut on: BTreeMap<&Shelf, Vec<u64>> = BTreeMap::new();
    for document in documents {
        on.entry(&document.place.shelf).or_default().push(document.head.version);
    }
    let mut checked: Vec<CheckedShelf> = Vec::with_capacity(list.len());
    for (i, record) in list.iter().enumerate() {
        let path = format!("app_state.shelves[{i}]");
        let at = |reason: &dyn ToString| GenesisError::at(&path, reason.to_string());
        let shelf = Shelf::named(place.prefix, &record.shelf, &record.owner).map_err(|error| at(&error))?;
        if checked.last().is_some_and(|last| last.shelf >= shelf) {
            return Err(at(&"is not above the one before it"));
        }
        let mut versions = on.remove(&shelf).unwrap_or_default();
        if versions.len() > shelf.kind().documents_max() {
            return Err(at(&"holds more documents than it may"));
        }
        versions.sort_unstable();
        let distinct = versions.windows(2).all(|pair| pair[0] != pair[1]);
        if !distinct
            || versions.first() == Some(&0)
            || versions.last().is_some_and(|v| *v > record.last_version)
        {
            return Err(at(&"its documents' versions are not those of writes on it"));
        }
        if record.last_version == 0 {
            return Err(at(&"nobody has written on it: it needs no record"));
        }
        let documents = u32::try_from(versions.len()).map_err(|_| at(&"holds too much"))?;
        let record = ShelfRecord { documents, last_version: record.last_version };
        checked.push(CheckedShelf { shelf, record });
    }
    match on.into_keys().next() {
        Some(shelf) => {
            Err(GenesisError::at("app_state.shelves", format!("{shelf} has documents and no record")))
        }
        None => Ok(checked),
    }
}

pub(super) fn writers(
    list: &[records::DocumentWriter],
    place: Place<'_>,
) -> Result<BTreeMap<Address, DocumentWriter>, GenesisError> {
    ascending("document_writers", list, |record, path| {
        let address = place.address(&format!("{path}.address"), &record.address)?;
        for times in [&record.own, &record.staff, &record.public] {
            let (first, last) = (times.first().copied().unwrap_or(0), times.last().copied().unwrap_or(0));
            let of_an_hour = last.saturating_sub(first) < HOUR_SECONDS;
            if !times.is_sorted() || !of_an_hour || times.len() > DOCUMENT_WRITES_PER_HOUR_MAX {
                return Err(GenesisError::at(
                    path,
                    "has times that are not of an hour in which so many may write",
                ));
            }
            place.past(path, last)?;
        }
        if record.own.is_empty() && record.staff.is_empty() && record.public.is_empty() {
            return Err(GenesisError::at(path, "has written nothing: it needs no record"));
        }
        let (own, staff, public) = (record.own.clone(), record.staff.clone(), record.public.clone());
        Ok((address, DocumentWriter { own, staff, public }))
    })
}
