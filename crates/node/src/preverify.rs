//! Verifying a block's transactions ahead of their execution, on all cores.
//!
//! Verifying one needs no state but what it began with, and changes no result: what is not verified here, execution verifies itself. So
//! it does not matter how many threads there are, in which order they come to an end, or whether one of them is missing.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;

use sealdesk_machine::{BlockContext, Machine};
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::tx::VerifiedTx;
use sealdesk_store::Snapshot;

/// Most threads that verify for one block.
const THREADS_MAX: usize = 16;
/// Fewer transactions than this are not worth a thread.
const TXS_PER_THREAD_MIN: usize = 4;

/// What verifying transactions needs.
#[derive(Clone, Copy)]
pub(crate) struct Verifier<'a> {
    pub(crate) machine: &'a Machine,
    /// The state before the block.
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) block: &'a BlockContext,
}

/// Transactions by their place in the block, each verified or refused.
pub(crate) type Verified = BTreeMap<usize, Result<VerifiedTx, Refusal>>;

impl Verifier<'_> {
    /// Verifies the transactions at these places, as far as that is quicker on several cores.
    pub(crate) fn verify<B: AsRef<[u8]> + Sync>(self, txs: &[B], places: &[usize]) -> Verified {
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
        let threads = cores.min(places.len() / TXS_PER_THREAD_MIN);
        if threads < 2 {
            return Verified::new();
        }
        thread::scope(|scope| {
            let shares = places.chunks(places.len().div_ceil(threads));
            let work = |share: &[usize]| -> Vec<_> {
                share
                    .iter()
                    .filter_map(|place| Some((*place, self.judge(txs.get(*place)?.as_ref())?)))
                    .collect()
            };
            // A thread that the host does not give, or that ends early, leaves its share to execution.
            let started = shares.map(|share| thread::Builder::new().spawn_scoped(scope, move || work(share)));
            let started: Vec<_> = started.collect();
            started.into_iter().flatten().filter_map(|thread| thread.join().ok()).flatten().collect()
        })
    }

    /// `None` where the state cannot be read: execution comes to the same.
    fn judge(self, tx: &[u8]) -> Option<Result<VerifiedTx, Refusal>> {
        match self.machine.verify(tx, self.block) {
            Ok(tx) => self.machine.foresee(self.snapshot, tx).map(Ok).ok(),
            Err(refusal) => Some(Err(refusal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_testkit::people::Person;

    use super::*;
    use crate::desk::{Memory, clock, open};

    #[test]
    fn what_several_threads_verify_is_what_one_does() {
        let solo = open(Memory::default().disks(), &clock()).unwrap();
        let tip = solo.handle().view().tip();
        let machine = solo.handle().view().machine();
        let block = BlockContext { height: 2, time: tip.time.unix_timestamp() };
        let mut txs: Vec<Vec<u8>> =
            (0..40u16).map(|n| Person::number(n).attempt(u64::from(n % 3), &Person::number(n + 1))).collect();
        for (n, tx) in txs.iter_mut().enumerate().filter(|(n, _)| n % 5 == 0) {
            let last = tx.len() - 1;
            if n % 2 == 0 { tx[last] ^= 1 } else { tx.truncate(n) }
        }
        let verifier = Verifier { machine, snapshot: &tip.snapshot, block: &block };
        let places: Vec<usize> = (0..40).filter(|place| place % 7 != 3).chain([99]).collect();
        let verified = verifier.verify(&txs, &places);
        assert!(verified.keys().all(|place| place % 7 != 3 && *place < 40));
        for (place, ahead) in &verified {
            assert_eq!(*ahead, machine.verify(&txs[*place], &block), "{place}");
        }
        // On one core nothing is verified ahead.
        let several = thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
        assert_eq!(verified.len(), if several { places.len() - 1 } else { 0 });
    }
}
