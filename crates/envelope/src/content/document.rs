//! The content of a sealed document: entries by name, each with the time of its last change, so that two people's edits merge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{CONTENT_VERSION, ContentError, SeenCircle, Versioned, parse, to_bytes};

/// What a document holds. Its entries merge one by one; the rest is its last writer's.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentContent {
    v: u64,
    /// By name.
    #[serde(default)]
    pub entries: BTreeMap<String, DocumentEntry>,
    /// Which administrators the writer's program knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<SeenCircle>,
    /// Fields that this program does not know, kept as they are.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// An entry as it was last changed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentEntry {
    /// When, by the clock of who did, in Unix milliseconds.
    pub at: i64,
    /// What stands there; null where it was removed.
    pub value: Value,
}

impl DocumentContent {
    /// A document without entries.
    pub fn new() -> Self {
        Self { v: CONTENT_VERSION, entries: BTreeMap::new(), seen: None, unknown: Map::new() }
    }

    /// Reads an opened envelope's plaintext.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn parse(plaintext: &[u8]) -> Result<Self, ContentError> {
        parse(plaintext)
    }

    /// The bytes to seal, held to the limits that every reader applies.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, ContentError> {
        to_bytes(self)
    }
}

impl Versioned for DocumentContent {
    fn version(&self) -> u64 {
        self.v
    }
}

impl Default for DocumentContent {
    fn default() -> Self {
        Self::new()
    }
}
