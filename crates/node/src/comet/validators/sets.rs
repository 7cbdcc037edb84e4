//! The sets of validators that a state has, which of them signs which block, and the way from one set to another.

use sealdesk_machine::{Machine, ValidatorsSince};
use sealdesk_protocol::block::{Hash, ValidatorSet, validator_set};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::receipt::{Handover, RECEIPT_HANDOVERS_MAX};
use sealdesk_store::Snapshot;

use crate::comet::error::CometError;

/// Sets that a way may lead through, with those that the two newest blocks may have made and that sign nothing yet.
pub(super) const SETS_MAX: usize = RECEIPT_HANDOVERS_MAX + 3;
/// Sets of which one is in force: the two newest blocks may have made others.
const SETS_NEAR: usize = 3;

/// The newest sets of validators, ascending by the block that made them. Keys are read where a set is wanted, and not before:
/// that takes longer than all else here.
pub(super) struct Sets(Vec<ValidatorsSince>);

/// A set that hands over to another, as the state has it.
#[derive(Clone, Debug)]
pub(in crate::comet) struct Change {
    /// Of the header that names the next set.
    pub(in crate::comet) height: u64,
    /// The set that signs that header.
    pub(super) from: ValidatorSet,
    to: Hash,
}

/// A change, and its handover where that is known.
pub(super) type Step = (Change, Option<Handover>);

/// The set that signs the block of a height. The state of that block is given, or of one of the two before.
pub(in crate::comet) fn signers(
    machine: &Machine,
    snapshot: &Snapshot,
    height: u64,
) -> Result<ValidatorSet, CometError> {
    Sets::read(machine, snapshot, SETS_NEAR)?.at(height)
}

/// Whether a key signs the block of a height, of which the state is given, or one after it by what has been voted so far.
pub(in crate::comet) fn may_sign(
    machine: &Machine,
    snapshot: &Snapshot,
    height: u64,
    key: &[u8; 32],
) -> Result<bool, CometError> {
    let Sets(sets) = Sets::read(machine, snapshot, SETS_NEAR)?;
    let in_force = sets.iter().rposition(|set| set.first_signed() <= height.max(1)).unwrap_or(0);
    let votes = |set: &ValidatorsSince| set.validators.iter().any(|(other, _)| other == key);
    Ok(sets.iter().skip(in_force).any(votes))
}

impl Change {
    pub(super) fn of(height: u64, from: &ValidatorsSince, to: &ValidatorsSince) -> Result<Self, CometError> {
        let (from, to) = (validator_set(&from.validators)?, validator_set(&to.validators)?.hash());
        Ok(Self { height, from, to })
    }

    /// Whether a handover is that of this change; it may come from anyone.
    pub(super) fn check(&self, chain_id: &ChainId, given: &Handover) -> Result<(), String> {
        let header = &given.signed_header.header;
        let signed = (given.validators.hash(), header.validators_hash);
        if (header.chain_id.as_str(), header.height.value()) != (chain_id.as_str(), self.height) {
            return Err("it is the header of another block".to_owned());
        }
        if signed != (self.from.hash(), self.from.hash()) {
            return Err("the header names other validators than the state".to_owned());
        }
        if header.next_validators_hash != self.to {
            return Err("the header names others as the next than the state".to_owned());
        }
        given.verify().map_err(|error| error.to_string())
    }
}

impl Sets {
    /// The newest that a state has, so many.
    pub(super) fn read(machine: &Machine, snapshot: &Snapshot, most: usize) -> Result<Self, CometError> {
        let changes = machine.validator_changes(snapshot, most);
        let mut sets = changes.map_err(|error| CometError::broken(error.to_string()))?;
        sets.reverse();
        Ok(Self(sets))
    }

    /// The set that signs the block of this height; block 0 is not signed, and has that of block 1.
    fn at(&self, height: u64) -> Result<ValidatorSet, CometError> {
        let in_force = self.0.iter().rfind(|set| set.first_signed() <= height.max(1));
        let unknown = || CometError::broken(format!("the state does not say who signed block {height}"));
        Ok(validator_set(&in_force.ok_or_else(unknown)?.validators)?)
    }

    /// The way from a set to the one that signs a block: in each step a set hands over. Where a set comes back later, what lies
    /// between is left out.
    pub(super) fn way(&self, from: Option<[u8; 32]>, height: u64) -> Result<Vec<Step>, CometError> {
        let in_force = self.0.iter().filter(|set| set.first_signed() <= height);
        let read = |since: &ValidatorsSince| {
            let set = validator_set(&since.validators)?;
            Ok((since.first_signed(), set.hash(), set))
        };
        let sets: Vec<(u64, Hash, ValidatorSet)> = in_force.map(read).collect::<Result<_, CometError>>()?;
        let last = |hash: Hash| sets.iter().rposition(|(_, other, _)| *other == hash);
        let genesis = sets.first().filter(|(first, ..)| *first == 1).map(|(_, hash, _)| *hash);
        let mut place = from.map(Hash::Sha256).or(genesis).and_then(last);
        let mut way = Vec::new();
        while let Some((here, next)) = place.and_then(|at| sets.get(at).zip(sets.get(at.saturating_add(1)))) {
            let change = Change { height: next.0.saturating_sub(1), from: here.2.clone(), to: next.1 };
            way.push((change, None));
            place = last(next.1);
        }
        if way.len() > RECEIPT_HANDOVERS_MAX {
            way.clear();
        }
        Ok(way)
    }

