//! How the room of a mempool, and that of a block, is divided, so that nobody who comes in numbers takes what others need.
//!
//! Accounts that are new to the ledger cost nothing to make: all of them together have a quarter. An account that is known costs one
//! transaction, so the accounts without a role among the staff, the new ones included, have three quarters. What is left is for the
//! staff alone: whatever others do, a desk can be run. Each part is one of places, of bytes and of gas: whichever of them is used up
//! first, the part is full.

use sealdesk_machine::admission::Standing;
use sealdesk_machine::{Fatal, Machine};
use sealdesk_protocol::codes::SdkError;
use sealdesk_protocol::gas::TX_GAS_MAX;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::tx::Tx;
use sealdesk_store::Snapshot;

/// Most transactions of one sender that wait for a block at a node.
pub const SENDER_TXS_MAX: usize = 64;
/// The same for a sender that is new to the ledger: a key, a ticket, and what comes to mind after it.
pub const NEWCOMER_TXS_MAX: usize = 8;
/// What the transactions of one sender that wait for a block may cost together, which is less than a block may. Sixty-four that write a
/// ticket or appoint somebody fit.
pub const SENDER_GAS_MAX: u64 = 5 * TX_GAS_MAX;
/// What the transactions of one sender in one block may cost together, beside a first one: the dearest that there is. So whoever sends such
/// ones without end makes a block last 0.08 s longer for the others, and not 0.4 s; what they send has its turn in the next block.
pub(crate) const SENDER_BLOCK_GAS_MAX: u64 = TX_GAS_MAX;
/// Accounts that are new to the ledger have one of so many parts.
pub const NEWCOMERS_SHARE: usize = 4;
/// One of so many parts is the staff's alone.
pub const STAFF_SHARE: usize = 4;
/// Seconds after which whoever was refused for want of room in a mempool may come back: a block makes room.
pub const MEMPOOL_FULL_SECONDS: u32 = 2;
/// Where a mempool displaces nothing, one sender may have one of so many parts of what is free. So the fuller it is, the less one sender
/// has of it, and those who come later still find room.
const SENDER_SHARE_OF_FREE: usize = 4;

/// What transactions take up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    /// Transactions.
    pub(crate) txs: usize,
    /// Bytes of them.
    pub(crate) bytes: usize,
    /// What they may cost together, in `sealdesk_protocol::gas`.
    pub(crate) gas: u64,
}

/// What can be used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Txs,
    Bytes,
    Gas,
}

