//! What each request may and may not do.

use sealdesk_node::comet::{BLOCK_TXS_MAX, SENDER_TXS_MAX};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use sealdesk_store::testing::MemoryDisk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::transaction::Draft;
use tendermint_proto::v0_38::abci::*;

use super::abci::{Comet, block, init_chain};
use crate::desk::{BEGIN, genesis};

const BEGIN_MILLIS: i64 = BEGIN * 1_000;

async fn comet() -> Comet {
    let mut comet = Comet::begin(MemoryDisk::new(), &genesis()).await;
    comet.decide(&block(1, BEGIN_MILLIS, &[])).await;
    comet
}

fn admin() -> Person {
    Person::number(0)
}

/// Appointments of the administrator's, in sequence.
fn appointments(count: u16) -> Vec<Vec<u8>> {
    (0..count).map(|n| admin().appoint(n.into(), &Person::number(n + 1))).collect()
}

#[tokio::test]
async fn a_request_without_a_value_gets_an_exception_and_the_connection_goes_on() {
    let mut comet = comet().await;
    let said = comet.ask_raw(Request { value: None }).await;
    assert!(matches!(said, response::Value::Exception(_)), "{said:?}");
    assert_eq!(comet.info().await.last_block_height, 1);
}

#[tokio::test]
async fn requests_that_come_in_one_write_are_answered_in_their_order() {
    let mut comet = comet().await;
    for n in 0..100 {
        let message = format!("{n}");
        let said = comet.ask(request::Value::Echo(RequestEcho { message: message.clone() })).await;
        assert_eq!(said, response::Value::Echo(ResponseEcho { message }));
    }
}

#[tokio::test]
async fn two_transactions_of_one_sender_wait_at_the_same_time_and_a_gap_is_refused() {
    let mut comet = comet().await;
    let txs = appointments(4);
    assert_eq!(comet.check(&txs[0], false).await.code, 0);
    assert_eq!(comet.check(&txs[1], false).await.code, 0, "the pending sequence counts");
    let gap = comet.check(&txs[3], false).await;
    assert_eq!((gap.code, gap.codespace.as_str()), (32, "sdk"));
    assert!(gap.log.contains("expected 2, got 3"), "clients match this text: {}", gap.log);
    assert_eq!(comet.check(&txs[0], false).await.code, 19, "it waits already");
}

#[tokio::test]
async fn one_sender_cannot_fill_the_mempool_and_another_still_lands() {
    let mut comet = comet().await;
    let flood = appointments(u16::try_from(SENDER_TXS_MAX).unwrap() + 1);
    for tx in &flood[..SENDER_TXS_MAX] {
        assert_eq!(comet.check(tx, false).await.code, 0);
    }
    assert_eq!(comet.check(&flood[SENDER_TXS_MAX], false).await.code, 20);
    let honest = Person::number(300).attempt(0, &Person::number(1));
    assert_eq!(comet.check(&honest, false).await.code, 0);
}

#[tokio::test]
async fn after_a_block_what_waits_is_judged_again_and_what_was_in_it_is_not_counted() {
    let mut comet = comet().await;
    let txs = appointments(5);
    for tx in &txs[..3] {
        assert_eq!(comet.check(tx, false).await.code, 0);
    }
    comet.decide(&block(2, BEGIN_MILLIS, &txs[..1])).await;
    assert_eq!(comet.check(&txs[0], true).await.code, 32, "it is on the ledger");
    for tx in &txs[1..3] {
        assert_eq!(comet.check(tx, true).await.code, 0);
    }
    assert_eq!(comet.check(&txs[3], false).await.code, 0, "new ones follow what was judged again");
    assert_eq!(comet.check(&txs[2], false).await.code, 19);
}

#[tokio::test]
async fn a_transaction_of_another_chain_id_enters_neither_the_mempool_nor_a_block() {
    let mut comet = comet().await;
    let alike = {
        // The same people, the same message, signed for another ledger.
        let person = Person::new("ann");
        let any = sealdesk_testkit::trust::registered_elsewhere("desk-ffffffffffffffff", &person);
        Draft::new("desk-ffffffffffffffff", vec![any], &[(&person, 0)]).sign(&[&person])
    };
    assert_eq!(comet.check(&alike, false).await.code, 4);
    assert_eq!(comet.prepare(2, std::slice::from_ref(&alike), 1 << 20).await, Vec::<Vec<u8>>::new());
    assert!(!comet.accepts(&block(2, BEGIN_MILLIS, &[alike])).await);
}

