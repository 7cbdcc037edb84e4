//! The mempool: whose turn it is, and what it costs.

use std::cell::Cell;

use sealdesk_protocol::gas::TX_GAS_MAX;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgGrantAccess, TargetedGrant};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::close;
use sealdesk_testkit::{chain_id, prefix};

use super::*;
use crate::mempool_quota::{NEWCOMERS_SHARE, SENDER_GAS_MAX, SENDER_TXS_MAX, STAFF_SHARE};

fn at(height: u64) -> BlockContext {
    BlockContext { height, time: 1 }
}

fn verified(bytes: &[u8]) -> VerifiedTx {
    Tx::decode(bytes, &prefix()).unwrap().verify(&chain_id()).unwrap()
}

/// Everyone closes a ticket, with this sequence of theirs.
fn together(signers: &[(&Person, u64)]) -> VerifiedTx {
    let messages: Vec<_> = signers.iter().map(|(person, _)| close(person, 1)).collect();
    verified(&Person::sign_together(signers, &messages))
}

/// A transaction that costs about as much as one may: grants that open nothing.
fn heavy(person: &Person, sequence: u64) -> VerifiedTx {
    let grants = |count: u32| {
        let grant =
            |target| TargetedGrant { target, grant_signature: vec![7; 48], ..TargetedGrant::default() };
        to_any(&MsgGrantAccess {
            sender: person.text.clone(),
            ticket_id: "TKT-00000001".to_owned(),
            grants: (0..count).map(grant).collect(),
            agent: String::new(),
        })
    };
    let tx = verified(&person.sign(sequence, &[grants(100), grants(100), grants(100)], 0));
    assert!(tx.gas() > TX_GAS_MAX * 9 / 10, "{}", tx.gas());
    tx
}

/// What a block of the embedded ledger may take.
const BLOCK: Amount = Amount { txs: 1_000, bytes: 3 << 20, gas: BLOCK_GAS_MAX };

/// Makes blocks until one holds a transaction, and gives how many it took. `next` has each sender's next sequence.
fn blocks_until(pool: &mut Mempool, next: &mut BTreeMap<Address, u64>, wanted: TxHash) -> usize {
    for block in 1..=1_000 {
        let committed: BTreeMap<Address, u64> = next.clone();
        let picked = pool.pick(BLOCK, at(1), |address| committed.get(address).copied().unwrap_or(0));
        assert!(picked.stale.is_empty() && !picked.txs.is_empty());
        next.extend(picked.txs.iter().map(|tx| (lane_of(tx).clone(), tx.signers()[0].sequence + 1)));
        pool.settle(&picked.txs);
        if picked.txs.iter().any(|tx| tx.hash() == wanted) {
            return block;
        }
    }
    panic!("it never lands");
}

#[test]
fn newcomers_whose_transactions_cost_most_leave_others_their_part_of_a_block() {
    let mut pool = Mempool::default();
    for n in 0..20 {
        pool.insert(heavy(&Person::number(n), 0), Standing::Newcomer, |_| 0).unwrap();
    }
    let known: Vec<VerifiedTx> = (100..140).map(|n| together(&[(&Person::number(n), 0)])).collect();
    for tx in &known {
        pool.insert(tx.clone(), Standing::Known, |_| 0).unwrap();
    }
    let picked = pool.pick(BLOCK, at(1), |_| 0);
    assert!(known.iter().all(|tx| picked.txs.iter().any(|picked| picked.hash() == tx.hash())));
    let of_newcomers: u64 = picked.txs.iter().filter(|tx| tx.gas() > 10_000).map(|tx| tx.gas()).sum();
    assert!((1..=BLOCK.gas / 4).contains(&of_newcomers), "{of_newcomers}");
}

