//! Files of the data directory, as a failing disk or an unfriendly hand may leave them.
//!
//! An input is a list of patches over a file that was written honestly: `offset u24 ‖ length u8 ‖ bytes`, where a length of
//! 255 cuts the file off at the offset. With a leading 1 instead of a 0 the rest of the input is the whole file.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sealdesk_store::testing::MemoryDisk;
use sealdesk_store::{Changes, Durability, KeyRange, Log, Snapshot, Store};

use super::{choose, chosen};
use crate::{Outcome, Target};

/// Stands in place of a patch's length.
const CUT: u8 = 255;

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run, seeds| Target { name, bytes_max: 2_048, run, seeds, contains_panics: true };
    vec![target("log", log, log_seeds), target("database", database, database_seeds)]
}

fn patched(data: &[u8], base: &[u8]) -> Option<Vec<u8>> {
    let (whole, mut rest) = choose(data, 2)?;
    if whole == 1 {
        return Some(rest.to_vec());
    }
    let mut file = base.to_vec();
    while let Some((&[high, middle, low, length], tail)) = rest.split_first_chunk() {
        let offset = usize::try_from(u32::from_be_bytes([0, high, middle, low])).unwrap_or(usize::MAX);
        let offset = offset % (file.len() + 1);
        if length == CUT {
            file.truncate(offset);
            rest = tail;
            continue;
        }
        let (bytes, tail) = tail.split_at(tail.len().min(length.into()));
        let reach = bytes.len().min(file.len() - offset);
        file[offset..offset + reach].copy_from_slice(&bytes[..reach]);
        rest = tail;
    }
    Some(file)
}

fn patch(offset: usize, bytes: &[u8]) -> Vec<u8> {
    let offset = u32::try_from(offset).expect("a small file").to_be_bytes();
    let length = u8::try_from(bytes.len()).expect("a short patch");
    [&offset[1..], &[length], bytes].concat()
}

/// The log's records: the first four were synced, the last three may have been torn.
fn log_records() -> Vec<Vec<u8>> {
    [0_usize, 5, 100, 3_000, 1, 40, 700]
        .iter()
        .zip(b'a'..)
        .map(|(length, byte)| vec![byte; *length])
        .collect()
}

const SYNCED: usize = 4;

fn log_file() -> &'static Vec<u8> {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let disk = MemoryDisk::new();
        let log = Log::open(disk.clone()).expect("a new log opens");
        for (place, record) in log_records().iter().enumerate() {
            log.append(record).expect("a memory disk takes everything");
            if place < SYNCED {
                log.sync().expect("a memory disk syncs");
            }
        }
        // Without the zeros behind it, which a log allocates ahead: reading four megabytes of them says nothing new.
        let mut file = disk.bytes();
        file.truncate(file.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 100));
        file
    })
}

/// Whatever opens is the beginning of what was written, can be read as such or says that it is damaged, and goes on.
fn log(data: &[u8]) -> Outcome {
    let Some(file) = patched(data, log_file()) else { return Outcome::Refused };
    let disk = MemoryDisk::with_bytes(file);
    let Ok(log) = Log::open(disk.clone()) else { return Outcome::Refused };
    let written = log_records();
    let length = usize::try_from(log.len()).expect("a short log");
    assert!(length <= written.len(), "the log has records that nobody wrote");
    let mut whole = true;
    for (record, expected) in log.iter(0).zip(&written) {
        match record {
            Ok((_, record)) => assert!(record == *expected, "a record is served that nobody wrote"),
            Err(_) => whole = false,
        }
    }
    if log.append(b"next").and_then(|_| log.sync()).is_ok() {
        drop(log);
        let again = Log::open(disk).map(|log| log.len());
        assert!(again.is_ok_and(|found| found == length as u64 + 1), "what was appended and synced is gone");
    }
    if whole { Outcome::Accepted } else { Outcome::Refused }
}

