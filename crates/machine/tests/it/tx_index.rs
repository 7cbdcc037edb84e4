//! The index of transactions: it finds what a look at every result would find, of what is here, and nothing else.

use std::collections::BTreeMap;

use sealdesk_machine::{
    FoundTx, Machine, PastBlock, QueryError, TxCondition, TxPage, TxSearch, WALK_MAX, rebuild_indexes,
};
use sealdesk_protocol::events::Emitted;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::tx_index::{ACCOUNT_SEQUENCE, ACTION, SENDER, TICKET, Term, is_indexed};
use sealdesk_store::{Durability, KeyRange, Snapshot, State};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::walking::Walk;

/// What can be searched for, and what should be found.
type Expected = BTreeMap<(String, String), Vec<TxHash>>;

fn walked(seed: u64) -> Walk {
    let mut walk = Walk::new(seed);
    for _ in 0..250 {
        walk.step();
    }
    walk
}

/// Every value of every attribute that is in the index, from the transactions of these blocks as they were handed in.
fn expected(desk: &Desk, from: u64) -> Expected {
    let mut expected = Expected::new();
    let snapshot = desk.snapshot();
    for (height, _, txs) in desk.blocks.iter().filter(|(height, ..)| *height >= from) {
        for bytes in txs {
            let hash = TxHash::of(bytes);
            let Some(record) = desk.machine.tx(&snapshot, hash).unwrap() else { continue };
            if record.height != i64::try_from(*height).unwrap() {
                continue;
            }
            let tx = Tx::decode(bytes, desk.machine.prefix()).unwrap();
            let mut add = |name: &str, value: String| {
                let found = expected.entry((name.to_owned(), value)).or_default();
                if found.last() != Some(&hash) {
                    found.push(hash);
                }
            };
            for message in tx.messages() {
                add(ACTION, message.type_url());
                add(SENDER, message.signer().to_string());
            }
            for signer in tx.signers() {
                add(ACCOUNT_SEQUENCE, format!("{}/{}", signer.address, signer.sequence));
            }
            for event in &record.events {
                let event = Emitted::from_record(event).unwrap().event;
                for (name, value) in event.fields() {
                    let Some(value) = value.as_str() else { continue };
                    if (is_indexed(name) || name == TICKET) && !value.is_empty() {
                        add(&format!("{}.{name}", event.type_name()), value.to_owned());
                    }
                }
            }
        }
    }
    expected
}

fn condition(name: &str, value: &str) -> TxCondition {
    match name.strip_suffix(".ticket_id") {
        Some(event) => {
            TxCondition::Ticket { event: event.to_owned(), ticket: TicketId::parse(value).unwrap() }
        }
        None => TxCondition::Term(Term::of(name, value)),
    }
}

fn search(machine: &Machine, snapshot: &Snapshot, search: &TxSearch) -> (Vec<TxHash>, usize) {
    let TxPage { found, total, counted_all } = machine.search_txs(snapshot, search).unwrap();
    assert!(counted_all);
    (found.into_iter().map(|FoundTx { hash, .. }| hash).collect(), total)
}

fn all(conditions: Vec<TxCondition>) -> TxSearch {
    TxSearch { hash: None, conditions, heights: 0..=u64::MAX, descending: false, skip: 0, take: 100 }
}

/// Every search finds what it should, forwards, backwards, in pages, and with a second condition.
fn check(machine: &Machine, snapshot: &Snapshot, expected: &Expected) {
    for ((name, value), hashes) in expected {
        let base = all(vec![condition(name, value)]);
        let (first, total) = search(machine, snapshot, &base);
        assert_eq!(
            (first.as_slice(), total),
            (&hashes[..hashes.len().min(100)], hashes.len()),
            "{name}={value}"
        );
        let (back, _) =
            search(machine, snapshot, &TxSearch { descending: true, skip: 1, take: 3, ..base.clone() });
        let backwards: Vec<TxHash> = hashes.iter().rev().skip(1).take(3).copied().collect();
        assert_eq!(back, backwards, "{name}={value}");
        let record = machine.tx(snapshot, hashes[0]).unwrap().unwrap();
        let at = u64::try_from(record.height).unwrap();
        let (here, _) = search(machine, snapshot, &TxSearch { heights: at..=at, ..base.clone() });
        assert!(here.contains(&hashes[0]) && here.iter().all(|hash| hashes.contains(hash)), "{name}={value}");
    }
    let senders = expected.iter().filter(|((name, _), _)| name == SENDER);
    for ((_, sender), sent) in senders {
        for ((name, value), hashes) in
            expected.iter().filter(|((name, _), _)| name == ACTION || name.ends_with(TICKET))
        {
            let both: Vec<TxHash> =
                hashes.iter().filter(|hash| sent.contains(hash)).copied().take(100).collect();
            for conditions in
                [[(name, value), (&SENDER.to_owned(), sender)], [(&SENDER.to_owned(), sender), (name, value)]]
            {
                let conditions = conditions.iter().map(|(name, value)| condition(name, value)).collect();
                assert_eq!(
                    search(machine, snapshot, &all(conditions)).0,
                    both,
                    "{sender} and {name}={value}"
                );
            }
        }
    }
}

