//! The newest blocks as everyone outside of the engine sees them: each with its state and its signed header, never one without
//! the other.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use sealdesk_protocol::block::{SignedHeader, Time};
use sealdesk_store::Snapshot;

/// Blocks whose states are kept at hand, for proofs at their heights.
pub const TIPS_KEPT: usize = 16;

/// A block and the state after it.
#[derive(Debug)]
pub struct Tip {
    /// Its height.
    pub height: u64,
    /// Its time.
    pub time: Time,
    /// Its header and the validator's signature.
    pub signed_header: SignedHeader,
    /// The state after it.
    pub snapshot: Snapshot,
    /// The first second at which a block would find something due, in Unix seconds.
    pub next_due: Option<i64>,
}

impl Tip {
    /// A block with its state.
    pub(super) fn new(signed_header: SignedHeader, snapshot: Snapshot, next_due: Option<i64>) -> Self {
        let header = signed_header.header();
        let (height, time) = (header.height.value(), header.time);
        Self { height, time, signed_header, snapshot, next_due }
    }

    /// Root of the state after the block.
    pub fn root(&self) -> [u8; 32] {
        self.snapshot.root()
    }

    /// Root of the state that the header names: the one before the block.
    pub fn header_root(&self) -> &[u8] {
        self.signed_header.header().app_hash.as_bytes()
    }

    /// Whether this block's own header proves the state after it, because the block changed nothing. If not, the next one's
    /// will.
    pub fn proves_itself(&self) -> bool {
        self.header_root() == self.root()
    }
}

/// The newest tips, oldest first, never empty.
#[derive(Debug)]
pub struct Tips {
    newest: RwLock<VecDeque<Arc<Tip>>>,
    first: Arc<Tip>,
}

impl Tips {
    /// Begins with the block that the ledger was opened at.
    pub fn new(tip: Arc<Tip>) -> Self {
        Self { newest: RwLock::new(VecDeque::from([tip.clone()])), first: tip }
    }

    /// The newest.
    pub fn latest(&self) -> Arc<Tip> {
        let tips = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        tips.back().unwrap_or(&self.first).clone()
    }

    /// The one at a height, if it is still kept.
    pub fn at(&self, height: u64) -> Option<Arc<Tip>> {
        let tips = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        tips.iter().find(|tip| tip.height == height).cloned()
    }

    /// Puts a new one on top.
    pub(super) fn push(&self, tip: Arc<Tip>) {
        let mut tips = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        tips.push_back(tip);
        while tips.len() > TIPS_KEPT {
            tips.pop_front();
        }
    }
}
