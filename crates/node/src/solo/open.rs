//! Opening a ledger: genesis on first use, and on every start the blocks that the state lacks.

use std::sync::Arc;

use sealdesk_protocol::block::{SignedHeader, Time, ValidatorSet, validator_address, validator_set};
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_store::{Disk, Durability, PAGE_CACHE_BYTES, SEGMENT_BYTES, SegmentedLog, Store};

use super::blocks::Blocks;
use super::chain::{Chain, check, read_header, read_record};
use super::handle::LedgerHandle;
use super::produce::{BLOCKS_PER_SYNC, BlockTimer};
use super::signed::{Signed, SignedNote};
use super::{Setup, Solo, SoloError};
use crate::block::{height_of, load_or_begin};
use crate::clock::{Clock, next_block_time};
use crate::ledger::LedgerView;
use crate::metrics::Metrics;

impl Solo {
    /// Opens the ledger on its disks. On empty ones it begins with the genesis, and block 1 is made at once, so that there is
    /// always a signed header. Otherwise every block that the state lacks is executed again and has to lead to the hashes in
    /// the log.
    ///
    /// # Errors
    /// [`SoloError`]: of another ledger, of a newer program, in use, damaged, or older than what the key has signed.
    pub fn open<D: Disk>(setup: Setup<D>) -> Result<Self, SoloError> {
        Self::open_with(setup, PAGE_CACHE_BYTES)
    }

    /// As [`Solo::open`], with at most so many bytes of memory for pages of the state.
    ///
    /// # Errors
    /// As [`Solo::open`].
    pub fn open_with<D: Disk>(setup: Setup<D>, page_cache_bytes: usize) -> Result<Self, SoloError> {
        let (genesis, clock) = (setup.genesis.clone(), setup.clock.clone());
        let mut chain = Chain::on(setup, page_cache_bytes, Signing::GoesOn)?;
        let signed_header = match chain.catch_up()? {
            Some(signed_header) => signed_header,
            None => chain.begin(&genesis, clock.as_ref())?,
        };
        let (tip, metrics) = (chain.tip(signed_header)?, chain.metrics.clone());
        let view = LedgerView::new(chain.machine.clone(), chain.store.clone(), tip, metrics);
        let blocks = Blocks::new(chain.log.clone(), chain.headers.clone());
        let handle = LedgerHandle::new(view, chain.validators.clone(), blocks, clock.clone());
        let handle = Arc::new(handle);
        Ok(Self { chain, clock, handle, timer: BlockTimer::default(), keep_blocks: 0 })
    }
}

/// Whether the key goes on to sign blocks of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signing {
    /// It does, and the note of what it has signed is kept.
    GoesOn,
    /// It does not, and need not be that of the chain: this is read, and the note stays what it is.
    HasEnded,
}

impl Chain {
    /// The chain on these disks, before it has caught up. One that is signed on must hold what was signed last.
    pub(super) fn on<D: Disk>(
        setup: Setup<D>,
        page_cache_bytes: usize,
        signing: Signing,
    ) -> Result<Self, SoloError> {
        let Setup { disks, genesis, key, clock: _ } = setup;
        let validators = match signing {
            Signing::GoesOn => own_validators(&genesis, key.public_key())?,
            Signing::HasEnded => validators_of(&genesis)?,
        };
        let signer = validator_address(&key.public_key())?;
        // The state's file is opened first: its lock keeps a second process away from the others.
        let store = Store::open_with(disks.state, page_cache_bytes)?;
        let log = SegmentedLog::open_with(disks.blocks, SEGMENT_BYTES)?;
        let headers = SegmentedLog::open_with(disks.headers, SEGMENT_BYTES)?;
        let note = SignedNote::new(Box::new(disks.signed));
        let note = (signing == Signing::GoesOn).then_some(note);
        let signed = note.as_ref().map(SignedNote::read).transpose()?.flatten();
        check_log(&log, &genesis, &validators)?;
        check_signed(&log, &headers, &genesis, signed)?;
        if signed.is_none() && signing == Signing::GoesOn && !log.is_empty() {
            tracing::warn!(
                "nothing says which block this node's key has signed last (validator_signed is empty, or was not there): if data/ is an older copy, or this \
                 home is one of two, stop now: going on makes a second history under one name"
            );
        }
        if store.latest().version() == 0 {
            check_kept(&log, &headers, 0)?;
        }
        let other = |found, expected| SoloError::OtherLedger { found, expected };
        let machine = load_or_begin(&store, &genesis, other)?;
        let history = machine.history_start(&store.latest())?;
        let pruned = history.map_or(0, |start| start.from.saturating_sub(1));
        check_kept(&log, &headers, pruned)?;
        let metrics = Arc::new(Metrics::solo(machine.chain_id()));
        Ok(Self {
            machine,
            validators,
            signer,
            key,
            store,
            log,
            headers,
            pruned,
            note,
            previous: None,
            metrics,
        })
    }

