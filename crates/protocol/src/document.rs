//! Documents: where one stands, and what may stand in it. docs/spec/workday.md has the rules.

use std::fmt;

use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

use crate::codes::SupportError;
use crate::ids::{Address, Prefix};
use crate::limits::{
    DOCUMENT_NAME_BYTES_MAX, OWN_DOCUMENTS_MAX, PUBLIC_DOCUMENT_BYTES_MAX, PUBLIC_DOCUMENTS_MAX,
    STAFF_DOCUMENTS_MAX,
};
use crate::named_values;

/// The public documents that service levels are counted by, ascending: which version counts depends on when a clock began, so that earlier
/// ones are kept (docs/spec/service-levels.md).
pub const SERVICE_DOCUMENTS: [&str; 2] = ["office-hours", "sla"];

named_values! {
    /// Who reads a document, and so who writes it.
    pub enum ShelfKind {
        /// Sealed by an account for its own keys.
        Own = "own",
        /// Sealed for the circle and the agents whom it appointed.
        Staff = "staff",
        /// Plain JSON of the administrators, for everyone.
        Public = "public",
    }
}

impl ShelfKind {
    /// The kind of a short name.
    ///
    /// # Errors
    /// Code 47 of `support`.
    pub fn named(name: &str) -> Result<Self, SupportError> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| invalid("the shelf is not own, staff or public"))
    }

    /// How many documents may stand on one shelf of the kind.
    pub fn documents_max(self) -> usize {
        match self {
            Self::Own => OWN_DOCUMENTS_MAX,
            Self::Staff => STAFF_DOCUMENTS_MAX,
            Self::Public => PUBLIC_DOCUMENTS_MAX,
        }
    }
}

/// A shelf: an account's own, or one of the two that a desk has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// An account's.
    Own(Address),
    /// The desk's, for public documents.
    Public,
    /// The desk's, for its staff.
    Staff,
}

impl Shelf {
    /// The shelf of a kind on which this account puts its documents.
    pub fn of(kind: ShelfKind, account: &Address) -> Self {
        match kind {
            ShelfKind::Own => Self::Own(account.clone()),
            ShelfKind::Staff => Self::Staff,
            ShelfKind::Public => Self::Public,
        }
    }

    /// Reads a kind and an owner, as records and queries name them: an owner stands just where the shelf is somebody's own.
    ///
    /// # Errors
    /// Code 47 of `support`.
    pub fn named(prefix: &Prefix, kind: &str, owner: &str) -> Result<Self, SupportError> {
        match (ShelfKind::named(kind)?, owner) {
            (ShelfKind::Own, owner) => {
                let owner = Address::parse(prefix, owner).map_err(|error| invalid(&error.to_string()))?;
                Ok(Self::Own(owner))
            }
            (ShelfKind::Staff, "") => Ok(Self::Staff),
            (ShelfKind::Public, "") => Ok(Self::Public),
            (ShelfKind::Staff | ShelfKind::Public, _) => Err(invalid("this shelf is nobody's own")),
        }
    }

    /// Which kind it is.
    pub fn kind(&self) -> ShelfKind {
        match self {
            Self::Own(_) => ShelfKind::Own,
            Self::Staff => ShelfKind::Staff,
            Self::Public => ShelfKind::Public,
        }
    }

    /// Whose it is, where it is somebody's own.
    pub fn owner(&self) -> Option<&Address> {
        match self {
            Self::Own(owner) => Some(owner),
            Self::Staff | Self::Public => None,
        }
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(owner) => write!(f, "own/{owner}"),
            Self::Staff => f.write_str("staff"),
            Self::Public => f.write_str("public"),
        }
    }
}

/// A document's name: 1 to 32 bytes `[a-z0-9.-]`. Public.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentName(String);

impl DocumentName {
    /// What the names of documents begin with that administrators alone write on the shelf of the staff.
    pub const ADMINISTRATORS: &'static str = "admin.";