impl Amount {
    /// What one transaction takes up.
    pub(crate) fn of(tx: &Tx) -> Self {
        Self { txs: 1, bytes: tx.bytes().len(), gas: tx.gas() }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            txs: self.txs.saturating_add(other.txs),
            bytes: self.bytes.saturating_add(other.bytes),
            gas: self.gas.saturating_add(other.gas),
        }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self {
            txs: self.txs.saturating_sub(other.txs),
            bytes: self.bytes.saturating_sub(other.bytes),
            gas: self.gas.saturating_sub(other.gas),
        }
    }

    /// One of so many equal parts.
    fn part(self, of: usize) -> Self {
        Self { txs: self.txs / of, bytes: self.bytes / of, gas: self.gas / wide(of) }
    }

    /// How much of a unit it is.
    pub(crate) fn in_unit(self, unit: Unit) -> u64 {
        match unit {
            Unit::Txs => wide(self.txs),
            Unit::Bytes => wide(self.bytes),
            Unit::Gas => self.gas,
        }
    }

    /// In what it is more than `bound`.
    fn exceeds(self, bound: Self) -> Option<Unit> {
        let units = [Unit::Txs, Unit::Bytes, Unit::Gas];
        units.into_iter().find(|unit| self.in_unit(*unit) > bound.in_unit(*unit))
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lack {
    /// Whose part is full; [`Standing::Staff`] where all of it is.
    pub(crate) part: Standing,
    /// Of what nothing is left.
    pub(crate) unit: Unit,
}

/// The parts, from everyone's to that of the fewest. The part of a standing is shared by those below it.
const PARTS: [Standing; 3] = [Standing::Staff, Standing::Known, Standing::Newcomer];

/// A part: what it may hold, and what it holds.
#[derive(Clone, Copy, Debug)]
struct Part {
    whose: Standing,
    bound: Amount,
    held: Amount,
}

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room([Part; 3]);

impl Room {
    /// Room of so much, of which nothing is taken.
    pub(crate) fn new(whole: Amount) -> Self {
        Self::divided(whole, whole.minus(whole.part(STAFF_SHARE)))
    }

    /// A block's. Where no transaction of the staff waits, none of it is kept for them.
    pub(crate) fn of_block(whole: Amount, staff_waits: bool) -> Self {
        if staff_waits { Self::new(whole) } else { Self::divided(whole, whole) }
    }

    fn divided(whole: Amount, without_staff: Amount) -> Self {
        Self(PARTS.map(|whose| {
            let bound = match whose {
                Standing::Staff => whole,
                Standing::Known => without_staff,
                Standing::Newcomer => whole.part(NEWCOMERS_SHARE),
            };
            Part { whose, bound, held: Amount::default() }
        }))
    }

    /// What keeps more of this standing out; `None` where there is room. The first transaction of a part always fits into it: else one
    /// that is larger than the part would wait for ever.
    pub(crate) fn lacks(&self, standing: Standing, more: Amount) -> Option<Lack> {
        self.0.iter().filter(|part| standing <= part.whose && part.held.txs > 0).find_map(|part| {
            let unit = part.held.plus(more).exceeds(part.bound)?;
            Some(Lack { part: part.whose, unit })
        })
    }

    pub(crate) fn take(&mut self, standing: Standing, more: Amount) {
        for part in self.0.iter_mut().filter(|part| standing <= part.whose) {
            part.held = part.held.plus(more);
        }
    }

    pub(crate) fn give_back(&mut self, standing: Standing, less: Amount) {
        for part in self.0.iter_mut().filter(|part| standing <= part.whose) {
            part.held = part.held.minus(less);
        }
    }

    /// What it would be without this.
    pub(crate) fn without(mut self, standing: Standing, less: Amount) -> Self {
        self.give_back(standing, less);
        self
    }

    /// All that is taken.
    pub(crate) fn held(&self) -> Amount {
        self.held_in(Standing::Staff)
    }

    /// What is taken of a part.
    pub(crate) fn held_in(&self, whose: Standing) -> Amount {
        self.0.iter().find(|part| part.whose == whose).map_or(Amount::default(), |part| part.held)
    }

    /// Whether anything of the staff is there.
    pub(crate) fn has_staff(&self) -> bool {
        self.held().txs > self.held_in(Standing::Known).txs
    }

    /// Whether so much of one sender without a role leaves enough of what is free to others. One transaction does.
    pub(crate) fn leaves_enough(&self, of_sender: Amount) -> bool {
        let free =
            self.0.iter().find(|part| part.whose == Standing::Known).map(|part| part.bound.minus(part.held));
        let bound = free.unwrap_or_default().part(SENDER_SHARE_OF_FREE);
        of_sender.txs <= 1 || of_sender.exceeds(bound).is_none()
    }
}

/// What a transaction is by its signers: what the least of them is. An account that signs beside new ones makes them known, so such a
/// transaction is a newcomer's too.
///
/// # Errors
/// [`Fatal`] where the state cannot be read.
pub(crate) fn standing_of(machine: &Machine, snapshot: &Snapshot, tx: &Tx) -> Result<Standing, Fatal> {
    let mut least = Standing::Staff;
    for signer in tx.signers() {
        least = least.min(machine.standing(snapshot, &signer.address)?);
    }
    Ok(least)
}

/// The first signer of a transaction who is new to the ledger, if one is.
///
/// # Errors
/// [`Fatal`] if the state cannot be read.
pub(crate) fn newcomer<'a>(
    machine: &Machine,
    snapshot: &Snapshot,
    tx: &'a Tx,
) -> Result<Option<&'a Address>, Fatal> {
    for signer in tx.signers() {
        if machine.is_newcomer(snapshot, &signer.address)? {
            return Ok(Some(&signer.address));
        }
    }
    Ok(None)
}

