//! Bit flips, foreign files and second openers: a typed error, or the right value, never a wrong one.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sealdesk_store::testing::MemoryDisk;
use sealdesk_store::{
    Changes, Disk, Durability, KeyRange, Log, RECORD_BYTES_MAX, Result, SCHEMA_VERSION, STATE_FILE, State,
    Store, StoreError,
};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

fn changes(version: u64) -> Changes {
    let mut changes = Changes::default();
    for n in 0..60u64 {
        changes
            .records
            .insert(format!("r/{:03}", version * 20 + n).into_bytes(), Some(vec![version as u8; 120]));
        changes.side.insert(format!("s/{n:03}").into_bytes(), Some(vec![n as u8 ^ version as u8; 90]));
    }
    changes
}

fn model(version: u64) -> (Map, Map) {
    let (mut records, mut side) = (Map::new(), Map::new());
    for version in 1..=version {
        let changes = changes(version);
        records.extend(changes.records.into_iter().map(|(key, value)| (key, value.unwrap())));
        side.extend(changes.side.into_iter().map(|(key, value)| (key, value.unwrap())));
    }
    (records, side)
}

fn filled_disk() -> MemoryDisk {
    let disk = MemoryDisk::new();
    let store = Store::open(disk.clone()).unwrap();
    for version in 1..=3 {
        store.commit(store.prepare(version, changes(version)).unwrap(), Durability::Synced).unwrap();
    }
    disk
}

/// Reads everything in every way; any error ends it, any wrong answer panics.
fn read_all(disk: MemoryDisk, flip: &str) -> Result<()> {
    let store = Store::open(disk)?;
    let view = store.latest();
    let (records, side) = model(3);
    assert_eq!(view.version(), 3, "{flip}: an older version was served");
    for (key, record) in &records {
        assert_eq!(view.get(key)?.as_ref(), Some(record), "{flip}");
    }
    for (key, value) in &side {
        assert_eq!(view.get_side(key)?.as_ref(), Some(value), "{flip}");
    }
    assert_eq!(view.get(b"absent")?, None, "{flip}");
    assert_eq!(view.scan(&KeyRange::all())?.collect::<Result<Map>>()?, records, "{flip}");
    assert_eq!(view.scan_side(&KeyRange::all())?.collect::<Result<Map>>()?, side, "{flip}");
    assert_eq!(view.prove(b"r/030")?.record.as_ref(), records.get(&b"r/030"[..]), "{flip}");
    view.check_integrity()?;
    Ok(())
}

/// A bit of every n-th byte: a prime, so that all places within pages are met.
fn flips(bytes: usize) -> impl Iterator<Item = (usize, u8)> {
    let dense = (0..640).map(|at| (at, (at % 8) as u8));
    dense.chain((640..bytes).step_by(41).map(|at| (at, (at / 41 % 8) as u8)))
}

fn campaign(bytes: &[u8]) -> (usize, usize) {
    let (mut refused, mut harmless) = (0, 0);
    for (at, bit) in flips(bytes.len()) {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 1 << bit;
        let flip = format!("byte {at} bit {bit}");
        let read = catch_unwind(AssertUnwindSafe(|| read_all(MemoryDisk::with_bytes(damaged), &flip)));
        match read {
            Ok(Ok(())) => harmless += 1,
            Ok(Err(_)) => refused += 1,
            Err(panic) => panic!("{flip}: {:?}", panic.downcast_ref::<String>()),
        }
    }
    (refused, harmless)
}

#[test]
fn no_flipped_bit_of_a_closed_database_is_ever_served() {
    let (refused, harmless) = campaign(&filled_disk().bytes());
    println!("{refused} refused, {harmless} harmless");
    assert!(refused > 0);
}

