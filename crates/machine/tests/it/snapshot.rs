//! A state carried to another node row by row: the same root, the same answers, the same future; and nothing of it is believed
//! that the records do not prove.

use sealdesk_machine::{HistoryStart, QueryError, RestoreError, Restoring, Row, RowKind, snapshot_rows};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::{side, tree};
use sealdesk_store::testing::MemoryDisk;
use sealdesk_store::{Building, Entry, KeyRange, Snapshot, State, Store};
use sealdesk_testkit::desk::{Desk, genesis_of};
use sealdesk_testkit::walking::Walk;

fn rows(snapshot: &Snapshot) -> Vec<Row> {
    snapshot_rows(snapshot).unwrap().map(Result::unwrap).collect()
}

fn restoring(walk: &Walk) -> Restoring {
    Restoring::new(&genesis_of(&[&walk.people[0]])).unwrap()
}

/// Makes a store of rows, a few at a time.
fn restore(walk: &Walk, rows: Vec<Row>) -> Result<Store, RestoreError> {
    let (mut restoring, building) = (restoring(walk), Building::begin(MemoryDisk::new())?);
    for batch in rows.chunks(40) {
        let mut state = State::new(building.view());
        for row in batch {
            restoring.take(&mut state, row.clone())?;
        }
        building.add(state.into_changes())?;
    }
    let mut state = State::new(building.view());
    restoring.finish(&mut state, walk.desk.height)?;
    Ok(building.finish(walk.desk.height + 1, state.into_changes())?)
}

/// The side values that are not history: what queries read, and what execution reads.
fn side_values(snapshot: &Snapshot) -> Vec<Entry> {
    let history = [
        side::TXS,
        side::TXS_AT,
        side::TX_TERMS,
        side::EVENTS,
        side::TICKET_EVENTS,
        side::LAST_CHANGE,
        side::HISTORY_START,
    ];
    let all = snapshot.scan_side(&KeyRange::all()).unwrap().map(Result::unwrap);
    all.filter(|(key, _)| !history.iter().any(|history| key.starts_with(history))).collect()
}

fn walked(seed: u64, steps: usize) -> Walk {
    let mut walk = Walk::new(seed);
    for _ in 0..steps {
        walk.step();
    }
    walk
}

#[test]
fn a_restored_state_has_the_same_root_the_same_answers_and_the_same_future() {
    for seed in [7, 8] {
        println!("seed {seed}");
        let mut walk = walked(seed, 300);
        let store = restore(&walk, rows(&walk.desk.snapshot())).unwrap();
        let mut copy = Desk::over(store, walk.desk.height, walk.desk.time);
        assert_eq!(copy.root(), walk.desk.root());
        assert_eq!(side_values(&copy.snapshot()), side_values(&walk.desk.snapshot()));
        let counts = walk.desk.machine.ticket_counts(&walk.desk.snapshot()).unwrap();
        assert!(counts.iter().filter(|(_, count)| *count > 0).count() > 2, "{counts:?}");
        assert_eq!(copy.machine.ticket_counts(&copy.snapshot()).unwrap(), counts);
        copy.store.check_integrity().unwrap();
        let mut taken = 0;
        for _ in 0..50 {
            let (time, tx) = walk.plan();
            assert_eq!(copy.begin(time), walk.desk.begin(time), "what falls due");
            let executed = walk.desk.execute(&tx);
            assert_eq!(copy.execute(&tx), executed);
            taken += u64::from(executed.code == 0);
            copy.end();
            walk.desk.end();
            assert_eq!(copy.root(), walk.desk.root());
        }
        assert!(taken > 10, "only {taken} of 50 were taken");
        assert_eq!(side_values(&copy.snapshot()), side_values(&walk.desk.snapshot()));
    }
}

#[test]
fn a_row_that_is_changed_left_out_doubled_or_moved_is_refused_or_shows_in_the_root() {
    let walk = walked(9, 60);
    let (all, root) = (rows(&walk.desk.snapshot()), walk.desk.root());
    assert!(
        [RowKind::Envelope, RowKind::Grants, RowKind::Document]
            .iter()
            .all(|kind| all.iter().any(|row| row.kind == *kind))
    );
    let passes = |rows: Vec<Row>| restore(&walk, rows).is_ok_and(|store| store.latest().root() == root);
    for at in (0..all.len()).filter(|at| at % 3 == 0 || all[*at].kind != RowKind::Record) {
        let mut without = all.clone();
        let row = without.remove(at);
        assert!(!passes(without.clone()), "without {row:?}");
        without.insert((at + 1).min(without.len()), row.clone());
        assert!(at + 1 == all.len() || !passes(without), "moved {row:?}");
        let mut doubled = all.clone();
        doubled.insert(at, row.clone());
        assert!(!passes(doubled), "doubled {row:?}");
        let mut changed = all.clone();
        let middle = row.value.len() / 2;
        changed[at].value[middle] ^= 1;
        assert!(!passes(changed), "changed {row:?}");
    }
}

