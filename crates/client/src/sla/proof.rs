//! The facts as a receipt proves them: the ticket and all its responses, the list of versions of each document, and what those versions
//! say that are needed. Nothing of it is the node's word.

use std::collections::BTreeSet;

use prost::Message as _;
use sealdesk_protocol::document::{DocumentName, SERVICE_DOCUMENTS};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::receipt::{Shown, VerifiedReceipt};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{PublishedBody, PublishedVersions};
use sealdesk_protocol::wire::virtengine::support::v1::{ResponseHead, TicketHead};

use super::{Documents, History, SlaError, Versions, versions_needed};

/// Bodies of versions in one receipt. A ticket whose clocks began under more of them is told that some are missing.
const BODIES_MAX: usize = 100;

/// The state keys that every receipt names for service levels.
pub(crate) fn lists() -> Vec<Vec<u8>> {
    SERVICE_DOCUMENTS.iter().filter_map(|name| name_of(name)).map(|name| tree::published(&name)).collect()
}

/// The state keys that a receipt lacks to count the service levels of its ticket.
pub(crate) fn missing(verified: &VerifiedReceipt, id: TicketId) -> BTreeSet<Vec<u8>> {
    let Ok((history, documents)) = of(verified, id) else { return BTreeSet::new() };
    let needed = versions_needed(&history, &documents);
    let keys = needed
        .iter()
        .filter_map(|(name, version)| name_of(name).map(|name| tree::published_body(&name, *version)));
    keys.take(BODIES_MAX).filter(|key| verified.record(key) == Shown::NotCovered).into_set()
}

/// Reads what a receipt proves of a ticket and of the documents.
pub(crate) fn of(verified: &VerifiedReceipt, id: TicketId) -> Result<(History, Documents), SlaError> {
    let head: TicketHead = record(verified, &tree::ticket(id))?;
    let ticket = head.ticket.unwrap_or_default();
    let response = |index| {
        let head: ResponseHead = record(verified, &tree::response(id, index))?;
        Ok(head.response.unwrap_or_default())
    };
    let responses = (0..ticket.response_count).map(response).collect::<Result<Vec<_>, SlaError>>()?;
    let history = History::of(id, &ticket, &responses)?;
    let [office_hours, sla] = SERVICE_DOCUMENTS;
    let documents =
        Documents { sla: versions(verified, sla)?, office_hours: versions(verified, office_hours)? };
    Ok((history, documents))
}

fn versions(verified: &VerifiedReceipt, name: &str) -> Result<Versions, SlaError> {
    let name = name_of(name).ok_or(SlaError::NotCarried)?;
    let list = match verified.record(&tree::published(&name)) {
        Shown::NotCovered => return Err(SlaError::NotCarried),
        Shown::Absent => None,
        Shown::Present(bytes) => Some(PublishedVersions::decode(bytes).map_err(|error| form(&error))?),
    };
    let mut versions = Versions::of(list);
    for one in &versions.versions {
        let Shown::Present(bytes) = verified.record(&tree::published_body(&name, one.version)) else {
            continue;
        };
        let body = PublishedBody::decode(bytes).map_err(|error| form(&error))?.body;
        versions.bodies.insert(one.version, body);
    }
    Ok(versions)
}

fn record<M: prost::Message + Default>(verified: &VerifiedReceipt, key: &[u8]) -> Result<M, SlaError> {
    let Shown::Present(bytes) = verified.record(key) else { return Err(SlaError::NotCarried) };
    M::decode(bytes).map_err(|error| form(&error))
}

fn name_of(name: &str) -> Option<DocumentName> {
    DocumentName::parse(name).ok()
}

fn form(error: &prost::DecodeError) -> SlaError {
    SlaError::Form(error.to_string())
}
