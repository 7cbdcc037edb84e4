//! What a ledger gives of itself, as of one height.

use std::fs::File;
use std::io::{Read as _, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealdesk_machine::{QueryError, snapshot_rows};
use sealdesk_protocol::block::{Block, SignedHeader};
use sealdesk_protocol::receipt::Evidence;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProvenRecord;
use sealdesk_store::Snapshot;
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::SignedHeader as RawSignedHeader;
use tokio::runtime::Handle;

use super::frames::{FrameWriter, Part};
use super::{About, BackupError, Counts};
use crate::blobs::HomePieces;
use crate::blocks::{NoBlock, StoredBlock};
use crate::comet::snapshots::format::push_row;
use crate::home::Home;
use crate::ledger::Ledger;
use crate::tip::Tip;

/// How long the header that proves the state is waited for, each time.
const HEADER_WAIT: Duration = Duration::from_secs(5);
/// How often that is done: beside writers the next block may change something again.
const HEADER_TRIES: u32 = 12;
/// Bytes of the genesis file in one frame.
const GENESIS_PIECE_BYTES: u64 = 4 * 1024 * 1024;
/// Names of pieces that are fetched at a time.
const PIECES_PAGE: usize = 1_000;

/// A state and the header that proves it.
struct Proven {
    snapshot: Snapshot,
    header: SignedHeader,
    /// A receipt of the ledger's beginning under that header.
    receipt: Vec<u8>,
}

/// Writes the ledger's part of a backup, as of the newest state that a header proves. The ledger goes on meanwhile: the state that is
/// written is held as it is, and blocks never change.
///
/// # Errors
/// [`BackupError`]; what was written is no backup then.
pub async fn write<W>(ledger: Arc<dyn Ledger>, home: &Home, out: W) -> Result<Counts, BackupError>
where
    W: Write + Send + 'static,
{
    let proven = proven(ledger.as_ref()).await?;
    let (home, runtime) = (home.clone(), Handle::current());
    let writing = move || {
        let frames = FrameWriter::stream(out);
        let mut writing = Writing { ledger, home, runtime, proven, frames, counts: Counts::default() };
        writing.all().map(|()| writing.counts)
    };
    tokio::task::spawn_blocking(writing).await.map_err(|error| BackupError::Node(error.to_string()))?
}

/// The newest state with the header over it, which is made where it is missing.
async fn proven(ledger: &dyn Ledger) -> Result<Proven, BackupError> {
    let mut heights = ledger.heights();
    let mut wanted = ledger.owed_header();
    for _ in 0..HEADER_TRIES {
        if let Some(height) = wanted {
            ledger.want_header(height);
            let done = |newest: &u64| *newest >= height || ledger.is_closed();
            let _ = tokio::time::timeout(HEADER_WAIT, heights.wait_for(done)).await.map(drop);
        }
        let header = ledger.tip();
        // The header of a block proves the state before it, which is the one after it as well where the block changed nothing.
        let state = match header.proves_itself() {
            true => Some(header.clone()),
            false => header.height.checked_sub(1).and_then(|height| ledger.tips().at(height)),
        };
        if let Some(state) = state {
            return prove(ledger, &header, &state.snapshot).await;
        }
        wanted = Some(header.height.saturating_add(1));
    }
    Err(BackupError::Node(
        "the block that proves the newest state is not made: the ledger has stopped".to_owned(),
    ))
}

async fn prove(ledger: &dyn Ledger, header: &Tip, snapshot: &Snapshot) -> Result<Proven, BackupError> {
    let signed = ledger.signed(header).await.map_err(|error| BackupError::Node(error.to_string()))?;
    let proof = snapshot.prove(tree::BEGINNING)?;
    let record = ProvenRecord {
        state_key: tree::BEGINNING.to_vec(),
        absent: proof.record.is_none(),
        record: proof.record.unwrap_or_default(),
        proof: proof.proof,
    };
    let evidence = Evidence {
        signed_header: &signed.header,
        validators: &signed.validators,
        handovers: &[],
        ticket: None,
        records: vec![record],
    };
    let receipt = evidence.encode();
    Ok(Proven { snapshot: snapshot.clone(), header: signed.header, receipt })
}

struct Writing<W> {
    ledger: Arc<dyn Ledger>,
    home: Home,
    runtime: Handle,
    proven: Proven,
    frames: FrameWriter<W>,
    counts: Counts,
}

impl<W: Write> Writing<W> {
    fn all(&mut self) -> Result<(), BackupError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let made = i64::try_from(now).unwrap_or(i64::MAX);
        self.json(Part::About, &About { made, program: env!("CARGO_PKG_VERSION").to_owned() })?;
        let receipt = std::mem::take(&mut self.proven.receipt);
        self.frames.put(Part::Proof, &receipt)?;
        self.genesis()?;
        self.rows()?;
        let newest = self.proven.header.header().height.value();
        for height in 1..=newest {
            self.block(height)?;
        }
        self.pieces()?;
        let counts = self.counts;
        self.json(Part::Counts, &counts)
    }

    fn json<T: serde::Serialize>(&mut self, part: Part, value: &T) -> Result<(), BackupError> {
        let bytes = serde_json::to_vec(value).map_err(|error| BackupError::Node(error.to_string()))?;
        Ok(self.frames.put(part, &bytes)?)
    }

    /// A node that is about to stop does not wait for whoever reads.
    fn goes_on(&self) -> Result<(), BackupError> {
        match self.ledger.is_closed() {
            true => Err(BackupError::Node("it is shutting down".to_owned())),
            false => Ok(()),
        }
    }

    fn genesis(&mut self) -> Result<(), BackupError> {
        let file = File::open(self.home.genesis_file())?;
        loop {
            let mut piece = Vec::new();
            (&file).take(GENESIS_PIECE_BYTES).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(());
            }
            self.frames.put(Part::Genesis, &piece)?;
        }
    }

    fn rows(&mut self) -> Result<(), BackupError> {
        let too_long =
            |error: crate::comet::snapshots::format::FormatError| BackupError::Node(error.to_string());
        let mut chunk = Vec::new();
        for row in snapshot_rows(&self.proven.snapshot)? {
            let row = row?;
            if !push_row(&mut chunk, &row).map_err(too_long)? {
                self.goes_on()?;
                self.frames.put(Part::Rows, &chunk)?;
                chunk.clear();
                push_row(&mut chunk, &row).map_err(too_long)?;
            }
            self.counts.rows = self.counts.rows.saturating_add(1);
        }
        Ok(self.frames.put(Part::Rows, &chunk)?)
    }

    /// A block, or its signed header where the rest is gone, also where it goes meanwhile.
    fn block(&mut self, height: u64) -> Result<(), BackupError> {
        self.goes_on()?;
        let unreadable = |error: NoBlock| BackupError::Node(error.to_string());
        match self.runtime.block_on(self.ledger.block(height)) {
            Ok(StoredBlock { header, txs, last_commit, .. }) => {
                self.counts.blocks = self.counts.blocks.saturating_add(1);
                Ok(self.frames.put(Part::Block, &Block { header, txs, last_commit }.encode())?)
            }
            Err(NoBlock::Dropped { .. }) => {
                let kept = self.runtime.block_on(self.ledger.commit(height)).map_err(unreadable)?;
                let bytes = Protobuf::<RawSignedHeader>::encode_vec(kept.signed);
                self.counts.headers = self.counts.headers.saturating_add(1);
                Ok(self.frames.put(Part::Header, &bytes)?)
            }
            Err(error) => Err(unreadable(error)),
        }
    }

    /// Every piece of an attached file that the state names. One that is not here is counted, and is no failure: its node may never have
    /// had it.
    fn pieces(&mut self) -> Result<(), BackupError> {
        let of_query = |error: QueryError| BackupError::Node(error.to_string());
        let pieces = HomePieces::of(&self.home)?;
        let mut after = None;
        loop {
            let page =
                self.ledger.machine().blobs(&self.proven.snapshot, after, PIECES_PAGE).map_err(of_query)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            for hash in &page {
                self.goes_on()?;
                match pieces.read(hash)? {
                    Some(bytes) => {
                        self.frames.put(Part::Piece, &bytes)?;
                        self.counts.pieces = self.counts.pieces.saturating_add(1);
                    }
                    None => self.counts.missing_pieces = self.counts.missing_pieces.saturating_add(1),
                }
            }
        }
    }
}