    /// Executes what the state lacks. Gives the newest header, or `None` before the first block.
    pub(super) fn catch_up(&mut self) -> Result<Option<SignedHeader>, SoloError> {
        let (state, log) = (height_of(self.store.latest().version()), self.log.len());
        if state > log {
            return Err(SoloError::StateAhead { state, log });
        }
        let mut newest = None;
        if let Some(record) = self.logged(state)? {
            check(state, "the state", &self.store.latest().root(), &record.app_hash)?;
            newest = Some(self.sign(&record)?);
        }
        for height in state.saturating_add(1)..=log {
            let record = self.logged(height)?.ok_or(SoloError::StateAhead { state: height, log })?;
            let last_of_many = height % u64::from(BLOCKS_PER_SYNC) == 0;
            let durability = if last_of_many { Durability::Synced } else { Durability::Deferred };
            newest = Some(self.replay(&record, durability)?);
        }
        self.store.sync()?;
        if let Some(record) = self.logged(log)? {
            self.write_note(&record)?;
        }
        Ok(newest)
    }

    /// Makes block 1, which is empty and proves the genesis.
    fn begin(&mut self, genesis: &Genesis, clock: &dyn Clock) -> Result<SignedHeader, SoloError> {
        let genesis_time = Time::from_unix_timestamp(genesis.time()?, 0).map_err(|_| SoloError::Time)?;
        let time = next_block_time(genesis_time, clock.now()).ok_or(SoloError::Time)?;
        self.produce(time, &[], Durability::Synced)
    }
}

/// A ledger of one node has one validator: that node.
fn own_validators(genesis: &Genesis, key: [u8; 32]) -> Result<ValidatorSet, SoloError> {
    let validators = validators_of(genesis)?;
    let power = validators.total_voting_power().value();
    let own = u32::try_from(power).ok().map(|power| validator_set(&[(key, power)])).transpose()?;
    if own.is_some_and(|own| own.hash() == validators.hash()) {
        Ok(validators)
    } else {
        Err(SoloError::OtherValidator)
    }
}

/// Compares the log with the genesis, before anything is changed.
fn check_log(log: &SegmentedLog, genesis: &Genesis, validators: &ValidatorSet) -> Result<(), SoloError> {
    let Some(first) = read_record(log, log.indexes().start.saturating_add(1))? else { return Ok(()) };
    let found = first.block.header.chain_id.to_string();
    if found != genesis.chain_id {
        return Err(SoloError::OtherLedger { found, expected: genesis.chain_id.clone() });
    }
    if first.block.header.validators_hash != validators.hash() {
        return Err(SoloError::OtherValidator);
    }
    Ok(())
}

/// Compares the log with the last block that the key has signed.
fn check_signed(
    log: &SegmentedLog,
    headers: &SegmentedLog,
    genesis: &Genesis,
    signed: Option<Signed>,
) -> Result<(), SoloError> {
    let Some(signed) = signed else { return Ok(()) };
    // A note that a power cut took back may be of a block that was dropped since.
    let found = match read_record(log, signed.height)? {
        Some(record) => Some(Signed::of(&record.block)),
        // Only of such a one: a header beyond the log is of blocks that this copy does not have.
        None if signed.height <= log.indexes().start => {
            read_header(headers, signed.height)?.map(|header| header.noted())
        }
        None => None,
    };
    let chain_id = genesis.chain_id.clone();
    match found {
        None => Err(SoloError::OlderCopy { chain_id, signed: signed.height, log: log.len() }),
        Some(found) if found != signed => Err(SoloError::OtherHistory { chain_id, height: signed.height }),
        Some(_) => Ok(()),
    }
}

/// Compares what is kept of the blocks with what the state says was dropped: the blocks up to and including this one.
fn check_kept(log: &SegmentedLog, headers: &SegmentedLog, pruned: u64) -> Result<(), SoloError> {
    let first = log.indexes().start;
    if first > pruned {
        return Err(SoloError::BlocksMissing { from: pruned.saturating_add(1), to: first });
    }
    let begins_late = !headers.is_empty() && headers.indexes().start != 0;
    if headers.len() < pruned || begins_late || headers.len() > log.len() {
        return Err(SoloError::HeadersMissing { headers: headers.len(), dropped: pruned });
    }
    Ok(())
}
