//! The mempool: whose turn it is, and what it costs.

use std::cell::Cell;

use sealdesk_protocol::tx::Tx;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::transaction::appointment;
use sealdesk_testkit::{chain_id, prefix};

use super::*;

fn at(height: u64) -> BlockContext {
    BlockContext { height, time: 1 }
}

fn verified(bytes: &[u8]) -> VerifiedTx {
    Tx::decode(bytes, &prefix()).unwrap().verify(&chain_id()).unwrap()
}

/// Everyone appoints somebody, with this sequence of theirs.
fn together(signers: &[(&Person, u64)]) -> VerifiedTx {
    let somebody = Person::number(u16::MAX);
    let messages: Vec<_> = signers.iter().map(|(person, _)| appointment(person, &somebody)).collect();
    verified(&Person::sign_together(signers, &messages))
}

#[test]
fn senders_who_fill_every_block_do_not_keep_the_next_one_waiting() {
    let people: Vec<Person> = (0..5).map(Person::number).collect();
    let mut pool = Mempool::default();
    for sequence in 0..4 {
        for person in &people {
            pool.insert(together(&[(person, sequence)]), false, |_| 0).unwrap();
        }
    }
    let mut next = BTreeMap::new();
    let room = BlockRoom { txs: 2, bytes: usize::MAX, gas: u64::MAX };
    let mut order = Vec::new();
    for height in 1..=10 {
        let committed: BTreeMap<Address, u64> = next.clone();
        let picked = pool.pick(room, at(height), |address| committed.get(address).copied().unwrap_or(0));
        for tx in &picked.txs {
            let signer = &tx.signers()[0];
            next.insert(signer.address.clone(), signer.sequence + 1);
            order.push(people.iter().position(|person| person.address == signer.address).unwrap());
        }
        pool.settle(&picked.txs);
    }
    assert_eq!(order, (0..4).flat_map(|_| 0..5).collect::<Vec<_>>(), "everyone in turn, across blocks");
    assert!(pool.is_empty());
}

#[test]
fn a_block_takes_no_more_work_than_its_budget_and_what_is_left_waits_for_the_next() {
    let people: Vec<Person> = (0..9).map(Person::number).collect();
    let mut pool = Mempool::default();
    for person in &people {
        pool.insert(together(&[(person, 0)]), false, |_| 0).unwrap();
    }
    let one = together(&[(&people[0], 0)]).gas();
    let mut taken = Vec::new();
    for height in 1..=4 {
        let room = BlockRoom { txs: 1_000, bytes: usize::MAX, gas: 3 * one + one / 2 };
        let picked = pool.pick(room, at(height), |_| 0);
        pool.settle(&picked.txs);
        taken.push(picked.txs.len());
    }
    assert_eq!(taken, [3, 3, 3, 0]);
    pool.insert(together(&[(&people[0], 1)]), false, |_| 1).unwrap();
    let none = BlockRoom { txs: 1_000, bytes: usize::MAX, gas: 0 };
    assert_eq!(pool.pick(none, at(5), |_| 1).txs.len(), 1, "the first one always fits");
}

#[test]
fn a_chain_of_common_signatures_costs_a_block_bounded_work_and_lands_in_the_end() {
    const PEOPLE: u16 = 160;
    let people: Vec<Person> = (0..PEOPLE).map(Person::number).collect();
    let mut pool = Mempool::default();
    for person in &people {
        pool.insert(together(&[(person, 0)]), false, |_| 0).unwrap();
    }
    // Each needs the next person's, so that a round in this order frees the last one only.
    pool.insert(together(&[(people.last().unwrap(), 1)]), false, |_| 0).unwrap();
    for pair in people.windows(2).rev() {
        pool.insert(together(&[(&pair[0], 1), (&pair[1], 2)]), false, |_| 0).unwrap();
    }
    let mut next = BTreeMap::new();
    let room = BlockRoom { txs: 1_000, bytes: usize::MAX, gas: u64::MAX };
    let mut blocks = 0;
    while !pool.is_empty() {
        blocks += 1;
        let (committed, asked) = (next.clone(), Cell::new(0));
        let picked = pool.pick(room, at(blocks), |address| {
            asked.set(asked.get() + 1);
            committed.get(address).copied().unwrap_or(0)
        });
        assert!(asked.get() <= 2 * (EARLY_TURNS_MAX + 3 * usize::from(PEOPLE)), "{} looked up", asked.get());
        assert!(!picked.txs.is_empty() && picked.stale.is_empty());
        for signer in picked.txs.iter().flat_map(|tx| tx.signers()) {
            next.insert(signer.address.clone(), signer.sequence + 1);
        }
        pool.settle(&picked.txs);
    }
    assert!(blocks > 1 && next.len() == people.len(), "{blocks} blocks");
}

#[test]
fn newcomers_fill_a_part_of_the_pool_and_of_each_block_and_land_in_the_end() {
    let all = POOL_TXS_MAX / NEWCOMERS_SHARE;
    let mut pool = Mempool::default();
    let newcomer = |n: usize| together(&[(&Person::number(u16::try_from(n).unwrap()), 0)]);
    for n in 0..all {
        pool.insert(newcomer(n), true, |_| 0).unwrap();
    }
    let refused = pool.insert(newcomer(all), true, |_| 0).unwrap_err();
    assert!(matches!(&refused, SdkError::MempoolFull(text) if text.contains("try again")), "{refused}");
    let known = together(&[(&Person::new("known"), 0)]);
    pool.insert(known.clone(), false, |_| 0).unwrap();

    let room = BlockRoom { txs: 1_000, bytes: usize::MAX, gas: u64::MAX };
    let part = room.txs / NEWCOMERS_SHARE;
    let (mut landed, mut next) = (BTreeSet::new(), BTreeMap::new());
    for height in 1..=all.div_ceil(part) {
        let committed: BTreeMap<Address, u64> = next.clone();
        let committed = |address: &Address| committed.get(address).copied().unwrap_or(0);
        let picked = pool.pick(room, at(u64::try_from(height).unwrap()), committed);
        let own = usize::from(height == 1);
        assert_eq!((picked.txs.len(), picked.stale.len()), (part + own, 0), "block {height}");
        assert_eq!(picked.txs.iter().any(|tx| tx.hash() == known.hash()), height == 1);
        landed.extend(picked.txs.iter().map(|tx| tx.hash()));
        next.extend(picked.txs.iter().map(|tx| (tx.signers()[0].address.clone(), 1)));
        pool.settle(&picked.txs);
    }
    assert!(pool.is_empty() && landed.len() == all + 1 && pool.newcomers_bytes == 0);
}
