//! Who signed which blocks, and the headers with which they handed over to others.
//!
//! The state has every set of validators there was. The header that names the next one is CometBFT's; it is kept beside the state,
//! so that a reader who trusts the first validators can follow them even after CometBFT has pruned its blocks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prost::Message as _;
use sealdesk_machine::{Machine, ValidatorsSince};
use sealdesk_protocol::block::{Hash, SignedHeader, ValidatorSet, validator_set};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::receipt::{Handover, RECEIPT_HANDOVERS_MAX};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;
use sealdesk_store::{Snapshot, State};

use super::error::CometError;
use super::gate::Gate;
use super::rpc::Rpc;
use crate::ledger::Ledger as _;

/// What the side keys of kept handovers begin with; no other engine has them, and they are never in the root.
const KEPT: &[u8] = b"node/comet/handover/";
/// Sets that a way may lead through, with those that the two newest blocks may have made and that nobody signs yet.
const SETS_MAX: usize = RECEIPT_HANDOVERS_MAX + 3;
/// Sets of which one is in force: the two newest blocks may have made others.
const SETS_NEAR: usize = 3;
/// Sets whose handovers are asked for again with each block, where they were not to be had before.
const SETS_ASKED: usize = 8;

/// The newest sets of validators, ascending by the block that made them. Keys are read where a set is wanted, and not before:
/// that takes longer than all else here.
struct Sets(Vec<ValidatorsSince>);

/// A set that hands over to another, as the state has it.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// Of the header that names the next set.
    pub(super) height: u64,
    /// Who signs that header.
    from: ValidatorSet,
    to: Hash,
}

/// A change, and its handover where that is known.
type Step = (Change, Option<Handover>);

/// Who signs the block of a height, of which the state is given or one of the two before.
pub(super) fn signers(
    machine: &Machine,
    snapshot: &Snapshot,
    height: u64,
) -> Result<ValidatorSet, CometError> {
    Sets::read(machine, snapshot, SETS_NEAR)?.at(height)
}

