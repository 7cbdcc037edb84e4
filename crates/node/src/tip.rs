//! The newest blocks as the rest of the node sees them: each with its state and its signed header, never one without the other.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

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
    /// Root of the state that its header names: the one before the block.
    pub header_root: [u8; 32],
    /// The state after it.
    pub snapshot: Snapshot,
    /// The first second at which a block would find something due, in Unix seconds; `None` too where the engine makes blocks at
    /// its own pace.
    pub next_due: Option<i64>,
    /// Its header with the validators' signatures; known from the start where this node alone signs.
    signed: OnceLock<SignedHeader>,
}

impl Tip {
    /// A signed block with its state.
    pub(crate) fn signed(signed_header: SignedHeader, snapshot: Snapshot, next_due: Option<i64>) -> Self {
        let header = signed_header.header();
        let (height, time) = (header.height.value(), header.time);
        let header_root = header.app_hash.as_bytes().try_into().unwrap_or_default();
        Self { height, time, header_root, snapshot, next_due, signed: OnceLock::from(signed_header) }
    }

    /// A block with its state, whose signatures others give and keep.
    pub(crate) fn unsigned(height: u64, time: Time, header_root: [u8; 32], snapshot: Snapshot) -> Self {
        Self { height, time, header_root, snapshot, next_due: None, signed: OnceLock::new() }
    }

    /// Its header with the signatures, where they are known.
    pub fn signed_header(&self) -> Option<&SignedHeader> {
        self.signed.get()
    }

    /// Keeps the signatures once they are known.
    pub(crate) fn keep_signed(&self, signed_header: SignedHeader) {
        // Another request may have kept them first; they prove the same.
        let _ = self.signed.set(signed_header);
    }

    /// Root of the state after the block.
    pub fn root(&self) -> [u8; 32] {
        self.snapshot.root()
    }

    /// Whether this block's own header proves the state after it, because the block changed nothing. If not, the next one's
    /// will.
    pub fn proves_itself(&self) -> bool {
        self.header_root == self.root()
    }

    /// The block whose state is the one after this block, as a proof names it: this one, or the one before where this one changed nothing.
    pub fn state_height(&self) -> u64 {
        self.height.saturating_sub(u64::from(self.proves_itself()))
    }
}

/// The newest tips, oldest first, never empty.
#[derive(Debug)]
pub struct Tips {
    newest: RwLock<VecDeque<Arc<Tip>>>,
    first: RwLock<Arc<Tip>>,
}

impl Tips {
    /// Begins with the block that the ledger was opened at.
    pub fn new(tip: Arc<Tip>) -> Self {
        Self { newest: RwLock::new(VecDeque::from([tip.clone()])), first: RwLock::new(tip) }
    }

    /// Begins again with a block of another state, and lets go of all that was before.
    pub(crate) fn begin_anew(&self, tip: Arc<Tip>) {
        *self.first.write().unwrap_or_else(PoisonError::into_inner) = tip.clone();
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = VecDeque::from([tip]);
    }

    /// The newest.
    pub fn latest(&self) -> Arc<Tip> {
        let tips = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        let first = || self.first.read().unwrap_or_else(PoisonError::into_inner).clone();
        tips.back().cloned().unwrap_or_else(first)
    }

    /// The one at a height, if it is still kept.
    pub fn at(&self, height: u64) -> Option<Arc<Tip>> {
        let tips = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        tips.iter().find(|tip| tip.height == height).cloned()
    }

    /// Shows the newest block with another view of its state, one without what was erased; a view of another state changes nothing.
    pub(crate) fn renew(&self, snapshot: &Snapshot) {
        let mut tips = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        let Some(newest) = tips.back_mut().filter(|tip| tip.snapshot.version() == snapshot.version()) else {
            return;
        };
        let Tip { height, time, header_root, next_due, .. } = **newest;
        let signed = newest.signed.clone();
        *newest = Arc::new(Tip { height, time, header_root, snapshot: snapshot.clone(), next_due, signed });
    }

    /// Puts a new one on top.
    pub(crate) fn push(&self, tip: Arc<Tip>) {
        let mut tips = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        tips.push_back(tip);
        while tips.len() > TIPS_KEPT {
            tips.pop_front();
        }
    }
}