#[test]
fn damage_under_an_open_store_is_never_served() {
    let disk = filled_disk();
    let bytes = disk.bytes();
    for (at, bit) in flips(bytes.len()).filter(|(at, _)| *at >= 640).step_by(3) {
        let disk = MemoryDisk::with_bytes(bytes.clone());
        let store = Store::open(disk.clone()).unwrap();
        let mut byte = [0];
        disk.read(at as u64, &mut byte).unwrap();
        disk.write(at as u64, &[byte[0] ^ 1 << bit]).unwrap();
        let (records, side) = model(3);
        let view = store.latest();
        for (key, value) in records.iter().step_by(7) {
            if let Ok(found) = view.get(key) {
                assert_eq!(found.as_ref(), Some(value), "byte {at}");
            }
        }
        for (key, value) in side.iter().step_by(7) {
            if let Ok(Some(found)) = view.get_side(key) {
                assert_eq!(&found, value, "byte {at}");
            }
        }
    }
}

#[test]
fn no_flipped_bit_of_a_log_is_ever_served() {
    let disk = MemoryDisk::new();
    let log = Log::open(disk.clone()).unwrap();
    let record = |n: u64| vec![n as u8 + 1; 40 + 30 * n as usize];
    for n in 0..6 {
        log.append(&record(n)).unwrap();
        log.sync().unwrap();
    }
    drop(log);
    let bytes = disk.bytes();
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 60;
    for (at, bit) in (0..used).map(|at| (at, (at % 8) as u8)) {
        let mut damaged = bytes[..64 * 1024].to_vec();
        damaged[at] ^= 1 << bit;
        let Ok(log) = Log::open(MemoryDisk::with_bytes(damaged)) else { continue };
        assert_eq!(log.len(), 6, "byte {at}: a synced record was cut off");
        for n in 0..6 {
            if let Ok(found) = log.read(n) {
                assert_eq!(found, Some(record(n)), "byte {at}");
            }
        }
    }
}

#[test]
fn an_unsynced_tail_is_cut_off_at_the_first_torn_record() {
    let disk = MemoryDisk::new();
    let log = Log::open(disk.clone()).unwrap();
    for n in 0..5u8 {
        log.append(&[n; 2_000]).unwrap();
        if n == 2 {
            log.sync().unwrap();
        }
    }
    drop(log);
    let synced_end = 20 + 3 * (2_000 + 36);
    disk.write(synced_end + 500, &[0; 512]).unwrap();
    let log = Log::open(disk.clone()).unwrap();
    assert_eq!(log.len(), 3);
    log.append(&[9; 2_000]).unwrap();
    log.sync().unwrap();
    drop(log);
    let log = Log::open(disk.clone()).unwrap();
    assert_eq!(log.len(), 4, "a record that was cut off came back");
    assert_eq!(log.iter(3).map(Result::unwrap).collect::<Vec<_>>(), [(3, vec![9; 2_000])]);
    drop(log);
    disk.write(20 + 2_036 + 700, &[77]).unwrap();
    let log = Log::open(disk).unwrap();
    assert!(matches!(log.read(1), Err(StoreError::Corrupt { .. })));
    assert_eq!(log.read(2).unwrap(), Some(vec![2; 2_000]));
}

#[test]
fn a_log_refuses_what_it_could_not_read_back() {
    let log = Log::open(MemoryDisk::new()).unwrap();
    let error = log.append(&vec![0; RECORD_BYTES_MAX + 1]).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }));
    assert_eq!(log.append(b"").unwrap(), 0);
    assert_eq!(log.read(0).unwrap(), Some(Vec::new()));
    assert_eq!(log.read(1).unwrap(), None);
}

#[test]
fn a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store, log) = (Store::open_dir(dir.path()).unwrap(), Log::open_dir(dir.path()).unwrap());
    assert!(matches!(Store::open_dir(dir.path()), Err(StoreError::Locked)));
    assert!(matches!(Log::open_dir(dir.path()), Err(StoreError::Locked)));
    drop((store, log));
    Store::open_dir(dir.path()).unwrap();
    Log::open_dir(dir.path()).unwrap();
}