fn log_seeds() -> Vec<Vec<u8>> {
    let end = log_file().iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let cut = |offset: usize| [&patch(offset, &[])[..3], &[CUT]].concat();
    vec![
        chosen(0, &[]),
        chosen(0, &patch(60, b"\xff")),
        chosen(0, &patch(end - 10, b"\0\0")),
        chosen(0, &[patch(8, b"\0\0\0\x02"), cut(end - 200)].concat()),
        chosen(0, &cut(10)),
        chosen(1, &log_file()[..400]),
        chosen(1, b"not a log"),
    ]
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// What the database holds as of each version.
fn versions() -> Vec<Rows> {
    let mut rows = Rows::new();
    let mut versions = vec![rows.clone()];
    for version in 1..=3_u8 {
        rows.extend((0..40).map(|n: u8| (vec![b'k', n, version % 2], vec![version, n, 0x5a])));
        versions.push(rows.clone());
    }
    versions
}

fn database_file() -> &'static Vec<u8> {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let disk = MemoryDisk::new();
        let store = Store::open(disk.clone()).expect("a new store opens");
        for (version, rows) in (0_u64..).zip(versions()).skip(1) {
            let all: sealdesk_store::Writes = rows.into_iter().map(|(key, row)| (key, Some(row))).collect();
            let changes = Changes { records: all.clone(), side: all };
            let staged = store.prepare(version, changes).expect("a staged block");
            store.commit(staged, Durability::Synced).expect("a committed block");
        }
        drop(store);
        disk.bytes()
    })
}

/// Whatever a damaged database serves is what some version held; else it says that it is damaged.
fn database(data: &[u8]) -> Outcome {
    let Some(file) = patched(data, database_file()) else { return Outcome::Refused };
    let Ok(store) = Store::open(MemoryDisk::with_bytes(file)) else { return Outcome::Refused };
    let view = store.latest();
    let version = usize::try_from(view.version()).unwrap_or(usize::MAX);
    let versions = versions();
    let Some(expected) = versions.get(version) else { panic!("version {version} was never written") };
    let served = serves(&view, expected);
    let checked = view.check_integrity().is_ok();
    let next = Changes { records: [(b"next".to_vec(), Some(vec![1]))].into(), ..Changes::default() };
    let next =
        store.prepare(view.version() + 1, next).and_then(|next| store.commit(next, Durability::Synced));
    if served && checked && next.is_ok() { Outcome::Accepted } else { Outcome::Refused }
}

/// Reads everything in every way.
fn serves(view: &Snapshot, expected: &Rows) -> bool {
    let mut whole = true;
    for (key, row) in expected {
        for read in [view.get(key), view.get_side(key), view.prove(key).map(|proof| proof.record)] {
            match read {
                Ok(Some(read)) => assert!(read == *row, "a row is served that nobody wrote"),
                Ok(None) => whole = false,
                Err(_) => whole = false,
            }
        }
    }
    for scan in [view.scan(&KeyRange::all()), view.scan_side(&KeyRange::all())] {
        let Ok(scan) = scan else { return false };
        for entry in scan {
            let Ok((key, row)) = entry else { return false };
            assert!(expected.get(&key) == Some(&row), "a row is served that nobody wrote");
        }
    }
    whole
}

fn database_seeds() -> Vec<Vec<u8>> {
    let cut = |offset: usize| [&patch(offset, &[])[..3], &[CUT]].concat();
    let used = |at: usize| database_file().iter().enumerate().filter(|(_, byte)| **byte != 0).nth(at);
    let at = |nth: usize| used(nth).map_or(0, |(offset, _)| offset);
    vec![
        chosen(0, &[]),
        chosen(0, &patch(9, b"\x01")),
        chosen(0, &patch(at(600), b"\xff")),
        chosen(0, &patch(at(4_000), b"\xff\xff")),
        chosen(0, &cut(70_000)),
        chosen(1, &database_file()[..700]),
        chosen(1, b"redb"),
    ]
}
