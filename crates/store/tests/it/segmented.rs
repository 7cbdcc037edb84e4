//! A log of several files, whose beginning is dropped: against a plain list, on disks that fail at every call, and with files missing.

use proptest::prelude::*;
use sealdesk_store::testing::{CallKind, Fault, Faults, MemoryFolder};
use sealdesk_store::{FileFolder, Folder, Log, Result, SegmentedLog, StoreError};

/// So small that a few records fill a file.
const SEGMENT_BYTES: u64 = 700;
const FAULTS: [Fault; 4] = [Fault::ErrorBefore, Fault::ErrorAfter, Fault::Torn, Fault::PowerCut];

fn open(folder: impl Folder) -> Result<SegmentedLog> {
    SegmentedLog::open_with(Box::new(folder), SEGMENT_BYTES)
}

fn record(index: u64) -> Vec<u8> {
    vec![index as u8 + 1; 120 + 90 * (index % 4) as usize]
}

/// Every record that is here, which has to be what was written under its index.
fn check_records(log: &SegmentedLog, what: &str) {
    for index in log.indexes() {
        assert_eq!(log.read(index).unwrap(), Some(record(index)), "{what}");
    }
    assert_eq!(log.read(log.len()).unwrap(), None, "{what}");
    if let Some(before) = log.indexes().start.checked_sub(1) {
        assert_eq!(log.read(before).unwrap(), None, "{what}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Append,
    Sync,
    /// Of all records that were appended, the part in 16ths that may go.
    Drop(u64),
    Trim(u64),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Append),
        3 => Just(Step::Sync),
        1 => (0u64..17).prop_map(Step::Drop),
        1 => (0u64..17).prop_map(Step::Trim),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_may_not_go_is_always_there(steps in prop::collection::vec(step(), 1..60)) {
        let folder = MemoryFolder::new();
        let mut log = open(folder.clone()).unwrap();
        let (mut len, mut asked) = (0, 0);
        for step in steps {
            match step {
                Step::Append => {
                    prop_assert_eq!(log.append(&record(len)).unwrap(), len);
                    len += 1;
                }
                Step::Sync => log.sync().unwrap(),
                Step::Drop(part) => {
                    let index = len * part / 16;
                    let (expected, freed) = (log.droppable_before(index), log.drop_before(index).unwrap());
                    prop_assert_eq!(expected, freed);
                    prop_assert_eq!(log.droppable_before(index), 0);
                    asked = asked.max(index);
                }
                Step::Trim(part) => {
                    let index = len * part / 16;
                    log.trim_before(index).unwrap();
                    asked = asked.max(index);
                    // Only where everything may go does the last file stay as it is.
                    prop_assert!(log.indexes().start >= index || index == len);
                }
                Step::Reopen => {
                    drop(log);
                    log = open(folder.clone()).unwrap();
                }
            }
            prop_assert_eq!(log.len(), len);
            prop_assert!(log.indexes().start <= asked);
            check_records(&log, "model");
        }
    }
}

/// What was promised, and what was asked for without an answer.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    synced: u64,
    tried: u64,
    dropped: u64,
    drop_tried: u64,
}

/// Appends, and drops what lies more than six records back: with whole files, and in the end to the record.
fn run(faults: &Faults, seen: &mut Seen) -> Result<()> {
    let log = open(faults.folder("blocks/"))?;
    seen.synced = seen.synced.max(log.len());
    for index in log.len()..14 {
        seen.tried = index + 1;
        log.append(&record(index))?;
        log.sync()?;
        seen.synced = index + 1;
        if index % 5 == 4 {
            seen.drop_tried = seen.drop_tried.max(index.saturating_sub(6));
            log.drop_before(seen.drop_tried)?;
        }
    }
    seen.drop_tried = 12;
    log.trim_before(12)?;
    seen.dropped = 12;
    Ok(())
}

fn check(faults: &Faults, seen: Seen, what: &str) -> Seen {
    let log = open(faults.folder("blocks/")).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!((seen.synced..=seen.tried).contains(&log.len()), "{what}: {log:?} {seen:?}");
    let first = log.indexes().start;
    assert!((seen.dropped..=seen.drop_tried).contains(&first), "{what}: {log:?} {seen:?}");
    check_records(&log, what);
    Seen { synced: log.len(), ..seen }
}

fn restart(faults: &Faults, fault: Fault, nth: u64) {
    if fault == Fault::PowerCut || nth.is_multiple_of(2) {
        faults.restart_after_power_cut();
    } else {
        faults.restart_process();
    }
}

fn mutating_calls() -> Vec<u64> {
    let faults = Faults::new(0);
    run(&faults, &mut Seen::default()).unwrap();
    let calls = (0u64..).zip(faults.trace());
    let changes = calls.filter(|(_, call)| !matches!(call.kind, CallKind::Read | CallKind::Len));
    changes.map(|(nth, _)| nth).collect()
}

