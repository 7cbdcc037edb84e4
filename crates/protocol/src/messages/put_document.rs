//! `MsgPutDocument`: an account writes, replaces or removes a document.

use super::{Checked, RawEnvelope, support_address};
use crate::codes::{Refusal, SupportError};
use crate::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, check_public_body};
use crate::ids::{Address, Prefix};
use crate::wire::virtengine::support::v1 as wire;

/// A document as it is to stand from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct PutDocument {
    /// Who writes it; signs. A document of the shelf `own` is theirs.
    pub sender: Address,
    /// Where it stands.
    pub place: DocumentPlace,
    /// The version that it has so far; 0 = there is none.
    pub base_version: u64,
    /// What becomes of it.
    pub change: DocumentChange,
}

/// What becomes of a document.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // there are few at a time, and each stands in a message that is as large
pub enum DocumentChange {
    /// This stands there sealed.
    Seal(RawEnvelope),
    /// This stands there for everyone.
    Publish(Vec<u8>),
    /// Nothing stands there any more.
    Remove,
}

impl Checked for PutDocument {
    type Wire = wire::MsgPutDocument;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let kind = ShelfKind::named(&wire.shelf)?;
        let place = DocumentPlace { shelf: Shelf::of(kind, &sender), name: DocumentName::parse(&wire.name)? };
        let base_version = wire.base_version;
        let change = change(wire, kind)?;
        Ok(Self { sender, place, base_version, change })
    }
}

/// A message holds what its shelf takes, and nothing beside it.
fn change(wire: wire::MsgPutDocument, kind: ShelfKind) -> Result<DocumentChange, Refusal> {
    let refuse = |why: &str| Refusal::from(SupportError::InvalidDocument(why.to_owned()));
    let (is_sealed, is_plain) = (wire.envelope.is_some(), !wire.body.is_empty());
    match (wire.remove, kind) {
        (true, _) if is_sealed || is_plain => Err(refuse("a removal has no content")),
        (true, _) if wire.base_version == 0 => Err(refuse("a removal names the version that it removes")),
        (true, _) => Ok(DocumentChange::Remove),
        (false, ShelfKind::Public) if is_sealed => Err(refuse("a public document is not sealed")),
        (false, ShelfKind::Public) => {
            check_public_body(&wire.body)?;
            Ok(DocumentChange::Publish(wire.body))
        }
        (false, ShelfKind::Own | ShelfKind::Staff) if is_plain => {
            Err(refuse("only public documents are plain"))
        }
        (false, ShelfKind::Own | ShelfKind::Staff) => Ok(DocumentChange::Seal(wire.envelope)),
    }
}