/// The refusal for want of room in a mempool, with when to come back.
pub(crate) fn mempool_full(why: &str) -> SdkError {
    SdkError::MempoolFull(format!("{why}; try again in {MEMPOOL_FULL_SECONDS} seconds"))
}

/// The refusal where a part is full.
pub(crate) fn no_room(lack: Lack, waiting: usize) -> SdkError {
    match lack.part {
        Standing::Newcomer => mempool_full("too many transactions of accounts that are new here wait"),
        Standing::Known => {
            mempool_full(&format!("{waiting} transactions wait, and what room is left is the staff's"))
        }
        Standing::Staff => mempool_full(&format!("{waiting} transactions wait")),
    }
}

/// Whether one more transaction may wait beside those of its sender.
///
/// # Errors
/// Code 20 of `sdk`.
pub(crate) fn check_sender_room(standing: Standing, waiting: Amount, more: Amount) -> Result<(), SdkError> {
    let most = if standing == Standing::Newcomer { NEWCOMER_TXS_MAX } else { SENDER_TXS_MAX };
    let why = format!("{} transactions of this sender wait already", waiting.txs);
    if waiting.txs >= most {
        return Err(mempool_full(&why));
    }
    if waiting.gas.saturating_add(more.gas) > SENDER_GAS_MAX {
        return Err(mempool_full(&format!("{why}, which cost as much as one sender's may")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Amount = Amount { txs: 40, bytes: 400, gas: 4_000 };

    fn amount(txs: usize, bytes: usize, gas: u64) -> Amount {
        Amount { txs, bytes, gas }
    }

    #[test]
    fn each_part_ends_with_whatever_of_it_is_used_up_first() {
        for (unit, one) in
            [(Unit::Txs, amount(1, 1, 1)), (Unit::Bytes, amount(1, 100, 1)), (Unit::Gas, amount(1, 1, 1_000))]
        {
            for (standing, parts) in [(Standing::Newcomer, 1), (Standing::Known, 3), (Standing::Staff, 4)] {
                let mut room = Room::new(WHOLE);
                while room.lacks(standing, one).is_none() {
                    room.take(standing, one);
                }
                let taken = room.held().in_unit(unit);
                assert_eq!(taken, WHOLE.in_unit(unit) / 4 * parts, "{standing:?} by {unit:?}");
                assert_eq!(room.lacks(standing, one), Some(Lack { part: standing, unit }));
                let above = PARTS.iter().filter(|other| **other > standing);
                assert!(above.into_iter().all(|other| room.lacks(*other, one).is_none()));
            }
        }
    }

    #[test]
    fn the_first_of_a_part_fits_and_a_block_without_staff_keeps_nothing_for_them() {
        let large = amount(1, 4_000, 40_000);
        let mut room = Room::new(WHOLE);
        assert_eq!(room.lacks(Standing::Newcomer, large), None);
        room.take(Standing::Newcomer, large);
        assert!(room.lacks(Standing::Newcomer, amount(1, 1, 1)).is_some());
        let mut block = Room::of_block(WHOLE, false);
        block.take(Standing::Known, amount(39, 1, 1));
        assert_eq!(block.lacks(Standing::Known, amount(1, 1, 1)), None);
        assert!(!block.has_staff());
    }

    #[test]
    fn a_sender_has_less_the_fuller_it_is_and_the_next_one_finds_room() {
        let mut room = Room::new(amount(400, usize::MAX, u64::MAX));
        let one = amount(1, 1, 1);
        let mut greedy = [0; 8];
        for _ in 0..100 {
            for waiting in &mut greedy {
                if room.leaves_enough(amount(*waiting + 1, 1, 1))
                    && room.lacks(Standing::Known, one).is_none()
                {
                    room.take(Standing::Known, one);
                    *waiting += 1;
                }
            }
        }
        assert!(greedy.iter().all(|waiting| (20..30).contains(waiting)), "{greedy:?}");
        assert!(room.lacks(Standing::Known, one).is_none());
    }
}
