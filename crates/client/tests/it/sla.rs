//! Service levels: the calendar against a counter that goes minute by minute, tickets' histories, versions of documents, strictness.

mod calendar;
mod documents;
mod histories;
mod records;

use sealdesk_client::sla::{Documents, Version, Versions};

/// Office hours from nine to five, from Monday to Friday.
const HOURS: &str = r#"{"schema": 1, "zone": "Europe/Berlin", "week": {"monday": ["09:00-17:00"], "tuesday": ["09:00-17:00"],
    "wednesday": ["09:00-17:00"], "thursday": ["09:00-17:00"], "friday": ["09:00-17:00"]}}"#;

/// An urgent ticket's clock never rests.
const LEVELS: &str = r#"{"schema": 1, "calendar": "office-hours", "targets": [
    {"priorities": ["urgent"], "calendar": "always", "first_response": "1h", "next_response": "1h", "resolution": "4h"},
    {"categories": ["provider"], "resolution": "1h"},
    {"first_response": "4h", "next_response": "2h", "resolution": "8h"}]}"#;

/// Versions that follow one another; a removal has no body.
fn versions(list: &[(i64, Option<&str>)]) -> Versions {
    let mut versions = Versions::default();
    for (version, (since, body)) in (1..).zip(list) {
        versions.versions.push(Version { version, since: *since, removed: body.is_none() });
        if let Some(body) = body {
            versions.bodies.insert(version, body.as_bytes().to_vec());
        }
    }
    versions
}

/// Both documents, as they have been since a time.
fn published(since: i64) -> Documents {
    Documents { sla: versions(&[(since, Some(LEVELS))]), office_hours: versions(&[(since, Some(HOURS))]) }
}
