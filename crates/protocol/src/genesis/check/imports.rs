//! What tickets say of their import.

use std::collections::BTreeSet;

use super::super::GenesisError;
use super::super::records;
use super::{CheckedTicket, Place};
use crate::import::{ImportSource, Imported};
use crate::keys::Fingerprint;
use crate::limits::{ACTIVE_KEYS_MAX, IMPORTED_RESPONSES_MAX};

/// Reads what a ticket says of its import: of responses that it has, and of keys that its own envelope names.
pub(super) fn imported(
    record: &records::Ticket,
    path: &str,
    place: Place<'_>,
) -> Result<Option<Imported>, GenesisError> {
    let Some(imported) = &record.imported else { return Ok(None) };
    let path = format!("{path}.imported");
    let source = ImportSource::parse(&imported.source, &imported.source_id);
    let source = source.map_err(|error| GenesisError::at(&path, error))?;
    let by = place.address(&format!("{path}.imported_by"), &imported.imported_by)?;
    let responses = usize::try_from(imported.responses).unwrap_or(usize::MAX);
    if responses > record.responses.len().min(IMPORTED_RESPONSES_MAX) {
        return Err(GenesisError::at(path, "has more responses than can have come with it"));
    }
    let of_import = record.responses.iter().take(responses);
    let mut of_import = of_import.map(|one| (one.responder_address.as_str(), one.is_agent, one.rating));
    if of_import.any(|one| one != (imported.imported_by.as_str(), true, false)) {
        return Err(GenesisError::at(path, "has responses that another wrote"));
    }
    let keys = &imported.customer_keys;
    // Where the text was erased, its readers are gone with it.
    let is_erased = record.payload.erased.is_some();
    let is_reader = |key: &String| record.payload.wrapped_keys.iter().any(|entry| entry.recipient_id == *key);
    let named = |key: &String| is_erased || is_reader(key);
    let good = |key: &String| Fingerprint::parse(key).is_ok() && named(key);
    let distinct = keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
    if keys.len() > ACTIVE_KEYS_MAX || !distinct || !keys.iter().all(good) {
        return Err(GenesisError::at(path, "has keys that its envelope does not name"));
    }
    Ok(Some(Imported { source, by, responses: imported.responses, customer_keys: keys.clone() }))
}

/// No two tickets came from one place.
pub(super) fn check_sources(tickets: &[CheckedTicket]) -> Result<(), GenesisError> {
    let mut seen = BTreeSet::new();
    for (i, checked) in tickets.iter().enumerate() {
        let Some(imported) = &checked.ticket.imported else { continue };
        if !seen.insert(&imported.source) {
            let path = format!("app_state.tickets[{i}].imported");
            return Err(GenesisError::at(path, "came from where another came from"));
        }
    }
    Ok(())
}
