//! The headers with which sets of validators handed over to the next.
//!
//! The state has every set of validators there was. The header that names the next one is CometBFT's; it is kept beside the state,
//! so that a reader who trusts the first validators can follow them even after CometBFT has pruned its blocks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prost::Message as _;
use sealdesk_machine::Machine;
use sealdesk_protocol::block::{Hash, SignedHeader, ValidatorSet};
use sealdesk_protocol::receipt::Handover;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as wire;
use sealdesk_store::{Snapshot, State};
use tokio_util::sync::CancellationToken;

use super::sets::{Change, SETS_MAX, Sets, Step, signers};
use crate::comet::error::CometError;
use crate::comet::process::rpc::Rpc;
use crate::ledger::{LedgerView, NotSigned, Signed, Tip};

/// The path by which nodes ask each other for handovers over `abci_query`: the data are a height as eight bytes, big-endian, the value is
/// a `Handover`, or empty.
pub(in crate::comet) const HANDOVER: &str = "/handover";
/// What the side keys of kept handovers begin with; no other engine has them, and they are never in the root.
const KEPT: &[u8] = b"node/comet/handover/";
/// Sets whose handovers are asked for again with each block, where they could not be had before.
const SETS_ASKED: usize = 8;

/// Who signs the blocks of a ledger, and how each set of them came to be. It asks CometBFT for headers.
#[derive(Debug)]
pub(in crate::comet) struct ValidatorChanges {
    view: Arc<LedgerView>,
    rpc: Option<Rpc>,
    known: Known,
    /// The validators who sign the newest block.
    newest: Mutex<ValidatorSet>,
}

impl ValidatorChanges {
    pub(in crate::comet) fn new(view: Arc<LedgerView>, rpc: Option<Rpc>) -> Result<Self, CometError> {
        let newest = Mutex::new(signers_of(view.machine(), &view.tip())?);
        Ok(Self { view, rpc, known: Known::default(), newest })
    }

    /// Its rules, its newest blocks and its counts.
    pub(super) fn view(&self) -> &LedgerView {
        &self.view
    }

