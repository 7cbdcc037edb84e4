//! A store that is filled from elsewhere, and takes the place of the live one whole or not at all.

use sealdesk_store::testing::{CallKind, Fault, Faults, MemoryDisk};
use sealdesk_store::{
    Building, Changes, Durability, FileFolder, Folder as _, KeyRange, Result, STATE_FILE, Store, StoreError,
};

const ROWS: u32 = 90;

fn rows(range: std::ops::Range<u32>) -> Changes {
    let mut changes = Changes::default();
    for n in range {
        changes.records.insert(n.to_be_bytes().to_vec(), Some(vec![n as u8; 100]));
        changes.side.insert(n.to_be_bytes().to_vec(), Some(vec![n as u8; 10]));
    }
    changes
}

/// The live store of before.
fn old(faults: &Faults) -> Result<Store> {
    let store = Store::open(faults.folder("data/").open(STATE_FILE)?)?;
    if store.latest().version() == 0 {
        store.commit(store.prepare(1, rows(0..3))?, Durability::Synced)?;
    }
    Ok(store)
}

/// Makes another state, puts it into the live one's place, and goes on with it.
fn replace(faults: &Faults) -> Result<Store> {
    let (live, folder) = (old(faults)?, faults.folder("data/"));
    folder.remove("new")?;
    let building = Building::begin(folder.open("new")?)?;
    for begin in (0..ROWS).step_by(30) {
        building.add(rows(begin..begin + 30))?;
    }
    let made = building.finish(7, Changes::default())?;
    folder.rename("new", STATE_FILE)?;
    live.adopt(&made);
    live.commit(live.prepare(8, rows(ROWS..ROWS + 1))?, Durability::Synced)?;
    Ok(live)
}

#[test]
fn a_store_filled_in_batches_has_the_root_of_one_filled_at_once() {
    let building = Building::begin(MemoryDisk::new()).unwrap();
    // Other batches in another order: only the records count.
    for begin in [60, 0, 30] {
        building.add(rows(begin..begin + 30)).unwrap();
        assert_eq!(building.view().version(), 0, "a half-filled store is no state");
    }
    let made = building.finish(9, Changes::default()).unwrap();
    let whole = Store::in_memory();
    whole.commit(whole.prepare(9, rows(0..ROWS)).unwrap(), Durability::Synced).unwrap();
    let (made, whole) = (made.latest(), whole.latest());
    assert_eq!((made.version(), made.root()), (9, whole.root()));
    let all = |scan: sealdesk_store::Scan| scan.map(Result::unwrap).collect::<Vec<_>>();
    assert_eq!(
        all(made.scan_side(&KeyRange::all()).unwrap()),
        all(whole.scan_side(&KeyRange::all()).unwrap())
    );
    made.check_integrity().unwrap();
}

#[test]
fn nothing_is_built_over_what_is_there() {
    let disk = MemoryDisk::new();
    drop(Store::open(disk.clone()).unwrap());
    assert!(matches!(Building::begin(disk), Err(StoreError::Corrupt { .. })));
}

#[test]
fn every_clone_shows_the_adopted_state_and_a_commit_of_before_is_refused() {
    let faults = Faults::new(0);
    let live = old(&faults).unwrap();
    let (clone, snapshot) = (live.clone(), live.latest());
    let before = live.prepare(2, rows(5..6)).unwrap();
    let made = Building::begin(MemoryDisk::new()).unwrap().finish(7, rows(0..ROWS)).unwrap();
    live.adopt(&made);
    assert_eq!(clone.latest().root(), made.latest().root());
    assert!(matches!(clone.commit(before, Durability::Synced), Err(StoreError::Version { latest: 7, .. })));
    assert_eq!(snapshot.version(), 1, "a view of before stays what it was");
    assert!(snapshot.get(&1u32.to_be_bytes()).unwrap().is_some());
}

#[test]
fn a_crash_at_any_call_leaves_the_old_state_or_the_new_one() {
    let faults = Faults::new(0);
    replace(&faults).unwrap();
    let trace = faults.trace();
    let calls =
        trace.iter().enumerate().filter(|(_, call)| !matches!(call.kind, CallKind::Read | CallKind::Len));
    let calls: Vec<u64> = calls.map(|(nth, _)| nth as u64).collect();
    assert!(calls.len() > 60, "{}", calls.len());
    let (mut olds, mut news) = (0, 0);
    for call in calls {
        for fault in [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::PowerCut] {
            let what = format!("call {call} {fault:?}");
            let faults = Faults::new(call);
            faults.inject(call, fault);
            let _ = replace(&faults);
            match fault {
                Fault::PowerCut => faults.restart_after_power_cut(),
                _ => faults.restart_process(),
            }
            let store = old(&faults).unwrap_or_else(|error| panic!("{what}: {error}"));
            let latest = store.latest();
            let records = latest.scan(&KeyRange::all()).unwrap().count();
            match (latest.version(), records) {
                (1, 3) => olds += 1,
                (7, 90) | (8, 91) => news += 1,
                other => panic!("{what}: {other:?}"),
            }
            latest.check_integrity().unwrap_or_else(|error| panic!("{what}: {error}"));
        }
    }
    assert!(olds > 50 && news > 5, "{olds} {news}");
}

#[test]
fn a_directory_or_a_file_that_is_a_link_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("real")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("real"), dir.path().join("link")).unwrap();
    assert!(matches!(FileFolder::open(&dir.path().join("link")), Err(StoreError::Symlink { .. })));
    let folder = FileFolder::open(&dir.path().join("real")).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), dir.path().join("real/file")).unwrap();
    assert!(matches!(folder.open("file"), Err(StoreError::Symlink { .. })));
    folder.open("other").unwrap();
    folder.rename("other", "file").unwrap();
    assert_eq!(folder.names().unwrap(), ["file"]);
    assert!(!dir.path().join("elsewhere").exists());
    assert!(folder.free_bytes().unwrap() > 0);
    folder.remove("file").unwrap();
    folder.remove("file").unwrap();
}