#[tokio::test]
async fn a_proposer_leaves_out_just_what_is_undecodable_badly_signed_or_out_of_place() {
    let mut comet = comet().await;
    let good = appointments(3);
    let mut forged = good[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    let late = Person::number(7).sign(
        0,
        &[sealdesk_testkit::transaction::appointment(&Person::number(7), &admin())],
        1,
    );
    let in_time = Person::number(8).sign(
        0,
        &[sealdesk_testkit::transaction::appointment(&Person::number(8), &admin())],
        2,
    );
    // It will fail when it runs, and stays all the same: its sequence is used up.
    let fails = Person::number(9).attempt(0, &admin());
    let offered = [
        vec![0xff; 40],
        forged,
        good[1].clone(),
        good[0].clone(),
        late,
        in_time.clone(),
        good[1].clone(),
        fails.clone(),
    ];
    let prepared = comet.prepare(2, &offered, 1 << 20).await;
    assert_eq!(prepared, [good[0].clone(), in_time, fails, good[1].clone()], "one of each sender in turn");
    assert!(comet.accepts(&block(2, BEGIN_MILLIS, &prepared)).await);
    for bad in &offered[..5] {
        let alone = std::slice::from_ref(bad);
        let fits = bad == &good[0];
        assert_eq!(comet.accepts(&block(2, BEGIN_MILLIS, alone)).await, fits);
    }
}

#[tokio::test]
async fn a_block_never_holds_more_than_fits_and_a_longer_proposal_is_refused() {
    let mut comet = comet().await;
    let txs = appointments(5);
    let three: usize = txs[..3].iter().map(|tx| tx.len() + 8).sum();
    assert_eq!(comet.prepare(2, &txs, i64::try_from(three).unwrap()).await, &txs[..3]);
    let people: u16 = u16::try_from(BLOCK_TXS_MAX).unwrap() + 1;
    let many: Vec<Vec<u8>> = (1..=people).map(|n| Person::number(n).attempt(0, &admin())).collect();
    let newcomers = BLOCK_TXS_MAX / sealdesk_node::ledger::NEWCOMERS_SHARE;
    assert_eq!(
        comet.prepare(2, &many, 1 << 22).await.len(),
        newcomers,
        "what is left waits for the next block"
    );
    assert!(!comet.accepts(&block(2, BEGIN_MILLIS, &many)).await);
    assert!(comet.accepts(&block(2, BEGIN_MILLIS, &many[1..])).await);
}

#[tokio::test]
async fn a_proposal_whose_time_runs_backwards_is_refused_and_an_equal_second_is_not() {
    let mut comet = comet().await;
    let hour = 3_600_000;
    comet.decide(&block(2, BEGIN_MILLIS + hour, &appointments(1))).await;
    for (millis, fits) in [
        (BEGIN_MILLIS + hour, true),
        (BEGIN_MILLIS + hour + 1, true),
        (BEGIN_MILLIS, false),
        (0, false),
        (253_402_300_800_000, false),
        (253_402_300_799_000, true),
    ] {
        assert_eq!(comet.accepts(&block(3, millis, &[])).await, fits, "{millis}");
    }
    let mut timeless = block(3, 0, &[]);
    timeless.time = None;
    assert!(!comet.accepts(&timeless).await);
}

#[tokio::test]
async fn a_byzantine_majoritys_bad_transactions_change_nothing_but_are_answered() {
    let mut comet = comet().await;
    let before = comet.info().await.last_block_app_hash;
    let mut forged = appointments(1).remove(0);
    *forged.last_mut().unwrap() ^= 1;
    let finalized = comet.finalize(&block(2, BEGIN_MILLIS, &[forged, vec![1, 2, 3]])).await;
    let codes: Vec<u32> = finalized.tx_results.iter().map(|result| result.code).collect();
    assert_eq!((codes, finalized.app_hash), (vec![4, 2], before));
}

#[tokio::test]
async fn an_empty_block_changes_no_leaf() {
    let mut comet = comet().await;
    let before = comet.info().await.last_block_app_hash;
    assert_eq!(comet.decide(&block(2, BEGIN_MILLIS + 10_000, &[])).await, before);
}

#[tokio::test]
async fn cometbft_with_another_genesis_is_refused() {
    let changes: [fn(&mut RequestInitChain); 4] = [
        |request| request.chain_id = "desk-ffffffffffffffff".to_owned(),
        |request| request.initial_height = 2,
        |request| request.app_state_bytes = b"{}".to_vec().into(),
        |request| request.validators[0].power = 11,
    ];
    for change in changes {
        let mut comet = Comet::connect(super::abci::app(MemoryDisk::new(), &genesis())).await;
        let mut request = init_chain(&genesis());
        change(&mut request);
        comet.refused(request::Value::InitChain(request)).await;
    }
}

#[tokio::test]
async fn a_record_is_answered_with_its_proof() {
    use sealdesk_protocol::state::tree;
    let mut comet = comet().await;
    let root = comet.decide(&block(2, BEGIN_MILLIS, &appointments(1))).await;
    let ask = |path: &str, data: &[u8]| {
        let data = data.to_vec().into();
        request::Value::Query(RequestQuery { path: path.to_owned(), data, prove: true, height: 0 })
    };
    let response::Value::Query(answer) = comet.ask(ask("/state", tree::ADMINISTRATORS)).await else {
        panic!()
    };
    let proof = &answer.proof_ops.unwrap().ops[0].data;
    let root = root.to_vec().try_into().unwrap();
    sealdesk_protocol::proof::verify(&root, tree::ADMINISTRATORS, Some(&answer.value), proof).unwrap();
    let response::Value::Query(answer) = comet.ask(ask("/elsewhere", b"x")).await else { panic!() };
    assert_eq!(answer.code, 6);
}

/// The document is the same for everyone, so this also shows that the two sides read it alike.
#[test]
fn the_genesis_names_one_chain() {
    let genesis: Genesis = genesis();
    assert!(ChainId::parse(&genesis.chain_id).is_ok());
}