#[test]
fn known_accounts_that_fill_the_pool_and_every_block_do_not_keep_the_staff_out() {
    let mut pool = Mempool::default();
    let mut refused = 0;
    for n in 0..60 {
        for sequence in 0..4 {
            let tx = heavy(&Person::number(n), sequence);
            refused += usize::from(pool.insert(tx, Standing::Known, |_| 0).is_err());
        }
    }
    assert!(refused > 0, "the pool takes no work without end");
    let staff = together(&[(&Person::new("staff"), 0)]);
    pool.insert(staff.clone(), Standing::Staff, |_| 0).unwrap();
    // Another account that is known displaces a part of what those wait with who have more.
    let honest = heavy(&Person::new("honest"), 0);
    assert!(pool.insert(honest.clone(), Standing::Known, |_| 0).unwrap().is_some());
    let mut next = BTreeMap::new();
    assert_eq!(blocks_until(&mut pool, &mut next, staff.hash()), 1);
    // Of 61 senders in turn, at least six have a transaction in each block.
    assert!(blocks_until(&mut pool, &mut next, honest.hash()) <= 61 / 6);
}

#[test]
fn one_sender_waits_with_so_much_work_at_most() {
    let mut pool = Mempool::default();
    let person = Person::number(0);
    let taken =
        (0..10).take_while(|n| pool.insert(heavy(&person, *n), Standing::Staff, |_| 0).is_ok()).count();
    assert_eq!(taken, 5);
    assert!(pool.room.held().gas <= SENDER_GAS_MAX);
}

#[test]
fn a_block_has_of_one_sender_what_one_transaction_may_cost_and_the_next_one_more() {
    let mut pool = Mempool::default();
    let (greedy, thrifty) = (Person::new("greedy"), Person::new("thrifty"));
    for sequence in 0..5 {
        pool.insert(heavy(&greedy, sequence), Standing::Known, |_| 0).unwrap();
    }
    for sequence in 0..20 {
        pool.insert(together(&[(&thrifty, sequence)]), Standing::Known, |_| 0).unwrap();
    }
    let picked = pool.pick(BLOCK, at(1), |_| 0);
    let of_greedy = picked.txs.iter().filter(|tx| lane_of(tx) == &greedy.address).count();
    assert_eq!((of_greedy, picked.txs.len()), (1, 21), "all that costs little is there");
    assert!(picked.stale.is_empty());
    pool.settle(&picked.txs);
    let mut next: BTreeMap<Address, u64> = [(greedy.address.clone(), 1), (thrifty.address, 20)].into();
    let honest = together(&[(&Person::new("honest"), 0)]);
    pool.insert(honest.clone(), Standing::Known, |_| 0).unwrap();
    assert_eq!(blocks_until(&mut pool, &mut next, honest.hash()), 1);
    assert_eq!(next[&greedy.address], 2, "one more of them was beside it");
}

#[test]
fn in_a_full_pool_the_longest_lane_that_can_give_up_its_last_does() {
    let mut pool = Mempool::default();
    let known = POOL_TXS_MAX - POOL_TXS_MAX / STAFF_SHARE;
    let (pair, rest) = ((Person::number(0), Person::number(1)), known - SENDER_TXS_MAX - 3);
    // The longest lane ends with what two have signed; the next longest can give up its last.
    for sequence in 0..u64::try_from(SENDER_TXS_MAX).unwrap() - 1 {
        pool.insert(together(&[(&pair.0, sequence)]), Standing::Known, |_| 0).unwrap();
    }
    let last = u64::try_from(SENDER_TXS_MAX).unwrap() - 1;
    pool.insert(together(&[(&pair.0, last), (&pair.1, 0)]), Standing::Known, |_| 0).unwrap();
    let (three, mut of_three) = (Person::new("three"), Vec::new());
    for sequence in 0..3 {
        of_three.push(together(&[(&three, sequence)]));
        pool.insert(of_three[of_three.len() - 1].clone(), Standing::Known, |_| 0).unwrap();
    }
    for n in 0..rest {
        let person = Person::number(u16::try_from(n + 10).unwrap());
        pool.insert(together(&[(&person, 0)]), Standing::Known, |_| 0).unwrap();
    }
    // It is longer than what goes, and places are what is full.
    let new = Person::new("new");
    let longer = verified(&new.sign_with_memo(0, &[close(&new, 1)], "longer"));
    let displaced = pool.insert(longer, Standing::Known, |_| 0).unwrap();
    assert_eq!(displaced, Some(of_three[2].hash()));
    assert_eq!(pool.len(), known);
}

