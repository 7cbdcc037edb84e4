//! What this node proposes, of all that waits. CometBFT offers the oldest transactions, as many as fit into a block; whoever sent many before
//! others would have every block until those are gone. So the proposer chooses from everything that it has checked, as the embedded
//! engine does: every sender has a lane, in order of sequence, each round takes one of each lane, and who was in no block for longest begins.
//!
//! Nobody judges a proposal by this: another proposer may choose otherwise.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use sealdesk_machine::Fatal;
use sealdesk_machine::admission::Standing;
use sealdesk_protocol::gas::BLOCK_GAS_MAX;
use sealdesk_protocol::ids::Address;

use super::mempool::{Checked, POOL_TXS_MAX};
use super::proposal::{BLOCK_TXS_MAX, Judge, Verdict};
use crate::mempool_quota::{Amount, Room, SENDER_BLOCK_GAS_MAX, standing_of};

/// Turns that may be lost to transactions that wait for another sender's, as with the embedded engine.
const EARLY_TURNS_MAX: usize = POOL_TXS_MAX;

/// One sender's transactions, in order of sequence.
#[derive(Default)]
struct Lane {
    waiting: VecDeque<Checked>,
    /// What this block has of them, in gas.
    chosen: u64,
}

impl Lane {
    /// Whether the sender has had too much of this block to get this too.
    fn has_had_enough(&self, next: &Checked) -> bool {
        self.chosen > 0 && self.chosen.saturating_add(next.tx.gas()) > SENDER_BLOCK_GAS_MAX
    }
}

/// The transactions of a block of at most so many bytes.
pub(super) fn choose(mut judge: Judge<'_>, offered: &[Bytes], bytes_max: usize) -> Result<Vec<Bytes>, Fatal> {
    let (mut lanes, staff_waits) = lanes(&judge, offered)?;
    let whole = Amount { txs: BLOCK_TXS_MAX, bytes: bytes_max, gas: BLOCK_GAS_MAX };
    let mut room = Room::of_block(whole, staff_waits);
    let (mut chosen, mut early) = (Vec::new(), 0);
    loop {
        let mut moved = false;
        for _ in 0..lanes.len() {
            let Some(mut lane) = lanes.pop_front() else { break };
            let Some(next) = lane.waiting.front() else { continue };
            let (Checked { tx, standing }, more) = (next, Amount::of(&next.tx));
            // A lane whose next transaction has no room waits for another block, whatever comes after it.
            if room.lacks(*standing, more).is_some() || lane.has_had_enough(next) {
                continue;
            }
            match judge.judge(tx, bytes_max)? {
                Verdict::Fits => {
                    chosen.push(Bytes::copy_from_slice(tx.bytes()));
                    room.take(*standing, more);
                    lane.chosen = lane.chosen.saturating_add(more.gas);
                    moved = lane.waiting.pop_front().is_some();
                }
                Verdict::Bad => moved = lane.waiting.pop_front().is_some(),
                Verdict::Early => early += 1,
                Verdict::Later => continue,
            }
            lanes.push_back(lane);
        }
        if !moved || early > EARLY_TURNS_MAX {
            return Ok(chosen);
        }
    }
}

/// The lanes in the order of their turns, and whether anything of the staff is in them.
fn lanes(judge: &Judge<'_>, offered: &[Bytes]) -> Result<(VecDeque<Lane>, bool), Fatal> {
    let mut lanes: BTreeMap<&Address, (usize, Lane)> = BTreeMap::new();
    let mut all = Vec::new();
    for bytes in offered {
        let Some(tx) = judge.verified(bytes) else { continue };
        let known = judge.pool.checked(tx.hash()).map(|checked| checked.standing);
        let standing = known.map_or_else(|| standing_of(judge.machine, judge.snapshot, &tx), Ok)?;
        all.push(Checked { tx, standing });
    }
    all.extend(judge.pool.all().cloned());
    let staff_waits = all.iter().any(|checked| checked.standing == Standing::Staff);
    let mut seen = BTreeSet::new();
    for (place, checked) in all.iter().enumerate().filter(|(_, checked)| seen.insert(checked.tx.hash())) {
        let Some(signer) = checked.tx.signers().first() else { continue };
        let (_, lane) = lanes.entry(&signer.address).or_insert_with(|| (place, Lane::default()));
        lane.waiting.push_back(checked.clone());
    }
    let mut in_turn: Vec<_> =
        lanes.into_iter().map(|(sender, (place, lane))| ((judge.pool.served(sender), place), lane)).collect();
    in_turn.sort_by_key(|(turn, _)| *turn);
    let sorted = in_turn.into_iter().map(|(_, mut lane)| {
        lane.waiting
            .make_contiguous()
            .sort_by_key(|checked| checked.tx.signers().first().map(|signer| signer.sequence));
        lane
    });
    Ok((sorted.collect(), staff_waits))
}
