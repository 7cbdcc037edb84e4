//! A backup that somebody changed who can write its digest as well: whatever it says of the ledger is held against what was signed.

use std::io::Write;
use std::sync::{Arc, Mutex};

use prost::Message as _;
use sealdesk_node::backup::{self, BackupError, Counts, Frame, FrameReader, FrameWriter, Part, ReadBackup};
use sealdesk_node::home::Home;
use sealdesk_node::{NodeConfig, run};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::AccountRecord;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::set_state;
use sealdesk_testkit::transaction::{Options, transaction};

use crate::desk::waiting::until;
use crate::port::blobs::{hash, naming, sealed};

/// What a node gives, kept where a test finds it.
#[derive(Clone, Default)]
struct Given(Arc<Mutex<Vec<u8>>>);

impl Write for Given {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The parts of an honest backup: of a ledger with three blocks, one ticket, and its file.
async fn parts() -> Vec<Frame> {
    let piece = sealed(b"a piece of a file");
    let (genesis, banned) = naming(&[&piece]);
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path());
    home.init(genesis).unwrap();
    let name = hex::encode(hash(&piece));
    let kept = home.data_dir().join("blobs").join(&name[..2]).join(&name);
    std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, &piece).unwrap();
    let listen = Some("127.0.0.1:0".parse().unwrap());
    let node =
        run(NodeConfig { home: dir.path().to_owned(), listen, ..NodeConfig::default() }).await.unwrap();
    let (ledger, admin) = (node.ledger(), Person::new("admin"));
    let sequence = || {
        let record = ledger.tip().snapshot.get(&tree::account(&admin.address)).unwrap().unwrap_or_default();
        AccountRecord::decode(record.as_slice()).unwrap().sequence
    };
    for state in ["active", "suspended", "active"] {
        let (chain, before) = (Some(ledger.machine().chain_id().clone()), sequence());
        let message = set_state(&admin, &banned, state);
        let tx = transaction(vec![message], &[(&admin, before)], &Options { chain, ..Options::default() });
        ledger.clone().submit(tx, None, Box::new(())).await.unwrap();
        until("a block", async || if sequence() > before { Ok(()) } else { Err("not yet") }).await;
    }
    let given = Given::default();
    let counts = backup::write(ledger.clone(), node.home(), given.clone()).await.unwrap();
    assert!(counts.blocks >= 3 && (counts.pieces, counts.missing_pieces) == (1, 0), "{counts:?}");
    node.stop().await.unwrap();
    let bytes = given.0.lock().unwrap().clone();
    let (mut reader, mut frames) = (FrameReader::stream(&bytes[..]), Vec::new());
    while frames.last().is_none_or(|last: &Frame| last.part != Part::Counts) {
        frames.push(reader.next_frame().unwrap());
    }
    frames
}

/// Reads these parts as a whole file, with a digest that fits.
fn read(frames: &[Frame]) -> Result<ReadBackup, BackupError> {
    let mut writer = FrameWriter::file(Vec::new()).unwrap();
    frames.iter().for_each(|frame| writer.put(frame.part, &frame.bytes).unwrap());
    let (whole, place) = (writer.end().unwrap(), tempfile::tempdir().unwrap());
    backup::read(&whole[..], place.path(), |_, _| Ok(()), |_| ())
}

fn first(frames: &[Frame], part: Part) -> usize {
    frames.iter().position(|frame| frame.part == part).unwrap()
}

/// Has the counts at the end agree with what was changed.
fn recount(frames: &mut [Frame], change: impl FnOnce(&mut Counts)) {
    let last = frames.last_mut().unwrap();
    let mut counts: Counts = serde_json::from_slice(&last.bytes).unwrap();
    change(&mut counts);
    last.bytes = serde_json::to_vec(&counts).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_a_backup_and_makes_its_digest_fit_is_found_out_by_signatures() {
    let honest = parts().await;
    assert!(read(&honest).is_ok());
    let refused = |what: &str, expected: &str, change: &dyn Fn(&mut Vec<Frame>)| {
        let mut frames = honest.clone();
        change(&mut frames);
        match read(&frames) {
            Err(BackupError::Damaged(said)) => assert!(said.contains(expected), "{what}: {said}"),
            other => panic!("{what}: {:?}", other.map(|read| read.height)),
        }
    };
    let (block, piece) = (first(&honest, Part::Block), first(&honest, Part::Piece));
    let is_follow = "does not follow the one before it";
    refused("the last block is left out", "do not lead to the header", &|frames| {
        frames.remove(piece - 1);
        recount(frames, |counts| counts.blocks -= 1);
    });
    refused("the first block is left out", is_follow, &|frames| {
        frames.remove(block);
        recount(frames, |counts| counts.blocks -= 1);
    });
    refused("a block stands there twice", is_follow, &|frames| {
        frames.insert(block, frames[block].clone());
        recount(frames, |counts| counts.blocks += 1);
    });
    refused("two blocks have changed places", is_follow, &|frames| frames.swap(block, block + 1));
    refused("a piece stands before the blocks", "not in their order", &|frames| frames.swap(block, piece));
    refused("a piece of nobody's is added", "no ticket names", &|frames| {
        frames.insert(piece, Frame { part: Part::Piece, bytes: sealed(b"another piece") });
        recount(frames, |counts| counts.pieces += 1);
    });
    refused("a piece is another one", "no ticket names", &|frames| {
        frames[piece].bytes = sealed(b"another piece");
    });
    refused("a piece stands there twice", "twice", &|frames| {
        frames.insert(piece, frames[piece].clone());
        recount(frames, |counts| counts.pieces += 1);
    });
    refused("a piece is left out", "missing", &|frames| {
        frames.remove(piece);
        recount(frames, |counts| counts.pieces -= 1);
    });
    refused("one block is not counted", "something of it is missing", &|frames| {
        recount(frames, |counts| counts.blocks -= 1);
    });
    refused("an account has signed once more", "do not have the root", &|frames| {
        let key = tree::account(&Person::new("admin").address);
        let rows = &mut frames[first(&honest, Part::Rows)].bytes;
        let at = rows.windows(key.len()).position(|window| window == key).unwrap() + key.len();
        // Behind the key the record: its first field is how often they have signed.
        let of_record = rows[at..].iter().position(|byte| *byte == 8).unwrap();
        rows[at + of_record + 1] += 1;
    });
    refused("it has no records", "", &|frames| {
        frames.retain(|frame| frame.part != Part::Rows);
        recount(frames, |counts| counts.rows = 0);
    });
}