#[test]
fn a_search_finds_what_a_look_at_every_result_finds() {
    for seed in [21, 22] {
        let walk = walked(seed);
        let found = expected(&walk.desk, 1);
        assert!(found.len() > 100, "{}", found.len());
        check(&walk.desk.machine, &walk.desk.snapshot(), &found);
        let nobody = condition(SENDER, "nobody");
        assert_eq!(search(&walk.desk.machine, &walk.desk.snapshot(), &all(vec![nobody])), (Vec::new(), 0));
        let none = TxSearch { heights: std::ops::RangeInclusive::new(9, 3), ..all(Vec::new()) };
        assert_eq!(search(&walk.desk.machine, &walk.desk.snapshot(), &none), (Vec::new(), 0));
    }
}

#[test]
fn what_was_forgotten_is_not_found_and_the_rest_is() {
    let walk = walked(23);
    let desk = &walk.desk;
    let cut = desk.height / 2;
    let past: Vec<PastBlock> = (1..=cut)
        .map(|height| {
            let block = desk.blocks.iter().find(|(at, ..)| *at == height);
            let txs = block.map(|(_, _, txs)| txs.iter().map(|tx| TxHash::of(tx)).collect());
            PastBlock { height, txs: txs.unwrap_or_default() }
        })
        .collect();
    let mut state = State::new(desk.snapshot());
    desk.machine.forget(&mut state, &past).unwrap();
    let staged = desk.store.prepare_side(state.into_changes().side).unwrap();
    desk.store.commit(staged, Durability::Synced).unwrap();
    check(&desk.machine, &desk.snapshot(), &expected(desk, cut + 1));
    for below in [side::TXS_AT, side::TX_TERMS] {
        for row in desk.snapshot().scan_side(&KeyRange::prefix(below)).unwrap() {
            let (key, _) = row.unwrap();
            let height = u64::from_be_bytes(key[key.len() - 12..key.len() - 4].try_into().unwrap());
            assert!(height > cut, "a row of block {height} is left");
        }
    }
}