#[test]
fn a_crash_at_any_call_leaves_the_old_files_or_the_new_ones() {
    let calls = mutating_calls();
    assert!(calls.len() > 50, "{}", calls.len());
    for call in calls {
        for fault in FAULTS {
            let what = format!("call {call} {fault:?}");
            let (faults, mut seen) = (Faults::new(call), Seen::default());
            faults.inject(call, fault);
            assert!(run(&faults, &mut seen).is_err(), "{what}");
            restart(&faults, fault, call);
            let mut seen = check(&faults, seen, &what);
            run(&faults, &mut seen).unwrap();
            assert_eq!((seen.synced, seen.dropped), (14, 12), "{what}");
            check(&faults, seen, &what);
        }
    }
}

#[test]
fn a_crash_during_the_recovery_from_a_crash_leaves_no_hole() {
    for (nth, call) in mutating_calls().into_iter().enumerate().step_by(4) {
        for offset in [0, 1, 3, 6] {
            let what = format!("call {call}, then {offset} after the restart");
            let (faults, mut seen) = (Faults::new(call * 31 + offset), Seen::default());
            faults.inject(call, Fault::PowerCut);
            assert!(run(&faults, &mut seen).is_err(), "{what}");
            faults.restart_after_power_cut();
            faults.inject(faults.calls() + offset, FAULTS[nth % FAULTS.len()]);
            let _ = run(&faults, &mut seen);
            faults.restart_after_power_cut();
            check(&faults, seen, &what);
        }
    }
}

#[test]
fn a_full_device_at_any_call_is_survived_once_space_returns() {
    for call in mutating_calls() {
        let (faults, mut seen) = (Faults::new(call), Seen::default());
        faults.inject(call, Fault::NoSpace);
        if let Err(error) = run(&faults, &mut seen) {
            assert!(matches!(error, StoreError::NoSpace), "call {call}: {error}");
            faults.free_space();
            restart(&faults, Fault::NoSpace, call);
        }
        faults.free_space();
        let mut seen = check(&faults, seen, &format!("call {call}"));
        run(&faults, &mut seen).unwrap();
    }
}

/// A log of 14 records in several files.
fn filled() -> (MemoryFolder, Vec<String>) {
    let folder = MemoryFolder::new();
    let log = open(folder.clone()).unwrap();
    for index in 0..14 {
        log.append(&record(index)).unwrap();
    }
    log.sync().unwrap();
    let names = folder.names().unwrap();
    assert!(names.len() > 3, "{names:?}");
    (folder, names)
}

#[test]
fn a_file_that_is_missing_or_cut_in_the_middle_is_corrupt_and_never_passed_over() {
    let (folder, names) = filled();
    for name in &names[1..names.len() - 1] {
        let damaged = folder.copy();
        damaged.remove(name).unwrap();
        assert!(matches!(open(damaged), Err(StoreError::Corrupt { .. })), "{name}");
        let damaged = folder.copy();
        let disk = damaged.open(name).unwrap();
        sealdesk_store::Disk::set_len(&disk, 400).unwrap();
        assert!(matches!(open(damaged), Err(StoreError::Corrupt { .. })), "{name}");
        let damaged = folder.copy();
        let disk = damaged.open(name).unwrap();
        sealdesk_store::Disk::write(&disk, 100, &[0; 8]).unwrap();
        let first: u64 = name.trim_end_matches(".log").parse().unwrap();
        let log = open(damaged).unwrap();
        assert!(matches!(log.read(first), Err(StoreError::Corrupt { .. })), "{name}");
        assert_eq!(log.read(13).unwrap(), Some(record(13)), "{name}");
    }
}

#[test]
fn files_of_other_names_are_left_alone_and_half_written_ones_go() {
    let (folder, names) = filled();
    for name in ["notes.txt", "1.log", "0000000000000000000x.log", "rewritten.part"] {
        folder.open(name).unwrap();
    }
    let log = open(folder.clone()).unwrap();
    check_records(&log, "beside other files");
    assert_eq!(folder.names().unwrap().len(), names.len() + 3);
}

#[test]
fn on_a_real_disk_dropped_files_are_gone_and_a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("blocks");
    let log = open(FileFolder::open(&path).unwrap()).unwrap();
    for index in 0..14 {
        log.append(&record(index)).unwrap();
    }
    log.sync().unwrap();
    assert!(matches!(open(FileFolder::open(&path).unwrap()), Err(StoreError::Locked)));
    let files = || std::fs::read_dir(&path).unwrap().count();
    let before = files();
    assert!(log.drop_before(9).unwrap() > 0);
    assert!(files() < before, "{before}");
    log.trim_before(13).unwrap();
    assert_eq!((files(), log.indexes()), (1, 13..14));
    drop(log);
    check_records(&open(FileFolder::open(&path).unwrap()).unwrap(), "reopened");
}

#[test]
fn one_file_that_begins_with_record_0_is_a_plain_log() {
    let folder = MemoryFolder::new();
    let log = open(folder.clone()).unwrap();
    log.append(b"one").unwrap();
    log.sync().unwrap();
    drop(log);
    let plain = Log::open(folder.open("00000000000000000000.log").unwrap()).unwrap();
    assert_eq!((plain.len(), plain.read(0).unwrap()), (1, Some(b"one".to_vec())));
}
