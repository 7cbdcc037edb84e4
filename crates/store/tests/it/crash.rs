//! Every storage call of a workload fails once, in every way, up to three times in a row.

use std::collections::BTreeMap;

use sealdesk_store::testing::{CallKind, Fault, Faults};
use sealdesk_store::{Changes, Durability, KeyRange, Log, Result, Store, StoreError};

const BLOCKS: u64 = 4;
const FAULTS: [Fault; 4] = [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::PowerCut];

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// What was promised before the process died.
#[derive(Clone, Copy, Debug, Default)]
struct Promised {
    state: u64,
    log: u64,
    state_tried: u64,
    log_tried: u64,
}

fn key(n: u64) -> Vec<u8> {
    format!("ticket/{n:03}").into_bytes()
}

fn block_changes(version: u64) -> Changes {
    let mut changes = Changes::default();
    for n in 0..8 {
        changes.records.insert(key(version * 5 + n), Some(vec![version as u8; 150 + n as usize]));
    }
    changes.records.insert(key(version * 5 - 3), None);
    changes.side.insert(key(version), Some(vec![version as u8; 700]));
    changes.side.insert(b"height".to_vec(), Some(version.to_be_bytes().to_vec()));
    changes
}

fn block_bytes(height: u64) -> Vec<u8> {
    vec![height as u8; 300 + 400 * (height % 3) as usize]
}

fn is_synced(version: u64) -> bool {
    version.is_multiple_of(2)
}

/// The records and side values after `version` blocks.
fn model(version: u64) -> (Map, Map) {
    let (mut records, mut side) = (Map::new(), Map::new());
    for version in 1..=version {
        let changes = block_changes(version);
        for (map, writes) in [(&mut records, changes.records), (&mut side, changes.side)] {
            for (key, value) in writes {
                match value {
                    Some(value) => map.insert(key, value),
                    None => map.remove(&key),
                };
            }
        }
    }
    (records, side)
}

/// The embedded ledger in miniature: log the block, sync, commit it, now and then synced.
fn run(faults: &Faults, promised: &mut Promised) -> Result<()> {
    let log = Log::open(faults.disk("log"))?;
    let store = Store::open(faults.disk("state"))?;
    promised.log = promised.log.max(log.len());
    catch_up(&store, &log, promised)?;
    for height in log.len()..BLOCKS {
        promised.log_tried = height + 1;
        log.append(&block_bytes(height))?;
        log.sync()?;
        promised.log = height + 1;
        catch_up(&store, &log, promised)?;
    }
    store.sync()?;
    promised.state = promised.state.max(store.latest().version());
    Ok(())
}

/// Commits what is logged and not yet in the state.
fn catch_up(store: &Store, log: &Log, promised: &mut Promised) -> Result<()> {
    for version in store.latest().version() + 1..=log.len() {
        promised.state_tried = promised.state_tried.max(version);
        let staged = store.prepare(version, block_changes(version))?;
        let durability = if is_synced(version) { Durability::Synced } else { Durability::Deferred };
        store.commit(staged, durability)?;
        if is_synced(version) {
            promised.state = promised.state.max(version);
        }
    }
    Ok(())
}

/// After a restart nothing promised is lost, and what is there is a whole version.
fn check(faults: &Faults, promised: Promised, what: &str) -> Promised {
    let log = Log::open(faults.disk("log")).unwrap_or_else(|error| panic!("{what}: log: {error}"));
    assert!((promised.log..=promised.log_tried).contains(&log.len()), "{what}: {} {promised:?}", log.len());
    for (height, entry) in (0..).zip(log.iter(0)) {
        assert_eq!(entry.unwrap(), (height, block_bytes(height)), "{what}");
    }
    let store = Store::open(faults.disk("state")).unwrap_or_else(|error| panic!("{what}: store: {error}"));
    let latest = store.latest();
    let version = latest.version();
    assert!((promised.state..=promised.state_tried).contains(&version), "{what}: {version} {promised:?}");
    let (records, side) = model(version);
    let all = KeyRange::all();
    assert_eq!(latest.scan(&all).unwrap().collect::<Result<Map>>().unwrap(), records, "{what}");
    assert_eq!(latest.scan_side(&all).unwrap().collect::<Result<Map>>().unwrap(), side, "{what}");
    latest.check_integrity().unwrap_or_else(|error| panic!("{what}: {error}"));
    Promised { state: version, log: log.len(), ..promised }
}

fn restart(faults: &Faults, fault: Fault, nth: u64) {
    // A process that saw an error may be started again with the page cache as it was, or after a reboot.
    if fault == Fault::PowerCut || nth.is_multiple_of(2) {
        faults.restart_after_power_cut();
    } else {
        faults.restart_process();
    }
}

fn mutating_calls(faults: &Faults, from: usize) -> Vec<u64> {
    let trace = faults.trace();
    let calls = trace.iter().enumerate().skip(from);
    let writes = calls.filter(|(_, call)| !matches!(call.kind, CallKind::Read | CallKind::Len));
    writes.map(|(nth, _)| nth as u64).collect()
}

