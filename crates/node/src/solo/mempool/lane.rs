//! One sender's waiting transactions, in order of sequence.

use std::collections::VecDeque;

use sealdesk_machine::admission::Standing;
use sealdesk_protocol::tx::VerifiedTx;

use crate::mempool_quota::Amount;

/// A transaction that waits.
#[derive(Debug)]
pub(in crate::solo) struct Waiting {
    pub(in crate::solo) tx: VerifiedTx,
    /// What its sender was to the ledger when it came.
    pub(in crate::solo) standing: Standing,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Lane {
    waiting: VecDeque<Waiting>,
    held: Amount,
}

impl Lane {
    /// What its transactions take up.
    pub(super) fn held(&self) -> Amount {
        self.held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn front(&self) -> Option<&Waiting> {
        self.waiting.front()
    }

    pub(super) fn back(&self) -> Option<&Waiting> {
        self.waiting.back()
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.held = self.held.plus(Amount::of(&waiting.tx));
        self.waiting.push_back(waiting);
    }

    pub(super) fn pop_front(&mut self) -> Option<Waiting> {
        let waiting = self.waiting.pop_front();
        self.without(waiting)
    }

    pub(super) fn pop_back(&mut self) -> Option<Waiting> {
        let waiting = self.waiting.pop_back();
        self.without(waiting)
    }

    fn without(&mut self, waiting: Option<Waiting>) -> Option<Waiting> {
        let waiting = waiting?;
        self.held = self.held.minus(Amount::of(&waiting.tx));
        Some(waiting)
    }
}
