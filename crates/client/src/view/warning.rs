//! What readers of a text should know before they believe it.

use std::fmt::{self, Display, Formatter};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::trust::Mark;

/// What nobody has signed of a text, or what does not fit in it. `Display` says it in English, `Serialize` so that faces can say it in another
/// language: `kind`, whatever belongs to it, and `text`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// Only the ledger says that its author is staff.
    StaffByLedger,
    /// Its author did not sign the key that signed it.
    KeyByLedger,
    /// On Stacks: only the node says whose key signed it.
    KeyByNode {
        /// Whose it would be.
        author: String,
    },
    /// Its author, an administrator, knew a later circle of administrators than the ledger shows.
    CircleHidden {
        /// The change that the author knew.
        knew: u64,
        /// The newest one that the ledger shows.
        shown: u64,
    },
    /// Its author named a reader, and sealed it so that they cannot open it.
    ClosedTo {
        /// The reader's address.
        who: String,
    },
    /// What it says of its place does not fit.
    Mark(Mark),
}

impl Warning {
    /// Whether it leaves in doubt who wrote the message, or for which place. The others are about who else reads it, what its author knew, and
    /// who is staff today: who leaves the staff takes nothing of what they did along.
    pub const fn doubts_origin(&self) -> bool {
        match self {
            Self::KeyByLedger | Self::KeyByNode { .. } | Self::Mark(_) => true,
            Self::StaffByLedger | Self::CircleHidden { .. } | Self::ClosedTo { .. } => false,
        }
    }

    /// A word for programs, which does not change.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::StaffByLedger => "staff_by_ledger",
            Self::KeyByLedger => "key_by_ledger",
            Self::KeyByNode { .. } => "key_by_node",
            Self::CircleHidden { .. } => "circle_hidden",
            Self::ClosedTo { .. } => "closed_to",
            Self::Mark(Mark::NoTicket) => "no_ticket",
            Self::Mark(Mark::OtherTicket) => "other_ticket",
            Self::Mark(Mark::NoCircle) => "no_circle",
            Self::Mark(Mark::UnknownCircle) => "unknown_circle",
            Self::Mark(Mark::Unreadable) => "unreadable",
        }
    }
}

impl Display for Warning {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaffByLedger => formatter.write_str("that its author is staff is the ledger's word alone"),
            Self::KeyByLedger => formatter.write_str(
                "its author did not sign the key that signed it: who wrote it is the ledger's word",
            ),
            Self::KeyByNode { author } => {
                write!(formatter, "only the node says that the key which signed this is {author}'s")
            }
            Self::CircleHidden { knew, shown } => write!(
                formatter,
                "its author knew change {knew} of the administrators, and the ledger shows only {shown}: something is hidden"
            ),
            Self::ClosedTo { who } => write!(formatter, "sealed so that {who} cannot open it"),
            Self::Mark(mark) => mark.fmt(formatter),
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value: Value = json!({ "kind": self.kind(), "text": self.to_string() });
        match self {
            Self::KeyByNode { author: who } | Self::ClosedTo { who } => value["who"] = who.clone().into(),
            Self::CircleHidden { knew, shown } => {
                value["knew"] = (*knew).into();
                value["shown"] = (*shown).into();
            }
            Self::StaffByLedger | Self::KeyByLedger | Self::Mark(_) => {}
        }
        value.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_knows_every_kind_and_words_for_it() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
        let words = read("desk/src/conversation/WarningWords.tsx");
        let types = read("crates/wasm/npm/views.d.ts");
        let marks =
            [Mark::NoTicket, Mark::OtherTicket, Mark::NoCircle, Mark::UnknownCircle, Mark::Unreadable];
        let others = [
            Warning::StaffByLedger,
            Warning::KeyByLedger,
            Warning::KeyByNode { author: "a".to_owned() },
            Warning::CircleHidden { knew: 2, shown: 1 },
            Warning::ClosedTo { who: "a".to_owned() },
        ];
        for warning in marks.map(Warning::Mark).into_iter().chain(others) {
            let kind = warning.kind();
            assert!(types.contains(&format!("| \"{kind}\"")), "{kind} is no kind of views.d.ts");
            assert!(words.contains(&format!("case \"{kind}\":")), "the page has no words for {kind}");
        }
    }
}
