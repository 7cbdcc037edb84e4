//! Attached files as the document writes them.

use serde::{Deserialize, Serialize};

use super::encoding::time;
use crate::wire::virtengine::support::v1 as wire;

/// Bytes of files that a customer attached within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedHour {
    /// When the hour begins.
    #[serde(with = "time")]
    pub from: i64,
    /// With their padding.
    pub bytes: u64,
}

/// A file of a message, as everyone sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// What names it, lower-case hex.
    pub root: String,
    /// With the padding.
    pub bytes: u64,
    /// SHA-256 of each sealed piece, lower-case hex, in order.
    pub blobs: Vec<String>,
}

impl From<&wire::Attachment> for Attachment {
    fn from(file: &wire::Attachment) -> Self {
        let hex = |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { root: hex(&file.root), bytes: file.bytes, blobs: file.blobs.iter().map(hex).collect() }
    }
}