#[test]
fn senders_who_fill_every_block_do_not_keep_the_next_one_waiting() {
    let people: Vec<Person> = (0..5).map(Person::number).collect();
    let mut pool = Mempool::default();
    for sequence in 0..4 {
        for person in &people {
            pool.insert(together(&[(person, sequence)]), Standing::Known, |_| 0).unwrap();
        }
    }
    let mut next = BTreeMap::new();
    let room = Amount { txs: 2, bytes: usize::MAX, gas: u64::MAX };
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
        pool.insert(together(&[(person, 0)]), Standing::Known, |_| 0).unwrap();
    }
    let one = together(&[(&people[0], 0)]).gas();
    let mut taken = Vec::new();
    for height in 1..=4 {
        let room = Amount { txs: 1_000, bytes: usize::MAX, gas: 3 * one + one / 2 };
        let picked = pool.pick(room, at(height), |_| 0);
        pool.settle(&picked.txs);
        taken.push(picked.txs.len());
    }
    assert_eq!(taken, [3, 3, 3, 0]);
    pool.insert(together(&[(&people[0], 1)]), Standing::Known, |_| 1).unwrap();
    let none = Amount { txs: 1_000, bytes: usize::MAX, gas: 0 };
    assert_eq!(pool.pick(none, at(5), |_| 1).txs.len(), 1, "the first one always fits");
}

#[test]
fn a_chain_of_common_signatures_costs_a_block_bounded_work_and_lands_in_the_end() {
    const PEOPLE: u16 = 160;
    let people: Vec<Person> = (0..PEOPLE).map(Person::number).collect();
    let mut pool = Mempool::default();
    for person in &people {
        pool.insert(together(&[(person, 0)]), Standing::Known, |_| 0).unwrap();
    }
    // Each needs the next person's, so that a round in this order frees the last one only.
    pool.insert(together(&[(people.last().unwrap(), 1)]), Standing::Known, |_| 0).unwrap();
    for pair in people.windows(2).rev() {
        pool.insert(together(&[(&pair[0], 1), (&pair[1], 2)]), Standing::Known, |_| 0).unwrap();
    }
    let mut next = BTreeMap::new();
    let room = Amount { txs: 1_000, bytes: usize::MAX, gas: u64::MAX };
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
        pool.insert(newcomer(n), Standing::Newcomer, |_| 0).unwrap();
    }
    let refused = pool.insert(newcomer(all), Standing::Newcomer, |_| 0).unwrap_err();
    assert!(matches!(&refused, SdkError::MempoolFull(text) if text.contains("try again")), "{refused}");
    let known = together(&[(&Person::new("known"), 0)]);
    pool.insert(known.clone(), Standing::Known, |_| 0).unwrap();

    let room = Amount { txs: 1_000, bytes: usize::MAX, gas: u64::MAX };
    let part = room.txs / NEWCOMERS_SHARE;
    let (mut landed, mut next) = (BTreeSet::new(), BTreeMap::new());
    for height in 1..=all.div_ceil(part) {
        let (committed, asked) = (next.clone(), Cell::new(0));
        let picked = pool.pick(room, at(u64::try_from(height).unwrap()), |address| {
            asked.set(asked.get() + 1);
            committed.get(address).copied().unwrap_or(0)
        });
        assert!(
            asked.get() <= 2 * (part + 1),
            "{} looked up, of those who wait for another block",
            asked.get()
        );
        let own = usize::from(height == 1);
        let left = all + 1 - landed.len();
        assert_eq!((picked.txs.len(), picked.stale.len()), (left.min(part + own), 0), "block {height}");
        assert_eq!(picked.txs.iter().any(|tx| tx.hash() == known.hash()), height == 1);
        landed.extend(picked.txs.iter().map(|tx| tx.hash()));
        next.extend(picked.txs.iter().map(|tx| (tx.signers()[0].address.clone(), 1)));
        pool.settle(&picked.txs);
    }
    assert!(pool.is_empty() && landed.len() == all + 1 && pool.room.held() == Amount::default());
}