/// Whether a key signs the block of a height, of which the state is given, or one after it by what has been voted so far.
pub(super) fn may_sign(
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
    fn of(height: u64, from: &ValidatorsSince, to: &ValidatorsSince) -> Result<Self, CometError> {
        let (from, to) = (validator_set(&from.validators)?, validator_set(&to.validators)?.hash());
        Ok(Self { height, from, to })
    }

    /// Whether a handover is that of this change, whoever gave it.
    fn check(&self, chain_id: &ChainId, given: &Handover) -> Result<(), String> {
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
    fn read(machine: &Machine, snapshot: &Snapshot, most: usize) -> Result<Self, CometError> {
        let changes = machine.validator_changes(snapshot, most);
        let mut sets = changes.map_err(|error| CometError::Machine(error.to_string()))?;
        sets.reverse();
        Ok(Self(sets))
    }

    /// Who signs the block of this height; of block 0, which nobody signs, those of block 1.
    fn at(&self, height: u64) -> Result<ValidatorSet, CometError> {
        let in_force = self.0.iter().rfind(|set| set.first_signed() <= height.max(1));
        let unknown = || CometError::Machine(format!("nobody knows who signed block {height}"));
        Ok(validator_set(&in_force.ok_or_else(unknown)?.validators)?)
    }

    /// The way from a set to the one that signs a block: in each step a set hands over. Where a set comes back later, what lies
    /// between is left out.
    fn way(&self, from: Option<[u8; 32]>, height: u64) -> Result<Vec<Step>, CometError> {
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
    fn handed_over(&self, height: u64) -> impl Iterator<Item = (u64, &ValidatorsSince, &ValidatorsSince)> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        pairs
            .map(|(set, next)| (next.first_signed().saturating_sub(1), set, next))
            .filter(move |(at, ..)| *at <= height)
    }
}

/// Handovers that are known and not yet written beside the state.
#[derive(Debug, Default)]
pub(super) struct Handovers(Mutex<BTreeMap<u64, Vec<u8>>>);

impl Handovers {
    /// Puts them beside the state that is about to be written.
    pub(super) fn put(&self, state: &mut State) {
        for (height, bytes) in &*self.lock() {
            state.put_side(kept_key(*height), bytes.clone());
        }
    }

    /// Forgets those that have been written.
    pub(super) fn written(&self, snapshot: &Snapshot) {
        // One that cannot be looked up now is written once more with the next block.
        self.lock().retain(|height, _| !matches!(snapshot.get_side(&kept_key(*height)), Ok(Some(_))));
    }

    fn is_known(&self, snapshot: &Snapshot, height: u64) -> bool {
        self.lock().contains_key(&height) || matches!(snapshot.get_side(&kept_key(height)), Ok(Some(_)))
    }

    fn known(&self, snapshot: &Snapshot, height: u64) -> Option<Handover> {
        let waiting = self.lock().get(&height).cloned();
        let bytes = waiting.or_else(|| snapshot.get_side(&kept_key(height)).ok().flatten())?;
        Handover::from_wire(&wire::Handover::decode(bytes.as_slice()).ok()?).ok()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// The handovers from a set to the one that signed a header, as far back from there as they are to be had.
    pub(super) async fn find_handovers(
        self: Arc<Self>,
        from: Option<[u8; 32]>,
        to: &SignedHeader,
    ) -> Vec<Handover> {
        if from.is_some_and(|from| Hash::Sha256(from) == to.header.validators_hash) {
            return Vec::new();
        }
        let (gate, height) = (self.clone(), to.header.height.value());
        // Hundreds of sets take their time.
        let known = tokio::task::spawn_blocking(move || gate.known_handovers(from, height)).await;
        let known = known.map_err(|error| CometError::Stopped(error.to_string())).flatten();
        let way = known.unwrap_or_else(|error| {
            tracing::warn!("nobody can be led to the validators of block {height}: {error}");
            Vec::new()
        });
        let mut found = Vec::new();
        for (change, known) in way.into_iter().rev() {
            let handover = match known {
                Some(known) => Ok(known),
                None => self.ask_own(&change).await,
            };
            match handover {
                Ok(handover) => found.push(handover),
                Err(why) => {
                    tracing::warn!("the handover of block {} cannot be shown: {why}", change.height);
                    break;
                }
            }
        }
        found.reverse();
        found
    }

    /// The way to a block's validators, and which of its handovers are known.
    fn known_handovers(&self, from: Option<[u8; 32]>, height: u64) -> Result<Vec<Step>, CometError> {
        let snapshot = self.tip().snapshot.clone();
        let mut way = Sets::read(self.machine(), &snapshot, SETS_MAX)?.way(from, height)?;
        for (change, known) in &mut way {
            *known = self.handovers.known(&snapshot, change.height);
        }
        Ok(way)
    }

    /// The changes up to a block whose handovers this node does not have. Hundreds of sets take their time.
    pub(super) fn missing_handovers(&self, height: u64) -> Result<Vec<Change>, CometError> {
        let snapshot = self.tip().snapshot.clone();
        let sets = Sets::read(self.machine(), &snapshot, SETS_MAX)?;
        let missing = sets.handed_over(height).filter(|(at, ..)| !self.handovers.is_known(&snapshot, *at));
        missing.map(|(at, from, to)| Change::of(at, from, to)).collect()
    }

    /// Asks this node's CometBFT for the handover of a change.
    async fn ask_own(&self, change: &Change) -> Result<Handover, String> {
        self.ask_handover(self.rpc.as_ref().ok_or("CometBFT's RPC is not known")?, change).await
    }

    /// Asks a CometBFT for the handover of a change.
    pub(super) async fn ask_handover(&self, rpc: &Rpc, change: &Change) -> Result<Handover, String> {
        let signed_header = rpc.signed_header(change.height).await?;
        self.keep_handover(change, Handover { signed_header, validators: change.from.clone() })
    }

    /// Keeps what somebody gave as the handover of a change, if it is that.
    pub(super) fn keep_handover(&self, change: &Change, given: Handover) -> Result<Handover, String> {
        change.check(self.machine().chain_id(), &given)?;
        self.handovers.lock().insert(change.height, given.to_wire().encode_to_vec());
        Ok(given)
    }
}

/// Asks CometBFT for each handover soon after it happened, while it still has the block. They are written with the next block.
pub(super) async fn keep(gate: Arc<Gate>) {
    let mut heights = gate.heights();
    let mut most = SETS_MAX;
    loop {
        let tip = gate.tip();
        if let Ok(sets) = Sets::read(gate.machine(), &tip.snapshot, most) {
            for (height, from, to) in sets.handed_over(tip.height) {
                if !gate.handovers.is_known(&tip.snapshot, height)
                    && let Ok(change) = Change::of(height, from, to)
                {
                    let asked = gate.ask_own(&change).await;
                    let _ = asked.inspect_err(|why| tracing::debug!("handover of block {height}: {why}"));
                }
            }
        }
        most = SETS_ASKED;
        if gate.is_closed() || heights.changed().await.is_err() {
            return;
        }
    }
}

/// The handover of a block as it is kept beside a state.
pub(super) fn kept(snapshot: &Snapshot, height: u64) -> Result<Option<Vec<u8>>, CometError> {
    Ok(snapshot.get_side(&kept_key(height))?)
}

fn kept_key(height: u64) -> Vec<u8> {
    [KEPT, &height.to_be_bytes()].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by it
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use sealdesk_protocol::block::{Block, Ground, Time, commit_with};
    use sealdesk_store::{Durability, Store};

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
    fn handover(from: u8, to: u8) -> Handover {
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

    #[test]
    fn a_handover_written_beside_the_state_stays_known_and_leaves_the_root_alone() {
        let handover = handover(1, 2);
        let (handovers, store) = (Handovers::default(), Store::in_memory());
        handovers.lock().insert(7, handover.to_wire().encode_to_vec());
        assert_eq!(handovers.known(&store.latest(), 7), Some(handover.clone()));
        let mut state = State::new(store.latest());
        handovers.put(&mut state);
        let root = store.latest().root();
        store.commit(store.prepare(1, state.into_changes()).unwrap(), Durability::Deferred).unwrap();
        handovers.written(&store.latest());
        assert!(handovers.lock().is_empty());
        assert_eq!((handovers.known(&store.latest(), 7), store.latest().root()), (Some(handover), root));
        assert!(handovers.is_known(&store.latest(), 7) && !handovers.is_known(&store.latest(), 8));
    }
}