#[test]
fn a_crash_at_any_call_loses_nothing_promised() {
    let faults = Faults::new(0);
    run(&faults, &mut Promised::default()).unwrap();
    let calls = mutating_calls(&faults, 0);
    assert!(calls.len() > 60, "{}", calls.len());
    for call in calls {
        for fault in FAULTS {
            let what = format!("call {call} {fault:?}");
            let faults = Faults::new(call);
            faults.inject(call, fault);
            let mut promised = Promised::default();
            let failed = run(&faults, &mut promised).is_err();
            // The database closes its file with a few writes of its own, whose failure nobody is told of.
            assert!(failed || promised.log == BLOCKS, "{what}");
            restart(&faults, fault, call);
            let mut promised = check(&faults, promised, &what);
            run(&faults, &mut promised).unwrap();
            assert_eq!((promised.state, promised.log), (BLOCKS, BLOCKS), "{what}");
        }
    }
}

#[test]
fn a_crash_during_recovery_from_a_crash_three_deep() {
    let faults = Faults::new(0);
    run(&faults, &mut Promised::default()).unwrap();
    let calls = mutating_calls(&faults, 0);
    for (nth, call) in calls.into_iter().enumerate().step_by(3) {
        for offset in [0, 1, 2, 3, 5, 8, 11, 15] {
            let faults = Faults::new(call * 31 + offset);
            let mut promised = Promised::default();
            faults.inject(call, Fault::PowerCut);
            let what = format!("call {call}, then {offset} after each restart");
            let _ = run(&faults, &mut promised);
            for depth in 0..2u64 {
                faults.restart_after_power_cut();
                let fault = FAULTS[(nth + depth as usize) % FAULTS.len()];
                faults.inject(faults.calls() + offset * (depth + 1), fault);
                let _ = run(&faults, &mut promised);
            }
            faults.restart_after_power_cut();
            check(&faults, promised, &what);
        }
    }
}

#[test]
fn after_a_failed_sync_every_call_fails_and_nothing_is_tried_again() {
    let faults = Faults::new(4);
    let store = Store::open(faults.disk("state")).unwrap();
    let log = Log::open(faults.disk("log")).unwrap();
    log.append(b"block").unwrap();
    faults.inject(faults.calls(), Fault::ErrorBefore);
    assert!(matches!(log.sync(), Err(StoreError::Io(_))));
    assert!(matches!(log.sync(), Err(StoreError::Failed)));
    assert!(matches!(log.append(b"x"), Err(StoreError::Failed)));
    assert!(matches!(log.read(0), Err(StoreError::Failed)));

    let staged = store.prepare(1, block_changes(1)).unwrap();
    let next = store.prepare(1, block_changes(1)).unwrap();
    let before = store.latest();
    let sync = faults.calls() + next_sync(&staged_calls());
    faults.inject(sync, Fault::ErrorBefore);
    assert!(matches!(store.commit(staged, Durability::Synced), Err(StoreError::Io(_))));
    let calls = faults.calls();
    assert!(matches!(store.commit(next, Durability::Synced), Err(StoreError::Failed)));
    assert!(matches!(store.prepare(1, block_changes(1)), Err(StoreError::Failed)));
    assert!(matches!(store.sync(), Err(StoreError::Failed)));
    assert!(matches!(before.get(b"x"), Err(StoreError::Failed)));
    drop((store, before, log));
    assert_eq!(faults.calls(), calls, "closing must not touch a failed device");
}

/// The kinds of the calls that the first commit to a store makes.
fn staged_calls() -> Vec<CallKind> {
    let faults = Faults::new(4);
    let store = Store::open(faults.disk("state")).unwrap();
    let staged = store.prepare(1, block_changes(1)).unwrap();
    let from = faults.trace().len();
    store.commit(staged, Durability::Synced).unwrap();
    faults.trace()[from..].iter().map(|call| call.kind).collect()
}

fn next_sync(calls: &[CallKind]) -> u64 {
    calls.iter().position(|kind| *kind == CallKind::Sync).unwrap() as u64
}

#[test]
fn a_full_device_at_any_call_is_survived_once_space_returns() {
    let faults = Faults::new(0);
    run(&faults, &mut Promised::default()).unwrap();
    for call in mutating_calls(&faults, 0) {
        let faults = Faults::new(call);
        faults.inject(call, Fault::NoSpace);
        let mut promised = Promised::default();
        match run(&faults, &mut promised) {
            Err(StoreError::NoSpace | StoreError::Failed) => {}
            Err(error) => panic!("call {call}: {error}"),
            Ok(()) => assert_eq!(promised.log, BLOCKS),
        }
        faults.free_space();
        restart(&faults, Fault::NoSpace, call);
        let mut promised = check(&faults, promised, &format!("call {call}"));
        run(&faults, &mut promised).unwrap();
        assert_eq!(promised.state, BLOCKS);
    }
}

#[test]
fn deferred_commits_are_lost_whole_or_kept_whole() {
    for seed in 0..40 {
        let faults = Faults::new(seed);
        let store = Store::open(faults.disk("state")).unwrap();
        for version in 1..=4 {
            let durability = if version == 2 { Durability::Synced } else { Durability::Deferred };
            store.commit(store.prepare(version, block_changes(version)).unwrap(), durability).unwrap();
        }
        faults.restart_after_power_cut();
        drop(store);
        let promised = Promised { state: 2, state_tried: 4, ..Promised::default() };
        check(&faults, promised, &format!("seed {seed}"));
    }
}
