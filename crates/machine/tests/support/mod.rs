//! Made-up people, sealed envelopes that nobody can open, and a desk that takes their transactions.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by them")]

pub mod desk;
pub mod forge;
pub mod many;
pub mod people;
pub mod scenario;
pub mod walking;

use sealdesk_protocol::ids::{ChainId, Prefix};

/// The chain of every test.
pub fn chain_id() -> ChainId {
    ChainId::parse("desk-00112233aabbccdd").unwrap()
}

/// The prefix of every test.
pub fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

/// A small generator with a seed: tests that fail can be run again.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }
}
