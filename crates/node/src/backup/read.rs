//! Reading a backup through. Whatever it holds has to follow from a header that the ledger's validator signed, or from the digest at its
//! end; the first byte that does not fit ends it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use sealdesk_machine::Machine;
use sealdesk_protocol::attachment::{BLOB_BYTES_MAX, BlobHash};
use sealdesk_protocol::block::{Block, Hash, Header, SignedHeader};
use sealdesk_protocol::genesis::{Genesis, validators_of};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::receipt::{Trust, VerifiedReceipt};
use sealdesk_store::{FileDisk, Store};
use sha2::{Digest as _, Sha256};
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::SignedHeader as RawSignedHeader;

use super::frames::{Frame, FrameReader, Part};
use super::state::StateInMaking;
use super::{About, BackupError, Counts, damaged};

/// Longest genesis, in bytes.
const GENESIS_BYTES_MAX: usize = 8 << 30;
/// Names of pieces that are compared with the state at a time.
const PIECES_PAGE: usize = 1_000;
/// Most files of a home, and most bytes of all of them.
const FILES_MAX: usize = 10_000;
const FILES_BYTES_MAX: usize = 512 * 1024 * 1024;

/// A file of a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeFile {
    /// Its path below the home.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl HomeFile {
    /// What a frame holds of it; `None` for a name that is too long.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let length = u16::try_from(self.name.len()).ok()?;
        Some([&length.to_be_bytes()[..], self.name.as_bytes(), &self.bytes].concat())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (name, bytes) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        Some(Self { name: std::str::from_utf8(name).ok()?.to_owned(), bytes: bytes.to_vec() })
    }
}

/// A backup that was read through.
#[derive(Debug)]
pub struct ReadBackup {
    /// What the node said of it.
    pub about: About,
    /// The ledger's name.
    pub chain_id: ChainId,
    /// The ledger's identity.
    pub identity: Identity,
    /// The height whose state this is.
    pub height: u64,
    /// Time of the header that proves it, in Unix seconds.
    pub time: i64,
    /// Root of the state.
    pub app_hash: [u8; 32],
    /// What the ledger's part holds.
    pub counts: Counts,
    /// The rules of the ledger.
    pub machine: Machine,
    /// The state, on the disk that was given.
    pub store: Store,
    /// Files of the home.
    pub files: Vec<HomeFile>,
    /// The secret files, as they were sealed.
    pub sealed: Option<Vec<u8>>,
    /// SHA-256 of everything before these: what they were sealed for.
    pub sealed_for: [u8; 32],
}

impl ReadBackup {
    /// The whole state, for another ledger of that name. It names the one that it continues.
    ///
    /// # Errors
    /// In words, where no ledger could begin with it.
    pub fn export(&self, name: &ChainId) -> Result<Genesis, String> {
        self.machine.export(&self.store.latest(), Some(name)).map_err(|error| error.to_string())
    }
}

/// Reads a whole backup. The state is made in a file without a name in the folder `place`, which is on a disk with room for it; each piece of an attached file goes to `piece`, and how many bytes were read to
/// `told`, again and again.
///
/// # Errors
/// [`BackupError`], also for what is cut off or changed anywhere. What `piece` was given counts for nothing then.
pub fn read<R: Read>(
    input: R,
    place: &Path,
    mut piece: impl FnMut(&BlobHash, &[u8]) -> std::io::Result<()>,
    mut told: impl FnMut(u64),
) -> Result<ReadBackup, BackupError> {
    let mut reader = FrameReader::file(input)?;
    let about = expect(reader.next_frame()?, Part::About)?;
    let about: About = serde_json::from_slice(&about).map_err(damaged)?;
    let receipt = expect(reader.next_frame()?, Part::Proof)?;
    let (genesis, mut frame) = genesis(&mut reader)?;
    let mut chain = Chain::begin(&genesis, &receipt)?;
    let mut state = StateInMaking::begin(FileDisk::unnamed(place)?, &genesis)?;
    drop(genesis);
    let (mut last, mut pieces) = (Part::Genesis, BTreeSet::new());
    let counts = loop {
        let Frame { part, bytes } = frame;
        let in_order = part >= last || (part, last) == (Part::Header, Part::Block);
        if !in_order {
            return Err(damaged("its parts are not in their order"));
        }
        last = part;
        match part {
            Part::Rows => state.take(&bytes)?,
            Part::Header => chain.header(&bytes)?,
            Part::Block => chain.block(&bytes)?,
            Part::Piece if bytes.len() <= BLOB_BYTES_MAX => {
                let hash: BlobHash = Sha256::digest(&bytes).into();
                if !pieces.insert(hash) {
                    return Err(damaged("it holds a piece of a file twice"));
                }
                piece(&hash, &bytes)?;
            }
            Part::Counts => break serde_json::from_slice::<Counts>(&bytes).map_err(damaged)?,
            _ => return Err(damaged("it has a part where none of its kind is")),
        }
        told(reader.bytes());
        frame = reader.next_frame()?;
    };
    chain.end()?;
    let (blocks, headers) = (chain.blocks, chain.headers);
    let found = Counts { rows: state.rows(), blocks, headers, pieces: many(pieces.len()), ..counts };
    if found != counts {
        return Err(damaged("something of it is missing"));
    }
    let proven = chain.receipt;
    let store = state.finish(proven.app_hash(), proven.height())?;
    let machine = Machine::load(&store.latest()).map_err(damaged)?;
    check_pieces(&machine, &store, &pieces, counts.missing_pieces)?;
    let Home { files, sealed, sealed_for } = home(&mut reader, told)?;
    Ok(ReadBackup {
        about,
        chain_id: machine.chain_id().clone(),
        identity: *machine.identity(),
        height: proven.height(),
        time: proven.time(),
        app_hash: *proven.app_hash(),
        counts,
        machine,
        store,
        files,
        sealed,
        sealed_for,
    })
}