#[test]
fn not_a_byte_of_an_envelope_or_of_grants_is_a_strangers_own() {
    let walk = walked(9, 60);
    let (mut restoring, mut state) = (restoring(&walk), State::new(Store::in_memory().latest()));
    let mut sides = 0;
    for row in rows(&walk.desk.snapshot()) {
        if row.kind != RowKind::Record {
            sides += 1;
            // Signatures are slow without optimisation: every byte of some rows, and some bytes of every row.
            let step = if sides <= 3 || row.kind == RowKind::Grants { 1 } else { 23 };
            for at in (0..row.value.len()).step_by(step) {
                let mut changed = row.clone();
                changed.value[at] ^= 1 << (at % 8);
                let taken = restoring.clone().take(&mut state.clone(), changed);
                assert!(matches!(taken, Err(RestoreError::Refused(_))), "byte {at} of {row:?}");
            }
            for extra in [vec![0], vec![0x78, 0]] {
                let longer = Row { value: [row.value.clone(), extra].concat(), ..row.clone() };
                let taken = restoring.clone().take(&mut state.clone(), longer);
                assert!(matches!(taken, Err(RestoreError::Refused(_))), "longer: {row:?}");
            }
        }
        restoring.take(&mut state, row).unwrap();
    }
    assert!(sides > 10, "only {sides} side values");
}

#[test]
fn rows_of_another_kind_or_of_another_ledger_are_refused() {
    let walk = walked(9, 20);
    let all = rows(&walk.desk.snapshot());
    let mut restoring = restoring(&walk);
    let mut state = State::new(Store::in_memory().latest());
    for row in all.iter().filter(|row| row.kind == RowKind::Record) {
        restoring.take(&mut state, row.clone()).unwrap();
    }
    for key in [side::tx(sealdesk_protocol::tx::TxHash([1; 32])), side::LAST_CHANGE.to_vec(), b"z".to_vec()] {
        for kind in [RowKind::Envelope, RowKind::Grants, RowKind::Document] {
            let row = Row { kind, key: key.clone(), value: vec![1] };
            let taken = restoring.clone().take(&mut state.clone(), row);
            assert!(matches!(taken, Err(RestoreError::Refused(_))));
        }
    }
    let mut genesis = genesis_of(&[&walk.people[0]]);
    genesis.chain_id = "another-1".to_owned();
    let mut other = Restoring::new(&genesis).unwrap();
    let mut state = State::new(Store::in_memory().latest());
    let refused = all.into_iter().try_for_each(|row| other.take(&mut state, row));
    let refused = refused.and_then(|()| other.finish(&mut state, 3).map(drop));
    assert!(matches!(refused, Err(RestoreError::Refused(_))), "{refused:?}");
}

#[test]
fn what_happened_before_is_never_told_as_if_nothing_had_happened() {
    let mut walk = walked(11, 100);
    let store = restore(&walk, rows(&walk.desk.snapshot())).unwrap();
    let (height, mut copy) = (walk.desk.height, Desk::over(store, walk.desk.height, walk.desk.time));
    for _ in 0..60 {
        let (time, tx) = walk.plan();
        copy.block_at(time, &tx);
        walk.desk.block_at(time, &tx);
    }
    let (machine, ours, theirs) = (walk.desk.machine.clone(), walk.desk.snapshot(), copy.snapshot());
    let start = machine.history_start(&theirs).unwrap().unwrap();
    assert_eq!(start.from, height + 1);
    assert_eq!(machine.history_start(&ours).unwrap(), None::<HistoryStart>);
    for place in [None, Some((0, 0)), Some((height, 0)), Some((height, u32::MAX - 1))] {
        let told = machine.events_after(&theirs, place, 100);
        assert!(matches!(told, Err(QueryError::BeforeHistory { from }) if from == height + 1), "{told:?}");
        assert!(machine.events_after(&ours, place, 100).is_ok());
    }
    let place = Some((height, u32::MAX));
    let told = machine.events_after(&theirs, place, 100).unwrap();
    assert_eq!(told, machine.events_after(&ours, place, 100).unwrap());
    assert!(!told.is_empty());
    // Of a ticket that came later all is known, of the others only what happened since.
    let (old, new) = (TicketId::new(start.tickets).unwrap(), TicketId::new(start.tickets + 1).unwrap());
    assert!(theirs.get(&tree::ticket(new)).unwrap().is_some(), "no ticket was created since");
    assert!(matches!(
        machine.ticket_events_after(&theirs, old, None, 9),
        Err(QueryError::BeforeHistory { .. })
    ));
    let told = machine.ticket_events_after(&theirs, new, None, 100).unwrap();
    assert_eq!(told, machine.ticket_events_after(&ours, new, None, 100).unwrap());
}