    /// Checks and keeps a name.
    ///
    /// # Errors
    /// Code 47 of `support`.
    pub fn parse(text: &str) -> Result<Self, SupportError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
        if !text.is_empty() && text.len() <= DOCUMENT_NAME_BYTES_MAX && text.bytes().all(plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(invalid("a name has 1 to 32 lower-case letters, digits, '.' and '-'"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only administrators write it, where it stands on the shelf of the staff.
    pub fn is_for_administrators(&self) -> bool {
        self.0.starts_with(Self::ADMINISTRATORS)
    }
}

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a document stands. Its text, `staff/replies` or `own/ADDRESS/read-marks`, is what state keys and envelopes name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DocumentPlace {
    /// On which shelf.
    pub shelf: Shelf,
    /// Under which name.
    pub name: DocumentName,
}

impl DocumentPlace {
    /// Whether the ledger keeps its earlier versions: a public document that service levels are counted by.
    pub fn keeps_versions(&self) -> bool {
        self.shelf == Shelf::Public && SERVICE_DOCUMENTS.contains(&self.name.as_str())
    }

    /// Reads a place's text.
    pub fn parse(prefix: &Prefix, text: &str) -> Option<Self> {
        let (shelf, name) = text.rsplit_once('/')?;
        let (kind, owner) = shelf.split_once('/').unwrap_or((shelf, ""));
        let shelf = Shelf::named(prefix, kind, owner).ok()?;
        let name = DocumentName::parse(name).ok()?;
        Some(Self { shelf, name }).filter(|place| place.to_string() == text)
    }
}

impl fmt::Display for DocumentPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.shelf, self.name)
    }
}

/// Checks what is to stand in a public document: one JSON object of at most 16,384 bytes.
///
/// # Errors
/// Code 47 of `support`.
pub fn check_public_body(body: &[u8]) -> Result<(), SupportError> {
    let (found, max) = (body.len(), PUBLIC_DOCUMENT_BYTES_MAX);
    if found > max {
        return Err(invalid(&format!("a public document has at most {max} bytes, and this one {found}")));
    }
    // Only its form is looked at; what it says is for readers.
    let text = std::str::from_utf8(body).ok().filter(|text| text.trim_ascii_start().starts_with('{'));
    let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    if text.is_some_and(is_json) { Ok(()) } else { Err(invalid("a public document is one JSON object")) }
}

/// What the tree holds of a public body: SHA-256.
pub fn body_digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

/// A digest as events show it: lower-case hex.
pub fn digest_text(digest: &[u8; 32]) -> String {
    hex::encode(digest)
}

fn invalid(why: &str) -> SupportError {
    SupportError::InvalidDocument(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";

    #[test]
    fn a_place_has_one_text() {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let own = format!("own/{OWNER}/read-marks");
        for text in ["staff/replies", "staff/admin.tags", "public/hours.2026", own.as_str()] {
            let place = DocumentPlace::parse(&prefix, text).unwrap();
            assert_eq!(place.to_string(), text);
        }
        let long = format!("staff/{}", "a".repeat(33));
        let hostile = [
            "",
            "staff",
            "staff/",
            "/replies",
            "staff/a/b",
            "own/replies",
            "own//replies",
            "public/A",
            "staff/a b",
            "staff/ü",
            "elsewhere/a",
            long.as_str(),
        ];
        for text in hostile {
            assert_eq!(DocumentPlace::parse(&prefix, text), None, "{text}");
        }
    }

    #[test]
    fn a_public_document_is_one_object_of_plain_json() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(PUBLIC_DOCUMENT_BYTES_MAX - 8));
        for body in ["{}", " {\"a\":[1,2.5,null]}\n", long.as_str()] {
            assert_eq!(check_public_body(body.as_bytes()), Ok(()), "{body:.20}");
        }
        let longer = format!("{long} ");
        for body in ["", "[]", "1", "{", "{}{}", "{\"a\":}", "{\"\u{0}\":1}", longer.as_str()] {
            assert!(check_public_body(body.as_bytes()).is_err(), "{body:.20}");
        }
        assert!(check_public_body(b"{\"a\":\"\xff\"}").is_err(), "not UTF-8");
    }
}
