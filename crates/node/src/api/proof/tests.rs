use std::collections::BTreeMap;
use std::time::Instant;

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::receipt::{Shown, Trust, VerifiedReceipt};
use sealdesk_protocol::tx::TxHash;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::waiting::PATIENCE;
use tonic::Code;

use super::*;
use crate::clock::ManualClock;
use crate::desk::{Memory, clock, open, settle, submit};
use crate::ledger::{Ledger, TxOutcome};
use crate::solo::Solo;
use crate::solo::driver::Driver;

/// A desk whose administrator appointed somebody in its newest block, which no header proves yet.
fn unproven() -> (Solo, ManualClock, Api) {
    let clock = clock();
    let mut solo = open(Memory::default().disks(), &clock).unwrap();
    let told = submit(&solo, &Person::number(0).appoint(0, &Person::number(1))).unwrap();
    solo.make_block().unwrap();
    assert_eq!((told.record().height, solo.height()), (2, 2));
    assert_eq!(solo.handle().view().tip().state_height(), 2);
    let api = Api::new(solo.handle().clone(), BTreeMap::new());
    (solo, clock, api)
}

fn of_account(address: &Address, at_least: i64) -> ProofRequest {
    ProofRequest { state_keys: vec![tree::account(address)], at_least, ..ProofRequest::default() }
}

/// The height of a receipt's state, and whether the account is there.
fn read(receipt: &[u8], address: &Address) -> (u64, bool) {
    let receipt = VerifiedReceipt::verify(receipt, &Trust::Unpinned).unwrap();
    (receipt.height(), matches!(receipt.record(&tree::account(address)), Shown::Present(_)))
}