#[test]
fn a_symbolic_link_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = dir.path().join("elsewhere");
    std::os::unix::fs::symlink(&elsewhere, dir.path().join(STATE_FILE)).unwrap();
    assert!(matches!(Store::open_dir(dir.path()), Err(StoreError::Symlink { .. })));
    assert!(!elsewhere.exists());
}

#[test]
fn a_newer_and_an_older_schema_are_refused() {
    let disk = MemoryDisk::new();
    drop(Store::open(disk.clone()).unwrap());
    sealdesk_store::testing::stamp_schema(disk.clone(), 7).unwrap();
    let error = Store::open(disk.clone()).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 7, supported: SCHEMA_VERSION }), "{error}");
    sealdesk_store::testing::stamp_schema(disk.clone(), 1).unwrap();
    let error = Store::open(disk).unwrap_err();
    assert!(matches!(error, StoreError::OlderSchema { found: 1, supported: SCHEMA_VERSION }), "{error}");
}

#[test]
fn versions_only_grow_and_stale_stages_are_refused() {
    let store = Store::in_memory();
    let first = store.prepare(5, changes(1)).unwrap();
    let other = store.prepare(5, changes(2)).unwrap();
    store.commit(first, Durability::Synced).unwrap();
    assert!(matches!(store.commit(other, Durability::Synced), Err(StoreError::Version { .. })));
    assert!(matches!(store.prepare(5, changes(2)), Err(StoreError::Version { .. })));
    assert_eq!(store.latest().version(), 5);
}

#[test]
fn unchanged_and_empty_blocks_keep_the_root_and_old_versions_stay_readable() {
    let store = Store::in_memory();
    store.commit(store.prepare(1, changes(1)).unwrap(), Durability::Synced).unwrap();
    let root = store.latest().root();
    let nodes = store.latest().check_integrity().unwrap();
    for version in 2..=20 {
        let again = if version % 2 == 0 { changes(1) } else { Changes::default() };
        let staged = store.prepare(version, again).unwrap();
        assert_eq!(staged.root(), root);
        store.commit(staged, Durability::Deferred).unwrap();
    }
    assert_eq!(store.latest().check_integrity().unwrap(), nodes);
    assert!(store.at(4).is_none() && store.at(5).is_some() && store.at(21).is_none());
    let mut state = State::new(store.latest());
    state.put("r/030", "changed");
    store.commit(store.prepare(21, state.into_changes()).unwrap(), Durability::Synced).unwrap();
    assert_eq!(store.at(20).unwrap().root(), root);
    assert_eq!(store.at(20).unwrap().prove(b"r/030").unwrap().record.unwrap(), vec![1; 120]);
    assert_ne!(store.latest().root(), root);
}

#[test]
fn zeros_are_written_ahead_in_steps_and_over_no_record() {
    const KIB: u64 = 1024;
    let disk = MemoryDisk::new();
    let log = Log::open(disk.clone()).unwrap();
    // What is there before shows how far the zeros come.
    let places = [300 * KIB, 600 * KIB, 1_100 * KIB];
    const MARK: u8 = 0xee;
    places.iter().for_each(|place| disk.write(*place, &[MARK]).unwrap());
    let marked = || {
        let bytes = disk.bytes();
        places.iter().filter(|place| bytes[usize::try_from(**place).unwrap()] == MARK).count()
    };
    let record = |n: u8| vec![n + 1; 50_000];
    let mut found = Vec::new();
    for n in 0..21 {
        log.append(&record(n)).unwrap();
        log.sync().unwrap();
        found.push(marked());
    }
    assert_eq!([found[0], found[9], found[10], found[20]], [2, 2, 1, 0], "half a MiB each time it is needed");
    assert!(disk.bytes()[1_060_000..1_500_000].iter().all(|byte| *byte == 0), "zeros behind the last record");
    drop(log);
    let log = Log::open(disk.clone()).unwrap();
    log.append(&record(21)).unwrap();
    for n in 0..22 {
        assert_eq!(log.read(u64::from(n)).unwrap(), Some(record(n)));
    }
}