    /// The validators who sign the newest block.
    pub(in crate::comet) fn newest(&self) -> ValidatorSet {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks up who signs a new block, and forgets the handovers that were written with it.
    pub(in crate::comet) fn settle(&self, tip: &Tip) -> Result<(), CometError> {
        self.known.written(&tip.snapshot);
        let now = signers_of(self.view.machine(), tip)?;
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Puts the handovers that are known beside the state that is about to be written.
    pub(in crate::comet) fn put(&self, state: &mut State) {
        self.known.put(state);
    }

    /// A block's header with the signatures over it, and the validators who gave them.
    pub(in crate::comet) async fn signed(&self, tip: &Tip) -> Result<Signed, NotSigned> {
        let missing = |reason: String| NotSigned { height: tip.height, reason };
        let header = match tip.signed_header() {
            Some(header) => header.clone(),
            None => {
                let rpc = self.rpc.as_ref();
                let rpc = rpc.ok_or_else(|| missing("CometBFT's RPC is not known".to_owned()))?;
                rpc.signed_header(tip.height).await.map_err(missing)?
            }
        };
        let validators = signers_of(self.view.machine(), tip);
        let validators = validators.map_err(|error| missing(error.to_string()))?;
        if validators.hash() != header.header.validators_hash {
            return Err(missing("CometBFT's header names other validators than the state".to_owned()));
        }
        tip.keep_signed(header.clone());
        Ok(Signed { header, validators })
    }

    /// The handovers from a set to the one that signed a header, as far back from there as this node can show them.
    pub(in crate::comet) async fn handovers(
        self: Arc<Self>,
        from: Option<[u8; 32]>,
        to: &SignedHeader,
    ) -> Vec<Handover> {
        if from.is_some_and(|from| Hash::Sha256(from) == to.header.validators_hash) {
            return Vec::new();
        }
        let (changes, height) = (self.clone(), to.header.height.value());
        // Hundreds of sets take their time.
        let known = tokio::task::spawn_blocking(move || changes.known_handovers(from, height)).await;
        let known = known.map_err(|error| CometError::Stopped(error.to_string())).flatten();
        let way = known.unwrap_or_else(|error| {
            tracing::warn!("the way to the validators of block {height} cannot be shown: {error}");
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
        let snapshot = self.view.tip().snapshot.clone();
        let mut way = Sets::read(self.view.machine(), &snapshot, SETS_MAX)?.way(from, height)?;
        for (change, known) in &mut way {
            *known = self.known.get(&snapshot, change.height);
        }
        Ok(way)
    }

    /// The changes up to a block whose handovers this node does not have. Hundreds of sets take their time.
    pub(super) fn missing(&self, height: u64) -> Result<Vec<Change>, CometError> {
        let snapshot = self.view.tip().snapshot.clone();
        let sets = Sets::read(self.view.machine(), &snapshot, SETS_MAX)?;
        let missing = sets.handed_over(height).filter(|(at, ..)| !self.known.has(&snapshot, *at));
        missing.map(|(at, from, to)| Change::of(at, from, to)).collect()
    }

    /// Asks this node's CometBFT for the handover of a change.
    async fn ask_own(&self, change: &Change) -> Result<Handover, String> {
        self.ask(self.rpc.as_ref().ok_or("CometBFT's RPC is not known")?, change).await
    }

    /// Asks a CometBFT for the handover of a change.
    pub(super) async fn ask(&self, rpc: &Rpc, change: &Change) -> Result<Handover, String> {
        let signed_header = rpc.signed_header(change.height).await?;
        self.keep(change, Handover { signed_header, validators: change.from.clone() })
    }

    /// Keeps what somebody gave as the handover of a change, if it is that.
    pub(super) fn keep(&self, change: &Change, given: Handover) -> Result<Handover, String> {
        change.check(self.view.machine().chain_id(), &given)?;
        self.known.lock().insert(change.height, given.to_wire().encode_to_vec());
        Ok(given)
    }

    /// Asks CometBFT for each handover soon after it happened, while it still has the block. They are written with the next block.
    pub(in crate::comet) async fn keep_all(&self, stop: &CancellationToken) {
        let mut heights = self.view.heights();
        let mut most = SETS_MAX;
        loop {
            self.keep_newest(most).await;
            most = SETS_ASKED;
            if stop.is_cancelled() || heights.changed().await.is_err() {
                return;
            }
        }
    }

    async fn keep_newest(&self, most: usize) {
        let tip = self.view.tip();
        let Ok(sets) = Sets::read(self.view.machine(), &tip.snapshot, most) else { return };
        for (height, from, to) in sets.handed_over(tip.height) {
            if self.known.has(&tip.snapshot, height) {
                continue;
            }
            let Ok(change) = Change::of(height, from, to) else { continue };
            if let Err(why) = self.ask_own(&change).await {
                tracing::debug!("handover of block {height}: {why}");
            }
        }
    }
}

/// The validators who sign a block.
fn signers_of(machine: &Machine, tip: &Tip) -> Result<ValidatorSet, CometError> {
    signers(machine, &tip.snapshot, tip.height)
}

/// Handovers that are known: those that are not yet written here, the others beside the state.
#[derive(Debug, Default)]
struct Known(Mutex<BTreeMap<u64, Vec<u8>>>);

impl Known {
    /// Puts them beside the state that is about to be written.
    fn put(&self, state: &mut State) {
        for (height, bytes) in &*self.lock() {
            state.put_side(kept_key(*height), bytes.clone());
        }
    }

    /// Forgets those that have been written.
    fn written(&self, snapshot: &Snapshot) {
        // One that cannot be looked up now is written once more with the next block.
        self.lock().retain(|height, _| !matches!(snapshot.get_side(&kept_key(*height)), Ok(Some(_))));
    }

    fn has(&self, snapshot: &Snapshot, height: u64) -> bool {
        self.lock().contains_key(&height) || matches!(snapshot.get_side(&kept_key(height)), Ok(Some(_)))
    }

    fn get(&self, snapshot: &Snapshot, height: u64) -> Option<Handover> {
        let waiting = self.lock().get(&height).cloned();
        let bytes = waiting.or_else(|| snapshot.get_side(&kept_key(height)).ok().flatten())?;
        Handover::from_wire(&wire::Handover::decode(bytes.as_slice()).ok()?).ok()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handover of a block as it is kept beside a state.
pub(in crate::comet) fn kept(snapshot: &Snapshot, height: u64) -> Result<Option<Vec<u8>>, CometError> {
    Ok(snapshot.get_side(&kept_key(height))?)
}

fn kept_key(height: u64) -> Vec<u8> {
    [KEPT, &height.to_be_bytes()].concat()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by it
mod tests {
    use sealdesk_store::{Durability, Store};

    use super::super::sets::tests::handover;
    use super::*;

    #[test]
    fn a_handover_written_beside_the_state_stays_known_and_leaves_the_root_alone() {
        let handover = handover(1, 2);
        let (handovers, store) = (Known::default(), Store::in_memory());
        handovers.lock().insert(7, handover.to_wire().encode_to_vec());
        assert_eq!(handovers.get(&store.latest(), 7), Some(handover.clone()));
        let mut state = State::new(store.latest());
        handovers.put(&mut state);
        let root = store.latest().root();
        store.commit(store.prepare(1, state.into_changes()).unwrap(), Durability::Deferred).unwrap();
        handovers.written(&store.latest());
        assert!(handovers.lock().is_empty());
        assert_eq!((handovers.get(&store.latest(), 7), store.latest().root()), (Some(handover), root));
        assert!(handovers.has(&store.latest(), 7) && !handovers.has(&store.latest(), 8));
    }
}
