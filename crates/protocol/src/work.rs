//! Work that a node may ask for before it takes an account's first transaction: finding a nonce by trying Argon2id, which costs whoever
//! makes accounts by the thousand as much memory and time for each of them as it costs one person (docs/spec/admission.md).
//!
//! No rule of the ledger: nothing of it is kept, and another node may ask for none.

use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use thiserror::Error;

use crate::wire::sealdesk::ledger::v1::WorkChallenge;

/// Memory of one try, in KiB. A node checks one at a time, and a browser has little.
pub const MEMORY_KIB: RangeInclusive<u32> = 1_024..=65_536;
/// Passes over that memory.
pub const PASSES: RangeInclusive<u32> = 1..=4;
/// Tries that are needed on average.
pub const DIFFICULTY: RangeInclusive<u32> = 1..=4_096;
/// Most KiB that all tries of a challenge pass over on average: about a minute of one processor.
pub const WORK_KIB_MAX: u64 = 64 << 20;
/// Bytes of a challenge.
pub const CHALLENGE_BYTES: usize = 32;

/// Why nobody should do, or ask for, such work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WorkError {
    /// A number is out of its range.
    #[error("{what} is {found}, allowed are {least} to {most}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// What it is.
        found: u64,
        /// The least that is allowed.
        least: u64,
        /// The most that is allowed.
        most: u64,
    },
    /// The challenge does not have 32 bytes.
    #[error("a challenge has {CHALLENGE_BYTES} bytes")]
    Challenge,
}

/// What finding a nonce costs, within the bounds of this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    difficulty: u32,
}

impl Cost {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`WorkError::OutOfRange`].
    pub fn new(memory_kib: u32, passes: u32, difficulty: u32) -> Result<Self, WorkError> {
        within("the memory of the work, in KiB,", memory_kib, &MEMORY_KIB)?;
        within("the number of passes", passes, &PASSES)?;
        within("the difficulty", difficulty, &DIFFICULTY)?;
        let all = u64::from(memory_kib) * u64::from(passes) * u64::from(difficulty);
        if all > WORK_KIB_MAX {
            let what = "the whole work, which is memory in KiB × passes × difficulty,";
            return Err(WorkError::OutOfRange { what, found: all, least: 1, most: WORK_KIB_MAX });
        }
        Ok(Self { memory_kib, passes, difficulty })
    }

    /// Memory of one try, in KiB.
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over that memory.
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// Tries that are needed on average.
    pub fn difficulty(self) -> u32 {
        self.difficulty
    }
}

fn within(what: &'static str, found: u32, range: &RangeInclusive<u32>) -> Result<(), WorkError> {
    if range.contains(&found) {
        return Ok(());
    }
    let (found, least, most) = (found.into(), (*range.start()).into(), (*range.end()).into());
    Err(WorkError::OutOfRange { what, found, least, most })
}

/// A challenge, and the memory in which nonces are tried.
pub struct Trial {
    challenge: [u8; CHALLENGE_BYTES],
    difficulty: u32,
    argon2: Argon2<'static>,
    memory: Vec<Block>,
}

impl Trial {
    /// Takes the memory that tries need.
    pub fn new(challenge: [u8; CHALLENGE_BYTES], cost: Cost) -> Self {
        // Every cost within the bounds is one that Argon2 knows.
        let params = Params::new(cost.memory_kib, cost.passes, 1, Some(8)).unwrap_or(Params::DEFAULT);
        let memory = vec![Block::default(); params.block_count()];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Self { challenge, difficulty: cost.difficulty, argon2, memory }
    }

    /// Reads what a node asks for.
    ///
    /// # Errors
    /// [`WorkError`] for what is out of bounds, so that no node makes a person's computer work for hours or fill its memory.
    pub fn of_wire(asked: &WorkChallenge) -> Result<Self, WorkError> {
        let cost = Cost::new(asked.memory_kib, asked.passes, asked.difficulty)?;
        let challenge = asked.challenge.as_slice().try_into().map_err(|_| WorkError::Challenge)?;
        Ok(Self::new(challenge, cost))
    }

    /// The challenge.
    pub fn challenge(&self) -> &[u8; CHALLENGE_BYTES] {
        &self.challenge
    }

    /// Whether a nonce is one: one evaluation.
    pub fn holds(&mut self, nonce: u64) -> bool {
        self.evaluate(nonce).and_then(|output| output.checked_mul(self.difficulty.into())).is_some()
    }

    /// Argon2id, whose password is the nonce in eight bytes, the least first, and whose salt is the challenge. `None` never happens
    /// within the bounds, and is no nonce.
    fn evaluate(&mut self, nonce: u64) -> Option<u64> {
        let (mut output, password) = ([0; 8], nonce.to_le_bytes());
        let Self { argon2, challenge, memory, .. } = self;
        argon2.hash_password_into_with_memory(&password, challenge.as_slice(), &mut output, memory).ok()?;
        Some(u64::from_be_bytes(output))
    }
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trial").field("difficulty", &self.difficulty).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trial(byte: u8, difficulty: u32) -> Trial {
        Trial::new([byte; CHALLENGE_BYTES], Cost::new(1_024, 1, difficulty).unwrap())
    }

    #[test]
    fn the_difficulty_is_the_number_of_tries_that_are_needed_on_average() {
        let mut easy = trial(1, 1);
        assert!((0..16).all(|nonce| easy.holds(nonce)), "every nonce is one");
        let mut trial = trial(2, 8);
        let found = (0..400).filter(|nonce| trial.holds(*nonce)).count();
        // 50 are expected, with a deviation of 6.6.
        assert!((20..=80).contains(&found), "{found}");
        let first: Vec<bool> = (0..20).map(|nonce| trial.holds(nonce)).collect();
        let again: Vec<bool> = (0..20).map(|nonce| trial.holds(nonce)).collect();
        assert_eq!(first, again, "memory that was used before changes nothing");
    }

    #[test]
    fn a_nonce_is_good_for_its_challenge_alone() {
        let find = |byte| {
            let mut trial = trial(byte, 64);
            (0..).find(|nonce| trial.holds(*nonce)).unwrap()
        };
        assert_ne!((find(1), find(2), find(3)), (find(2), find(3), find(1)));
    }

    #[test]
    fn the_output_is_that_of_openssl() {
        let cost = |memory_kib, passes| Cost::new(memory_kib, passes, 1).unwrap();
        for (cost, output) in
            [(cost(1_024, 1), 0xb32e_24de_73e7_c51d), (cost(2_048, 2), 0xec81_5226_9596_59cd)]
        {
            assert_eq!(Trial::new([1; CHALLENGE_BYTES], cost).evaluate(5), Some(output));
        }
    }

    proptest! {
        #[test]
        fn what_is_out_of_bounds_is_never_worked_on(
            challenge in proptest::collection::vec(any::<u8>(), 0..40),
            memory_kib in prop_oneof![0u32..3_000, any::<u32>()],
            passes in 0u32..6,
            difficulty in prop_oneof![0u32..100, any::<u32>()],
        ) {
            let inside = challenge.len() == CHALLENGE_BYTES
                && MEMORY_KIB.contains(&memory_kib)
                && PASSES.contains(&passes)
                && DIFFICULTY.contains(&difficulty)
                && u64::from(memory_kib) * u64::from(passes) * u64::from(difficulty) <= WORK_KIB_MAX;
            let asked = WorkChallenge { challenge, memory_kib, passes, difficulty, seconds: 1 };
            prop_assert_eq!(Trial::of_wire(&asked).is_ok(), inside);
        }
    }
}