#[test]
fn an_index_that_was_lost_or_is_wrong_is_made_anew_from_the_results() {
    let walk = walked(24);
    let rows = |snapshot: &Snapshot| -> Vec<_> {
        [side::TXS_AT, side::TX_TERMS]
            .into_iter()
            .flat_map(|below| {
                snapshot.scan_side(&KeyRange::prefix(below)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
            })
            .collect()
    };
    let whole = rows(&walk.desk.snapshot());
    let results = walk.desk.snapshot().scan_side(&KeyRange::prefix(side::TXS)).unwrap().count();
    assert!(results > 200, "{results} results: several times as many as are in memory at once");
    let mut state = State::new(walk.desk.snapshot());
    for (n, (key, _)) in whole.iter().enumerate() {
        if n % 3 == 0 {
            state.delete_side(key.clone());
        }
    }
    state.put_side(side::tx_term(Term::of(SENDER, "nobody"), 1, 0), Vec::new());
    rebuild_indexes(&mut state, walk.desk.machine.prefix()).unwrap();
    let staged = walk.desk.store.prepare_side(state.into_changes().side).unwrap();
    walk.desk.store.commit(staged, Durability::Synced).unwrap();
    assert_eq!(rows(&walk.desk.snapshot()), whole);
}

#[test]
fn a_page_too_far_behind_is_refused_and_not_walked_to() {
    let walk = walked(25);
    let mut state = State::new(walk.desk.snapshot());
    let term = Term::of(SENDER, "a busy one");
    for n in 0..=WALK_MAX {
        let index = u32::try_from(n).unwrap();
        state.put_side(side::tx_term(term, 1_000_000, index), Vec::new());
    }
    let staged = walk.desk.store.prepare_side(state.into_changes().side).unwrap();
    walk.desk.store.commit(staged, Durability::Synced).unwrap();
    let far = TxSearch { skip: WALK_MAX, take: 1, ..all(vec![TxCondition::Term(term)]) };
    let found = walk.desk.machine.search_txs(&walk.desk.snapshot(), &far);
    assert!(matches!(found, Err(QueryError::TooBroad { .. })), "{found:?}");
}

/// Rows of the index as a busy term has them.
fn busy_terms(state: &mut State, terms: &[Term], rows: usize) {
    for term in terms {
        for n in 0..rows {
            state.put_side(side::tx_term(*term, 1_000_000, u32::try_from(n).unwrap()), Vec::new());
        }
    }
}

#[test]
fn what_conditions_are_held_against_counts_and_the_same_one_counts_once() {
    let walk = walked(25);
    let mut state = State::new(walk.desk.snapshot());
    let terms: Vec<Term> = (0..16).map(|n| Term::of(SENDER, &format!("busy {n}"))).collect();
    let never = Term::of(SENDER, "nobody");
    busy_terms(&mut state, &terms, WALK_MAX / 8);
    let staged = walk.desk.store.prepare_side(state.into_changes().side).unwrap();
    walk.desk.store.commit(staged, Durability::Synced).unwrap();
    let snapshot = walk.desk.snapshot();
    let with = |terms: &[Term]| {
        let mut conditions: Vec<TxCondition> = terms.iter().copied().map(TxCondition::Term).collect();
        conditions.push(TxCondition::Term(never));
        walk.desk.machine.search_txs(&snapshot, &all(conditions))
    };
    let found = with(&terms);
    assert!(
        matches!(found, Err(QueryError::TooBroad { .. })),
        "sixteen lists are held against each row: {found:?}"
    );
    assert_eq!(with(&vec![terms[0]; 15]).unwrap().total, 0, "these are one condition");
}

#[test]
fn a_ticket_with_more_events_than_a_search_reads_is_refused_and_not_cut_off() {
    let walk = walked(25);
    let snapshot = walk.desk.snapshot();
    let (key, _) =
        snapshot.scan_side(&KeyRange::prefix(side::TICKET_EVENTS)).unwrap().next().unwrap().unwrap();
    let number = u64::from_be_bytes(key[key.len() - 20..key.len() - 12].try_into().unwrap());
    let ticket = TicketId::parse(&format!("TKT-{number:08}")).unwrap();
    let (height, n) = (&key[key.len() - 12..key.len() - 4], &key[key.len() - 4..]);
    let (height, n) =
        (u64::from_be_bytes(height.try_into().unwrap()), u32::from_be_bytes(n.try_into().unwrap()));
    let event = snapshot.get_side(&side::event(height, n)).unwrap().unwrap();
    let mut state = State::new(walk.desk.snapshot());
    for n in 0..u32::try_from(WALK_MAX / 2).unwrap() {
        state.put_side(side::event(1_000_000, n), event.clone());
        state.put_side(side::ticket_event(ticket, 1_000_000, n), Vec::new());
    }
    let staged = walk.desk.store.prepare_side(state.into_changes().side).unwrap();
    walk.desk.store.commit(staged, Durability::Synced).unwrap();
    let event = "virtengine.support.v1.EventTicketCreated".to_owned();
    let search = |heights| {
        let conditions = vec![TxCondition::Ticket { event: event.clone(), ticket }];
        walk.desk.machine.search_txs(&walk.desk.snapshot(), &TxSearch { heights, ..all(conditions) })
    };
    let found = search(0..=u64::MAX);
    assert!(matches!(found, Err(QueryError::TooBroad { .. })), "{found:?}");
    assert_eq!(search(0..=999_999).unwrap().total, 1, "what is not asked for is not read");
}

#[test]
fn a_name_does_not_make_up_for_another_condition() {
    let walk = walked(26);
    let (snapshot, expected) = (walk.desk.snapshot(), expected(&walk.desk, 0));
    let ((name, value), hashes) = expected.iter().find(|((name, _), _)| name == SENDER).unwrap();
    let search = |hash, conditions, heights| {
        let search = TxSearch { hash: Some(hash), heights, ..all(conditions) };
        walk.desk.machine.search_txs(&snapshot, &search).unwrap().total
    };
    let (good, other) = (condition(name, value), TxCondition::Term(Term::of(SENDER, "nobody")));
    assert_eq!(search(hashes[0], vec![good.clone()], 0..=u64::MAX), 1);
    assert_eq!(search(hashes[0], vec![good.clone(), other], 0..=u64::MAX), 0);
    assert_eq!(search(hashes[0], vec![good.clone()], 0..=0), 0);
    assert_eq!(search(TxHash([7; 32]), vec![good], 0..=u64::MAX), 0);
}
