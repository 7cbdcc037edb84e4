//! Documents, shelves and writers as the document writes them.

use serde::{Deserialize, Serialize};

use super::super::encoding::{time, times};
use super::Payload;

/// A document with what stands in it: either sealed or plain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `own`, `staff` or `public`.
    pub shelf: String,
    /// Whose it is, on the shelf `own`; else empty.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// Which write on its shelf it was.
    pub version: u64,
    /// Who wrote it.
    pub updated_by: String,
    /// When.
    #[serde(with = "time")]
    pub updated_at: i64,
    /// What is sealed, without grants.
    pub payload: Option<Payload>,
    /// What is public: one JSON object, as text.
    pub body: Option<String>,
}

/// A shelf on which somebody has written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shelf {
    /// `own`, `staff` or `public`.
    pub shelf: String,
    /// Whose it is, on the shelf `own`; else empty.
    pub owner: String,
    /// The version of the last write on it; a removal is one.
    pub last_version: u64,
}

/// The versions of a public document that service levels are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The document's name.
    pub name: String,
    /// How many earlier versions are not kept any more.
    pub dropped: u64,
    /// In order.
    pub versions: Vec<PublishedVersion>,
}

/// What stood under a document's name from a time on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedVersion {
    /// Which write on its shelf it was.
    pub version: u64,
    /// From when on.
    #[serde(with = "time")]
    pub since: i64,
    /// What it says: one JSON object, as text; null where the document was removed.
    pub body: Option<String>,
}

/// What the limits know of somebody who writes documents: when they did, on each kind of shelf, of the hour before the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentWriter {
    /// Whose writes.
    pub address: String,
    /// On their own shelf, ascending.
    #[serde(with = "times")]
    pub own: Vec<i64>,
    /// On that of the staff, ascending.
    #[serde(with = "times")]
    pub staff: Vec<i64>,
    /// On the public one, ascending.
    #[serde(with = "times")]
    pub public: Vec<i64>,
}
