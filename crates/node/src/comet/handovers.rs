//! Who signed which blocks, and the headers with which they handed over to others.
//!
//! The state has every set of validators there was. The header that names the next one is CometBFT's; it is kept beside the state,
//! so that a reader who trusts the first validators can follow them even after CometBFT has pruned its blocks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prost::Message as _;
use sealdesk_machine::{Machine, ValidatorsSince};
use sealdesk_protocol::block::{Hash, ValidatorSet, validator_set};
use sealdesk_protocol::receipt::{Handover, RECEIPT_HANDOVERS_MAX};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;
use sealdesk_store::{Snapshot, State};

use super::error::CometError;
use super::gate::Gate;
use crate::ledger::{Ledger as _, Signed};

/// What the side keys of kept handovers begin with; no other engine has them, and they are never in the root.
const KEPT: &[u8] = b"node/comet/handover/";
/// Sets that are looked at: what a receipt can lead through, and those that the two newest blocks may have made.
const SETS_MAX: usize = RECEIPT_HANDOVERS_MAX + 3;

/// The newest sets of validators.
pub(super) struct Sets {
    /// With the first block that each signs, ascending.
    sets: Vec<(u64, ValidatorSet)>,
}

/// A set that handed over: the header's height, and who signed it.
type Step<'a> = (u64, &'a ValidatorSet);

impl Sets {
    /// Those that a state has.
    pub(super) fn read(machine: &Machine, snapshot: &Snapshot) -> Result<Self, CometError> {
        let read = |since: ValidatorsSince| Ok((since.first_signed(), validator_set(&since.validators)?));
        let changes = machine.validator_changes(snapshot, SETS_MAX);
        let changes = changes.map_err(|error| CometError::Machine(error.to_string()))?;
        let mut sets = changes.into_iter().map(read).collect::<Result<Vec<_>, CometError>>()?;
        sets.reverse();
        Ok(Self { sets })
    }

    /// Who signs the block of this height; of block 0, which nobody signs, those of block 1.
    pub(super) fn at(&self, height: u64) -> Result<ValidatorSet, CometError> {
        let mut in_force = self.sets.iter().rev().filter(|(first, _)| *first <= height.max(1));
        let unknown = || CometError::Machine(format!("nobody knows who signed block {height}"));
        in_force.next().map(|(_, set)| set.clone()).ok_or_else(unknown)
    }

    /// The way from a set to the one that signs a block: in each step a set hands over. Where a set comes back later, what lies
    /// between is left out.
    fn way(&self, from: Option<[u8; 32]>, height: u64) -> Option<Vec<Step<'_>>> {
        let in_force = self.sets.iter().filter(|(first, _)| *first <= height);
        let sets: Vec<(u64, &ValidatorSet, Hash)> =
            in_force.map(|(first, set)| (*first, set, set.hash())).collect();
        let last = |hash: Hash| sets.iter().rposition(|(.., other)| *other == hash);
        let begin = match from {
            Some(hash) => Hash::Sha256(hash),
            None => sets.first().filter(|(first, ..)| *first == 1)?.2,
        };
        let mut place = last(begin)?;
        let mut way = Vec::new();
        while let Some((first, _, next)) = sets.get(place.saturating_add(1)) {
            way.push((first.saturating_sub(1), sets.get(place)?.1));
            place = last(*next)?;
        }
        (way.len() <= RECEIPT_HANDOVERS_MAX).then_some(way)
    }

    /// The heights of all handovers there were up to a block.
    fn heights(&self, height: u64) -> impl Iterator<Item = Step<'_>> {
        let pairs = self.sets.iter().zip(self.sets.iter().skip(1));
        pairs
            .map(|((_, set), (first, _))| (first.saturating_sub(1), set))
            .filter(move |(at, _)| *at <= height)
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
    pub(super) async fn find_handovers(&self, from: Option<[u8; 32]>, to: &Signed) -> Vec<Handover> {
        let (snapshot, signed) = (self.tip().snapshot.clone(), to.header.header.validators_hash);
        if from.is_some_and(|from| Hash::Sha256(from) == signed) {
            return Vec::new();
        }
        let Ok(sets) = Sets::read(self.machine(), &snapshot) else { return Vec::new() };
        let mut found = Vec::new();
        let way = sets.way(from, to.header.header.height.value()).unwrap_or_default();
        for (height, validators) in way.into_iter().rev() {
            match self.handover(&snapshot, height, validators).await {
                Ok(handover) => found.push(handover),
                Err(why) => {
                    tracing::warn!("the handover of block {height} cannot be shown: {why}");
                    break;
                }
            }
        }
        found.reverse();
        found
    }

    /// The handover of a block, asked of CometBFT where it is not kept yet.
    async fn handover(
        &self,
        snapshot: &Snapshot,
        height: u64,
        validators: &ValidatorSet,
    ) -> Result<Handover, String> {
        if let Some(known) = self.handovers.known(snapshot, height) {
            return Ok(known);
        }
        let rpc = self.rpc.as_ref().ok_or("CometBFT's RPC is not known")?;
        let signed_header = rpc.signed_header(height).await?;
        if signed_header.header.validators_hash != validators.hash() {
            return Err("CometBFT's header names other validators than the state".to_owned());
        }
        let handover = Handover { signed_header, validators: validators.clone() };
        self.handovers.lock().insert(height, handover.to_wire().encode_to_vec());
        Ok(handover)
    }
}

/// Asks CometBFT for each handover soon after it happened, while it still has the block. They are written with the next block.
pub(super) async fn keep(gate: Arc<Gate>) {
    let mut heights = gate.heights();
    loop {
        let tip = gate.tip();
        if let Ok(sets) = Sets::read(gate.machine(), &tip.snapshot) {
            for (height, validators) in sets.heights(tip.height) {
                if !gate.handovers.is_known(&tip.snapshot, height) {
                    // One that is not to be had now is asked for again with the next block.
                    let asked = gate.handover(&tip.snapshot, height, validators).await;
                    let _ = asked.inspect_err(|why| tracing::debug!("handover of block {height}: {why}"));
                }
            }
        }
        if gate.is_closed() || heights.changed().await.is_err() {
            return;
        }
    }
}

fn kept_key(height: u64) -> Vec<u8> {
    [KEPT, &height.to_be_bytes()].concat()
}
