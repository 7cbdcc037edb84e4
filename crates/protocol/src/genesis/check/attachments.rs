//! Attached files: what a document says of them is what a message could have said.

use super::super::GenesisError;
use super::super::attachments as records;
use super::Place;
use crate::attachment::{Attachment, attachments_from_wire};
use crate::limits::{ATTACHED_HOURS_MAX, HOUR_SECONDS};
use crate::wire::sealdesk::ledger::v1::AttachedHour;
use crate::wire::virtengine::support::v1 as support;

pub(super) fn checked(records: &[records::Attachment], path: &str) -> Result<Vec<Attachment>, GenesisError> {
    let at = |reason: String| GenesisError::at(format!("{path}.attachments"), &reason);
    let mut wire = Vec::with_capacity(records.len());
    for record in records {
        let blobs: Option<Vec<Vec<u8>>> = record.blobs.iter().map(|blob| hash(blob)).collect();
        let (root, blobs) = hash(&record.root)
            .zip(blobs)
            .ok_or_else(|| at("roots and blobs are written as 64 lower-case hex digits".to_owned()))?;
        wire.push(support::Attachment { root, bytes: record.bytes, blobs });
    }
    attachments_from_wire(&wire).map_err(|error| at(format!("are not those of a message: {error}")))
}

fn hash(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let pair =
        |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    if text.len() != 64 || !text.bytes().all(digit) {
        return None;
    }
    text.as_bytes().chunks(2).map(pair).collect()
}

/// The hours of a customer's record: whole ones, ascending, within a day and an hour, none empty and none to come.
pub(super) fn hours(
    records: &[records::AttachedHour],
    path: &str,
    place: Place<'_>,
) -> Result<Vec<AttachedHour>, GenesisError> {
    let at = |reason: &str| GenesisError::at(format!("{path}.attached"), reason);
    let whole = records.iter().all(|hour| hour.from % HOUR_SECONDS == 0 && hour.bytes > 0);
    let ascending = records.is_sorted_by(|one, next| one.from < next.from);
    if records.len() > ATTACHED_HOURS_MAX || !whole || !ascending {
        return Err(at("is not at most 25 whole hours, ascending, with bytes in each"));
    }
    if let Some(last) = records.last() {
        place.past(&format!("{path}.attached"), last.from)?;
    }
    Ok(records.iter().map(|hour| AttachedHour { from: hour.from, bytes: hour.bytes }).collect())
}
