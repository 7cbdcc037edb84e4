//! Whom to believe: a ledger that was seen before, the first one that is met, or any node.

#[cfg(not(target_arch = "wasm32"))]
pub mod pins;

use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::receipt;

/// What is remembered of a ledger: its name and the validators whose word counts. When these hand over to others, the pin moves on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The ledger's name.
    pub chain_id: ChainId,
    /// Hash of its validators, as headers name it.
    pub validators_hash: [u8; 32],
    /// The highest state that was proven: a node that shows an older one is behind, or lies by silence.
    pub height: u64,
}

/// Whom a client believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The ledger of this pin, and no other.
    Pinned(Pin),
    /// Whatever the first proof shows; from then on as [`Trust::Pinned`]. The caller keeps the pin.
    FirstUse,
    /// Any node: proofs are still read, so that mistakes show, but whoever signed them is believed every time anew.
    NodeTrusted,
}

impl Trust {
    /// The pin, where there is one.
    pub fn pin(&self) -> Option<&Pin> {
        match self {
            Self::Pinned(pin) => Some(pin),
            Self::FirstUse | Self::NodeTrusted => None,
        }
    }

    /// What a receipt is verified against.
    pub(crate) fn of_receipts(&self) -> receipt::Trust {
        match self.pin() {
            Some(pin) => receipt::Trust::Pinned {
                validators_hash: pin.validators_hash,
                chain_id: Some(pin.chain_id.clone()),
            },
            None => receipt::Trust::Unpinned,
        }
    }
}