#[tokio::test]
async fn who_reads_beside_writers_gets_what_a_header_proves_and_waits_for_nobody() {
    let (mut solo, clock, api) = unproven();
    let admin = Person::number(0).address;
    submit(&solo, &Person::number(1).attempt(0, &Person::number(0))).unwrap();
    let receipt = api.prove(of_account(&admin, 0), Source::Own).await.unwrap();
    assert_eq!(read(&receipt, &admin), (1, false), "the state before the newest block");
    solo.make_block().unwrap();
    submit(&solo, &Person::number(1).attempt(1, &Person::number(0))).unwrap();
    let receipt = api.prove(of_account(&admin, 0), Source::Own).await.unwrap();
    assert_eq!(read(&receipt, &admin), (2, true), "and never more than one block behind");
    settle(&mut solo, &clock);
    assert_eq!((solo.height(), solo.handle().view().tip().state_height()), (5, 4));
    for at_least in 0..6 {
        let receipt = api.prove(of_account(&admin, at_least), Source::Own).await.unwrap();
        assert_eq!(
            read(&receipt, &admin),
            (4, true),
            "block 5 changed nothing, so that its own header proves it"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_quiet_desk_nobody_is_behind_whoever_asked_for_no_proof() {
    let solo = open(Memory::default().disks(), &clock()).unwrap();
    let driver = Driver::start(solo, |_| {}).unwrap();
    let api = Api::new(driver.handle().clone(), BTreeMap::new());
    for number in 1..21u16 {
        let person = Person::number(number);
        let (notify, outcome) = tokio::sync::oneshot::channel();
        let waiter = Box::new(move |outcome| drop(notify.send(outcome)));
        let tx = person.attempt(0, &Person::number(0));
        Ledger::submit(driver.handle().clone(), tx, Some(waiter), Box::new(())).await.unwrap();
        tokio::time::timeout(PATIENCE, outcome).await.unwrap().unwrap();
        let height = driver.handle().tip().height;
        let readers = [(); 3].map(|()| {
            let (api, request) = (api.clone(), of_account(&person.address, 0));
            tokio::spawn(async move { api.prove(request, Source::Own).await })
        });
        for reader in readers {
            assert_eq!(read(&reader.await.unwrap().unwrap(), &person.address), (height, true));
        }
        assert_eq!(driver.handle().tip().height, height + 1, "one header for all who read");
    }
    tokio::task::spawn_blocking(|| driver.stop()).await.unwrap().unwrap();
}

#[tokio::test]
async fn who_has_written_waits_for_the_header_that_proves_it_and_has_it_made_at_once() {
    let (mut solo, _, api) = unproven();
    let admin = Person::number(0).address;
    let request = of_account(&admin, 2);
    let asking = tokio::spawn(async move { api.prove(request, Source::Own).await });
    let asked = async || (solo.next_block_in() == Some(0)).then_some(()).ok_or("nobody waits for a header");
    crate::desk::waiting::until("the asker", asked).await;
    assert!(!asking.is_finished(), "nothing before block 2 will do");
    solo.make_block().unwrap();
    let receipt = asking.await.unwrap().unwrap();
    assert_eq!(read(&receipt, &admin), (2, true));
}

#[tokio::test(start_paused = true)]
async fn a_height_out_of_reach_makes_no_block_and_is_not_answered_by_an_earlier_state() {
    let (solo, _, api) = unproven();
    let admin = Person::number(0).address;
    for (height, at_least, code) in [
        (0, 3, Code::Unavailable),
        (0, i64::MAX, Code::Unavailable),
        (0, -1, Code::InvalidArgument),
        (1, 2, Code::InvalidArgument),
        (9, 2, Code::OutOfRange),
    ] {
        let request = ProofRequest { height, ..of_account(&admin, at_least) };
        let refused = api.prove(request, Source::Own).await.unwrap_err();
        assert_eq!(refused.code(), code, "{height}, at least {at_least}: {refused}");
        assert!(solo.next_block_in() > Some(0), "{height}, at least {at_least}");
    }
}

#[tokio::test]
async fn an_old_header_is_followed_by_one_of_now_before_anything_is_proven() {
    let (mut solo, clock, api) = unproven();
    settle(&mut solo, &clock);
    let (height, admin) = (solo.height(), Person::number(0).address);
    clock.advance(3_600_000);
    let request = of_account(&admin, 0);
    let asking = {
        let api = api.clone();
        tokio::spawn(async move { api.prove(request, Source::Own).await })
    };
    let asked = async || (solo.next_block_in() == Some(0)).then_some(()).ok_or("nobody waits for a header");
    crate::desk::waiting::until("the asker", asked).await;
    solo.make_block().unwrap();
    let receipt = asking.await.unwrap().unwrap();
    let receipt = VerifiedReceipt::verify(&receipt, &Trust::Unpinned).unwrap();
    assert_eq!((receipt.height(), solo.height()), (height, height + 1));
    assert_eq!(receipt.time(), solo.handle().view().tip().time.unix_timestamp());
    clock.advance(3_600_000);
    solo.handle().close();
    let begun = Instant::now();
    assert!(api.prove(of_account(&admin, 0), Source::Own).await.is_ok(), "what was proven stays so");
    assert!(begun.elapsed() < HEADER_WAIT, "a ledger that has stopped is waited for by nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_beside_others_never_gets_a_proof_from_before_their_own_write() {
    let solo = open(Memory::default().disks(), &clock()).unwrap();
    let driver = Driver::start(solo, |_| {}).unwrap();
    let api = Api::new(driver.handle().clone(), BTreeMap::new());
    let writers = (1..9u16).map(|number| {
        let (api, handle) = (api.clone(), driver.handle().clone());
        tokio::spawn(async move {
            let person = Person::number(number);
            for sequence in 0..8 {
                let tx = person.attempt(sequence, &Person::number(0));
                let (notify, outcome) = tokio::sync::oneshot::channel();
                let waiter = Box::new(move |outcome| drop(notify.send(outcome)));
                Ledger::submit(handle.clone(), tx.clone(), Some(waiter), Box::new(())).await.unwrap();
                let outcome = tokio::time::timeout(PATIENCE, outcome).await.unwrap().unwrap();
                let TxOutcome::Committed(record) = outcome else { panic!("{outcome:?}") };
                let receipt = api.prove(of_account(&person.address, record.height), Source::Own).await;
                let (height, _) = read(&receipt.unwrap(), &person.address);
                assert!(height >= record.height.unsigned_abs(), "{} at {height}", TxHash::of(&tx));
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    tokio::task::spawn_blocking(|| driver.stop()).await.unwrap().unwrap();
}
