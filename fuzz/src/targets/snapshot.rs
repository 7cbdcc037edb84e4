//! A snapshot as a stranger may send it: its metadata, its chunks, and the rows in them.

use sealdesk_machine::{Restoring, Row, snapshot_rows};
use sealdesk_node::comet::snapshots::format::{ChunkMark, Counts, Metadata, push_row, rows_of};
use sealdesk_store::{State, Store};

use crate::desk::{Desk, genesis};
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    let target = |name, bytes_max, run, seeds| Target { name, bytes_max, run, seeds, contains_panics: false };
    vec![
        target("snapshot_metadata", 1_024, metadata, metadata_seeds),
        target("snapshot_chunk", 2_048, chunk, chunk_seeds),
        target("snapshot_rows", 32_768, rows, rows_seeds),
    ]
}

fn metadata(data: &[u8]) -> Outcome {
    let decoded = Metadata::decode(data);
    if let Ok(metadata) = &decoded {
        assert!(metadata.encode() == data, "what was read is written otherwise");
        assert!(metadata.height > 0 && !metadata.chunks.is_empty());
    }
    Outcome::from(&decoded)
}

fn metadata_seeds() -> Vec<Vec<u8>> {
    let of = |chunks: usize| Metadata {
        chain_id: "desk-1".to_owned(),
        height: 7,
        app_hash: [9; 32],
        counts: Counts { records: 3, envelopes: 1, grants: 0, documents: 0, erased: 0 },
        chunks: vec![ChunkMark::of(b"chunk"); chunks],
    };
    vec![of(1).encode(), of(3).encode()]
}

fn written(rows: &[Row]) -> Vec<u8> {
    let mut chunk = Vec::new();
    for row in rows {
        assert!(push_row(&mut chunk, row).expect("a short row"), "a small chunk has room");
    }
    chunk
}

fn chunk(data: &[u8]) -> Outcome {
    let decoded = rows_of(data);
    if let Ok(rows) = &decoded {
        assert!(written(rows) == data, "what was read is written otherwise");
    }
    Outcome::from(&decoded)
}

fn chunk_seeds() -> Vec<Vec<u8>> {
    let rows = honest_rows();
    vec![written(&rows[..1]), written(&rows[..3]), written(&rows[rows.len() - 1..])]
}

fn honest_rows() -> Vec<Row> {
    let rows = snapshot_rows(&Desk::get().snapshot()).expect("the state can be read");
    rows.map(|row| row.expect("the state can be read")).collect()
}

/// Whatever rows are taken for a whole state of the desk's root are the desk's own rows.
fn rows(data: &[u8]) -> Outcome {
    let Ok(rows) = rows_of(data) else { return Outcome::Refused };
    let mut restoring = Restoring::new(&genesis()).expect("the desk has a genesis");
    let store = Store::in_memory();
    let mut state = State::new(store.latest());
    let taken = rows.iter().try_for_each(|row| restoring.take(&mut state, row.clone()));
    if taken.and_then(|()| restoring.finish(&mut state, 9).map(drop)).is_err() {
        return Outcome::Refused;
    }
    let staged = store.prepare(1, state.into_changes()).expect("it can be staged");
    if staged.root() != Desk::get().snapshot().root() {
        return Outcome::Refused;
    }
    assert!(rows == honest_rows(), "a state of the right root with rows of a stranger");
    Outcome::Accepted
}

fn rows_seeds() -> Vec<Vec<u8>> {
    vec![written(&honest_rows())]
}
