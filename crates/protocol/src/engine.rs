//! What orders a ledger's transactions, as a node says of itself.

use crate::named_values;

named_values! {
    /// Who makes the blocks.
    pub enum EngineKind {
        /// One node alone.
        Solo = "solo",
        /// CometBFT, among many nodes.
        Comet = "comet",
    }
}

impl EngineKind {
    /// The kind of a short name; `None` for what a newer program may have.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