    /// Those that have handed over up to a block, with the height of the header, and to whom.
    pub(super) fn handed_over(
        &self,
        height: u64,
    ) -> impl Iterator<Item = (u64, &ValidatorsSince, &ValidatorsSince)> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs
            .map(|(set, next)| (next.first_signed().saturating_sub(1), set, next))
            .filter(move |(at, ..)| *at <= height)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by it
pub(super) mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use sealdesk_protocol::block::{Block, Ground, SignedHeader, Time, commit_with};

    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn set(seed: u8) -> ValidatorSet {
        validator_set(&[(key(seed).verifying_key().to_bytes(), 1)]).unwrap()
    }

    fn hash(seed: u8) -> [u8; 32] {
        set(seed).hash().as_bytes().try_into().unwrap()
    }

    /// Sets of one validator each, with the first block that it signs.
    fn sets(sets: &[(u64, u8)]) -> Sets {
        Sets(sets.iter().map(|(first, seed)| since(*first, *seed, 1)).collect())
    }

    fn since(first: u64, seed: u8, power: u32) -> ValidatorsSince {
        let height = if first == 1 { 0 } else { first - 2 };
        ValidatorsSince { height, validators: vec![(key(seed).verifying_key().to_bytes(), power)] }
    }

    /// The heights of the headers on a way.
    fn way(sets: &Sets, from: Option<u8>, height: u64) -> Vec<u64> {
        sets.way(from.map(hash), height).unwrap().into_iter().map(|(change, _)| change.height).collect()
    }

    #[test]
    fn a_block_is_signed_by_the_last_set_that_had_begun_by_then() {
        let sets = sets(&[(1, 1), (12, 2), (13, 3)]);
        for (height, seed) in [(0, 1), (1, 1), (11, 1), (12, 2), (13, 3), (99, 3)] {
            assert_eq!(sets.at(height).unwrap().hash(), set(seed).hash(), "block {height}");
        }
        assert!(self::sets(&[(12, 2)]).at(11).is_err(), "nobody knows");
    }

    #[test]
    fn a_way_passes_each_handover_and_makes_a_short_cut_where_a_set_came_back() {
        let sets = sets(&[(1, 1), (12, 2), (13, 3), (20, 1), (30, 4)]);
        assert_eq!(way(&sets, Some(1), 99), [29], "the first set came back last");
        assert_eq!(way(&sets, None, 99), [29]);
        assert_eq!(way(&sets, Some(2), 99), [12, 19, 29]);
        assert_eq!(way(&sets, Some(1), 15), [11, 12]);
        assert!(way(&sets, Some(3), 19).is_empty(), "not yet handed over");
        assert!(way(&sets, Some(4), 29).is_empty(), "not yet among them");
        assert!(way(&sets, Some(9), 99).is_empty(), "never was one");
        assert_eq!(sets.handed_over(19).map(|(height, ..)| height).collect::<Vec<_>>(), [11, 12, 19]);
    }

    #[test]
    fn a_way_is_never_longer_than_a_receipt_and_begins_where_the_genesis_is_in_sight() {
        let many = |count: u8, first: u64| -> Vec<(u64, u8)> {
            (0..=count).map(|n| (first + u64::from(n) * 2, n)).collect()
        };
        assert_eq!(way(&sets(&many(255, 1)), None, 10_000).len(), 255);
        assert!(way(&sets(&many(9, 3)), None, 10_000).is_empty());
        let mut longer = sets(&many(255, 1));
        longer.0.extend([since(5_000, 1, 2), since(5_002, 1, 3)]);
        assert!(way(&longer, None, 10_000).is_empty(), "257 steps");
        assert_eq!(way(&longer, Some(1), 10_000).len(), 256);
    }

    /// The header of the first block, signed by the first set, that names another as the next.
    pub(in crate::comet::validators) fn handover(from: u8, to: u8) -> Handover {
        let (chain_id, validators) = (ChainId::parse("desk-1").unwrap(), set(from));
        let ground =
            Ground { chain_id: &chain_id, validators: &validators, app_hash: [9; 32], previous: None };
        let mut block = Block::build(ground, Time::from_unix_timestamp(1, 0).unwrap(), vec![]).unwrap();
        block.header.next_validators_hash = set(to).hash();
        let signer = block.header.proposer_address;
        let sign = |bytes: &[u8]| key(from).sign(bytes).to_bytes();
        let commit = commit_with(&block, block.id().unwrap(), signer, sign).unwrap();
        let signed_header = SignedHeader::new(block.header, commit).unwrap();
        Handover { signed_header, validators }
    }

    #[test]
    fn a_handover_whose_ledger_block_signers_heirs_or_signatures_changed_is_refused() {
        let (desk, other) = (ChainId::parse("desk-1").unwrap(), ChainId::parse("desk-2").unwrap());
        let change = |height, from, to| Change { height, from: set(from), to: set(to).hash() };
        let (right, given) = (change(1, 1, 2), handover(1, 2));
        assert_eq!(right.check(&desk, &given), Ok(()));
        let why =
            |change: Change, chain_id: &ChainId, given: &Handover| change.check(chain_id, given).unwrap_err();
        assert!(why(right.clone(), &other, &given).contains("another block"));
        assert!(why(change(2, 1, 2), &desk, &given).contains("another block"));
        assert!(why(change(1, 3, 2), &desk, &given).contains("other validators"));
        assert!(why(change(1, 1, 3), &desk, &given).contains("others as the next"));
        let mut signed = given.clone();
        signed.validators = set(3);
        assert!(why(right.clone(), &desk, &signed).contains("other validators"));
        let mut forged = given;
        forged.signed_header.header.app_hash = vec![8; 32].try_into().unwrap();
        assert!(right.check(&desk, &forged).is_err(), "{forged:?}");
    }
}
