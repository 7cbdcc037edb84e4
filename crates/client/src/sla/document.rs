//! How the documents are read: strictly, so that a mistyped word is told to its writer and not passed over in silence.

use std::fmt::Display;

use sealdesk_protocol::document::DocumentName;
use serde::de::DeserializeOwned;

use super::hours::OfficeHours;
use super::levels::ServiceLevels;

/// The only form of the documents that there is.
const SCHEMA: u32 = 1;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{place}: {why}")]
pub struct DocumentFault {
    /// The document and the field.
    pub place: String,
    /// What is wrong there, and what would be right.
    pub why: String,
}

/// Checks what is to stand in a public document, where that is one that service levels are counted by.
///
/// # Errors
/// [`DocumentFault`].
pub fn check(name: &DocumentName, body: &[u8]) -> Result<(), DocumentFault> {
    match name.as_str() {
        "sla" => ServiceLevels::parse(body).map(drop),
        "office-hours" => OfficeHours::parse(body).map(drop),
        _ => Ok(()),
    }
}

/// A place in a document.
pub(super) struct Place(String);

impl Place {
    pub(super) fn of(document: &str) -> Self {
        Self(document.to_owned())
    }

    pub(super) fn at(&self, field: &str) -> Self {
        let joint = if self.0.contains(' ') { "." } else { " " };
        Self(format!("{}{joint}{field}", self.0))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    pub(super) fn wrong(&self, why: impl Display) -> DocumentFault {
        DocumentFault { place: self.0.clone(), why: why.to_string() }
    }
}

/// Reads JSON in which every field is known. The error names line, column and what is allowed there.
pub(super) fn read<T: DeserializeOwned>(place: &Place, body: &[u8]) -> Result<T, DocumentFault> {
    serde_json::from_slice(body).map_err(|error| place.wrong(error))
}

pub(super) fn check_schema(place: &Place, found: u32) -> Result<(), DocumentFault> {
    if found == SCHEMA {
        return Ok(());
    }
    Err(place.at("schema").wrong(format!("is {found}, and this program knows {SCHEMA} only")))
}