fn many(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The state names every piece, and no other one than these and those that the node did not have.
fn check_pieces(
    machine: &Machine,
    store: &Store,
    pieces: &BTreeSet<BlobHash>,
    missing: u64,
) -> Result<(), BackupError> {
    let snapshot = store.latest();
    let (mut after, mut named, mut found) = (None, 0_u64, 0_u64);
    loop {
        let page = machine.blobs(&snapshot, after, PIECES_PAGE).map_err(damaged)?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        named = named.saturating_add(many(page.len()));
        found = found.saturating_add(many(page.iter().filter(|hash| pieces.contains(*hash)).count()));
    }
    if found != many(pieces.len()) {
        return Err(damaged("it holds a piece of a file that no ticket names"));
    }
    match found.checked_add(missing) == Some(named) {
        true => Ok(()),
        false => Err(damaged("pieces of files that tickets name are missing")),
    }
}

fn expect(frame: Frame, part: Part) -> Result<Vec<u8>, BackupError> {
    if frame.part == part { Ok(frame.bytes) } else { Err(damaged("it does not begin as a backup does")) }
}

/// The genesis, and the frame behind it.
fn genesis<R: Read>(reader: &mut FrameReader<R>) -> Result<(Genesis, Frame), BackupError> {
    let mut text = Vec::new();
    loop {
        let frame = reader.next_frame()?;
        if frame.part != Part::Genesis {
            return Ok((Genesis::from_json(&text).map_err(damaged)?, frame));
        }
        if text.len().saturating_add(frame.bytes.len()) > GENESIS_BYTES_MAX {
            return Err(damaged("its genesis is longer than any"));
        }
        text.extend(frame.bytes);
    }
}

/// What comes behind the ledger's part.
struct Home {
    files: Vec<HomeFile>,
    sealed: Option<Vec<u8>>,
    sealed_for: [u8; 32],
}

fn home<R: Read>(reader: &mut FrameReader<R>, mut told: impl FnMut(u64)) -> Result<Home, BackupError> {
    let (mut files, mut bytes) = (Vec::new(), 0_usize);
    loop {
        let sealed_for = reader.digest();
        let frame = reader.next_frame()?;
        told(reader.bytes());
        match frame.part {
            Part::File => {
                let file =
                    HomeFile::decode(&frame.bytes).ok_or_else(|| damaged("a file of it has no name"))?;
                bytes = bytes.saturating_add(frame.bytes.len());
                files.push(file);
                if files.len() > FILES_MAX || bytes > FILES_BYTES_MAX {
                    return Err(damaged("it has more files than any home"));
                }
            }
            Part::Sealed => {
                return match reader.next_frame()?.part {
                    Part::End => Ok(Home { files, sealed: Some(frame.bytes), sealed_for }),
                    _ => Err(damaged("its parts are not in their order")),
                };
            }
            Part::End => return Ok(Home { files, sealed: None, sealed_for }),
            _ => return Err(damaged("its parts are not in their order")),
        }
    }
}

/// The blocks from the first to the one whose header is signed: each names the one before it by its hash.
struct Chain {
    receipt: VerifiedReceipt,
    last: Option<Header>,
    blocks: u64,
    headers: u64,
}

impl Chain {
    /// Begins with the header that proves the state, which the validators of the genesis have signed.
    fn begin(genesis: &Genesis, receipt: &[u8]) -> Result<Self, BackupError> {
        let Hash::Sha256(validators_hash) = validators_of(genesis).map_err(damaged)?.hash() else {
            return Err(damaged("its genesis names no validators"));
        };
        let chain_id = ChainId::parse(&genesis.chain_id).map_err(damaged)?;
        let trust = Trust::Pinned { validators_hash, chain_id: Some(chain_id) };
        let receipt = VerifiedReceipt::verify(receipt, &trust).map_err(damaged)?;
        Ok(Self { receipt, last: None, blocks: 0, headers: 0 })
    }

    fn header(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        let signed: SignedHeader = Protobuf::<RawSignedHeader>::decode_vec(bytes).map_err(damaged)?;
        self.headers = self.headers.saturating_add(1);
        self.follow(signed.header().clone())
    }

    fn block(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        // Decoding compares the transactions with what the header names.
        let block = Block::decode(bytes).map_err(damaged)?;
        self.blocks = self.blocks.saturating_add(1);
        self.follow(block.header)
    }

    fn follow(&mut self, header: Header) -> Result<(), BackupError> {
        let height = header.height.value();
        let (before, hash) = match &self.last {
            None => (0, None),
            Some(last) => (last.height.value(), Some(last.hash())),
        };
        let named = header.last_block_id.map(|id| id.hash).filter(|hash| !hash.is_empty());
        if height != before.saturating_add(1) || named != hash {
            return Err(damaged(format!("block {height} does not follow the one before it")));
        }
        self.last = Some(header);
        Ok(())
    }

    /// The last block is the one whose header is signed; what it names by hashes is signed with it.
    fn end(&self) -> Result<(), BackupError> {
        let found = self.last.as_ref().map(Header::hash);
        if found == Some(Hash::Sha256(*self.receipt.header_hash())) {
            return Ok(());
        }
        Err(damaged("its blocks do not lead to the header that is signed"))
    }
}
