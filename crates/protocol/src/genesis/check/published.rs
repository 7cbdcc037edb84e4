//! Versions of public documents that service levels are counted by.

use super::super::GenesisError;
use super::super::records;
use super::{CheckedDocument, CheckedPublished, CheckedShelf, Place};
use crate::document::{DocumentName, DocumentPlace, Shelf, body_digest, check_public_body};
use crate::limits::PUBLISHED_VERSIONS_MAX;
use crate::wire::sealdesk::ledger::v1::{PublishedVersion, PublishedVersions};

pub(super) fn published(
    list: &[records::Published],
    documents: &[CheckedDocument],
    shelves: &[CheckedShelf],
    place: Place<'_>,
) -> Result<Vec<CheckedPublished>, GenesisError> {
    let writes = shelves.iter().find(|shelf| shelf.shelf == Shelf::Public);
    let writes = writes.map_or(0, |shelf| shelf.record.last_version);
    let mut checked: Vec<CheckedPublished> = Vec::with_capacity(list.len());
    for (i, record) in list.iter().enumerate() {
        let path = format!("app_state.published[{i}]");
        let at = |reason: &str| GenesisError::at(&path, reason);
        let name = DocumentName::parse(&record.name).map_err(|error| at(&error.to_string()))?;
        let stands = DocumentPlace { shelf: Shelf::Public, name };
        if !stands.keeps_versions() || checked.last().is_some_and(|last| last.name >= stands.name) {
            return Err(at("is not above the one before it, or of no document whose versions are kept"));
        }
        check_order(record, writes).map_err(at)?;
        let versions = versions(record, &path, place)?;
        let head = documents.iter().find(|document| document.place == stands).map(|document| &document.head);
        let last = versions.0.last().filter(|last| !last.digest.is_empty());
        let fits = |(last, head): (&PublishedVersion, _)| (last.version, &last.digest) == head;
        let head = head.map(|head| (head.version, &head.digest));
        if last.is_some() != head.is_some() || !last.zip(head).is_none_or(fits) {
            return Err(at("does not end with what stands there"));
        }
        let versions_record = PublishedVersions { versions: versions.0, dropped: record.dropped };
        checked.push(CheckedPublished { name: stands.name, record: versions_record, bodies: versions.1 });
    }
    let kept = |document: &&CheckedDocument| document.place.keeps_versions();
    match documents
        .iter()
        .filter(kept)
        .find(|document| checked.iter().all(|one| one.name != document.place.name))
    {
        Some(document) => {
            let reason = format!("{} stands there, and no version of it", document.place);
            Err(GenesisError::at("app_state.published", reason))
        }
        None => Ok(checked),
    }
}

/// How many there are, and that each one follows another.
fn check_order(record: &records::Published, writes: u64) -> Result<(), &'static str> {
    let versions = &record.versions;
    let (found, full) = (versions.len(), PUBLISHED_VERSIONS_MAX);
    if found == 0 || found > full || record.dropped > 0 && found != full {
        return Err("has no versions, or more than are kept, or fewer where some are dropped");
    }
    let numbers = || versions.iter().map(|version| version.version);
    let counted =
        numbers().is_sorted_by(|one, next| one < next) && numbers().all(|n| (1..=writes).contains(&n));
    if !counted || !versions.iter().map(|version| version.since).is_sorted() {
        return Err("has versions that do not follow each other");
    }
    let removed = |version: &records::PublishedVersion| version.body.is_none();
    let first = record.dropped == 0 && versions.first().is_some_and(removed);
    if first || versions.windows(2).any(|pair| removed(&pair[0]) && removed(&pair[1])) {
        return Err("removes what is not there");
    }
    Ok(())
}

/// The versions as the tree names them, and what each one says.
type Versions = (Vec<PublishedVersion>, Vec<(u64, Vec<u8>)>);

fn versions(record: &records::Published, path: &str, place: Place<'_>) -> Result<Versions, GenesisError> {
    let (mut versions, mut bodies) = Versions::default();
    for records::PublishedVersion { version, since, body } in &record.versions {
        place.past(path, *since)?;
        let digest = match body {
            Some(body) => {
                check_public_body(body.as_bytes()).map_err(|error| GenesisError::at(path, error))?;
                bodies.push((*version, body.clone().into_bytes()));
                body_digest(body.as_bytes()).to_vec()
            }
            None => Vec::new(),
        };
        versions.push(PublishedVersion { version: *version, since: *since, digest });
    }
    Ok((versions, bodies))
}
