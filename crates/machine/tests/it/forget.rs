//! Old history that a node lets go of: nothing else changes, and nobody is told that nothing had happened.

use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_machine::{Fatal, Machine, PastBlock, QueryError};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::sealdesk::ledger::v1::TxRecord;
use sealdesk_store::{Durability, KeyRange, Snapshot, State, Store};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::walking::Walk;

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

const HISTORY: [&[u8]; 5] = [side::TXS, side::TXS_AT, side::TX_TERMS, side::EVENTS, side::TICKET_EVENTS];

fn walked(seed: u64, steps: usize) -> Walk {
    let mut walk = Walk::new(seed);
    for _ in 0..steps {
        walk.step();
    }
    walk
}

fn side_values(snapshot: &Snapshot) -> Rows {
    snapshot.scan_side(&KeyRange::all()).unwrap().map(Result::unwrap).collect()
}

fn of(rows: &Rows, prefix: &[u8]) -> Rows {
    rows.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn without_history(rows: &Rows) -> Rows {
    let kept = rows.iter().filter(|(key, _)| {
        **key != side::HISTORY_START && !HISTORY.iter().any(|prefix| key.starts_with(prefix))
    });
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn blocks(desk: &Desk, heights: std::ops::RangeInclusive<u64>) -> Vec<PastBlock> {
    let made = |at: u64| desk.blocks.iter().find(|(height, ..)| *height == at);
    let txs = |at| made(at).map(|(_, _, txs)| txs.iter().map(|tx| TxHash::of(tx)).collect());
    heights.map(|height| PastBlock { height, txs: txs(height).unwrap_or_default() }).collect()
}

fn forget(machine: &Machine, store: &Store, blocks: &[PastBlock]) -> Result<(), Fatal> {
    let mut state = State::new(store.latest());
    machine.forget(&mut state, blocks)?;
    let changes = state.into_changes();
    assert!(changes.records.is_empty(), "no record changes");
    store.commit(store.prepare_side(changes.side)?, Durability::Synced)?;
    Ok(())
}

fn height_of(record: &[u8]) -> u64 {
    TxRecord::decode(record).unwrap().height.try_into().unwrap()
}

#[test]
fn what_is_forgotten_is_history_of_these_blocks_and_nothing_else() {
    for seed in [3, 4] {
        let mut walk = walked(seed, 250);
        let (before, root) = (side_values(&walk.desk.snapshot()), walk.desk.root());
        let export = |desk: &Desk| {
            let id = sealdesk_protocol::ids::ChainId::parse("desk-0123456789abcdef").unwrap();
            desk.machine.export(&desk.snapshot(), Some(&id)).unwrap()
        };
        let exported = export(&walk.desk);
        let cut = walk.desk.height / 2;
        forget(&walk.desk.machine, &walk.desk.store, &blocks(&walk.desk, 1..=cut / 2)).unwrap();
        forget(&walk.desk.machine, &walk.desk.store, &blocks(&walk.desk, cut / 2 + 1..=cut)).unwrap();
        let after = side_values(&walk.desk.snapshot());
        assert_eq!((walk.desk.root(), without_history(&after)), (root, without_history(&before)));
        assert_eq!(export(&walk.desk), exported);
        let kept: Rows =
            of(&before, side::TXS).into_iter().filter(|(_, record)| height_of(record) > cut).collect();
        assert!(!kept.is_empty() && kept.len() < of(&before, side::TXS).len());
        assert_eq!(of(&after, side::TXS), kept, "seed {seed}");
        let later = |rows: Rows, at: usize| -> Rows {
            let height = |key: &[u8]| u64::from_be_bytes(key[at..at + 8].try_into().unwrap());
            rows.into_iter().filter(|(key, _)| height(key) > cut).collect()
        };
        for (prefix, at) in
            [(side::EVENTS, side::EVENTS.len()), (side::TICKET_EVENTS, side::TICKET_EVENTS.len() + 8)]
        {
            assert_eq!(of(&after, prefix), later(of(&before, prefix), at), "seed {seed}");
        }
        // The same future as one that keeps everything.
        let mut whole = walked(seed, 250);
        for _ in 0..40 {
            assert_eq!(walk.step(), whole.step());
        }
        assert_eq!(walk.desk.root(), whole.desk.root());
        assert_eq!(
            without_history(&side_values(&walk.desk.snapshot())),
            without_history(&side_values(&whole.desk.snapshot()))
        );
    }
}

#[test]
fn what_is_missing_is_said_and_a_ticket_of_which_nothing_is_missing_is_told() {
    let walk = walked(5, 200);
    let (machine, whole) = (walk.desk.machine.clone(), walk.desk.snapshot());
    let cut = walk.desk.height / 3;
    forget(&machine, &walk.desk.store, &blocks(&walk.desk, 1..=cut)).unwrap();
    let kept = walk.desk.snapshot();
    let start = machine.history_start(&kept).unwrap().unwrap();
    assert_eq!(start.from, cut + 1);
    for place in [None, Some((0, 0)), Some((cut, u32::MAX - 1))] {
        let told = machine.events_after(&kept, place, 100);
        assert!(matches!(told, Err(QueryError::BeforeHistory { from }) if from == cut + 1), "{told:?}");
    }
    let place = Some((cut, u32::MAX));
    assert_eq!(
        machine.events_after(&kept, place, 100).unwrap(),
        machine.events_after(&whole, place, 100).unwrap()
    );
    for number in 1..=walk.desk.ticket_count() {
        let ticket = TicketId::new(number).unwrap();
        let all = machine.ticket_events_after(&whole, ticket, None, 1_000).unwrap();
        match machine.ticket_events_after(&kept, ticket, None, 1_000) {
            Ok(told) => assert_eq!(told, all, "ticket {number}"),
            Err(error) => {
                assert!(matches!(error, QueryError::BeforeHistory { .. }), "{error}");
                assert!(number <= start.tickets);
            }
        }
    }
    assert!(start.tickets > 0 && start.tickets < walk.desk.ticket_count());
}

#[test]
fn other_blocks_than_those_that_the_history_begins_with_are_refused() {
    let walk = walked(6, 20);
    let (machine, store) = (&walk.desk.machine, &walk.desk.store);
    for wrong in [2..=3, 5..=5] {
        assert!(matches!(forget(machine, store, &blocks(&walk.desk, wrong)), Err(Fatal::Damaged { .. })));
    }
    forget(machine, store, &blocks(&walk.desk, 1..=4)).unwrap();
    assert!(forget(machine, store, &blocks(&walk.desk, 1..=4)).is_err());
    forget(machine, store, &blocks(&walk.desk, 5..=5)).unwrap();
}

#[test]
fn bytes_that_come_again_keep_the_result_of_the_block_where_they_counted() {
    let mut walk = walked(7, 5);
    let tx = walk.plan().1;
    walk.desk.block(&tx);
    let counted = walk.desk.height;
    walk.step();
    walk.desk.block(&tx);
    let again = walk.desk.height;
    let found = |walk: &Walk| walk.desk.machine.tx(&walk.desk.snapshot(), TxHash::of(&tx)).unwrap();
    forget(&walk.desk.machine, &walk.desk.store, &blocks(&walk.desk, 1..=counted - 1)).unwrap();
    assert_eq!(found(&walk).unwrap().height, i64::try_from(counted).unwrap());
    forget(&walk.desk.machine, &walk.desk.store, &blocks(&walk.desk, counted..=again)).unwrap();
    assert_eq!(found(&walk), None);
    // The account's sequence is a record: what was forgotten does not come back.
    let replayed = walk.desk.block(&tx);
    assert_eq!((replayed.codespace.as_str(), replayed.code), ("sdk", 32), "{}", replayed.log);
}

#[test]
fn of_a_refused_transaction_hash_code_and_sender_are_kept_and_no_byte_of_it() {
    let walk = walked(8, 300);
    let mut refused = 0;
    for (key, value) in of(&side_values(&walk.desk.snapshot()), side::TXS) {
        let TxRecord { code, codespace, data, events, tx, sender, log, .. } =
            TxRecord::decode(value.as_slice()).unwrap();
        let hash = &key[side::TXS.len()..];
        if code == 0 {
            assert_eq!((TxHash::of(&tx).0.as_slice(), sender.as_str()), (hash, ""));
            continue;
        }
        refused += 1;
        assert!(data.is_empty() && events.is_empty() && tx.is_empty(), "{codespace} {code}");
        assert!(walk.people.iter().any(|person| person.text == sender), "{sender}");
        assert!(log.len() <= 2_048 && value.len() <= 2_048 + 256, "{} bytes", value.len());
    }
    assert!(refused > 10, "{refused}");
}
