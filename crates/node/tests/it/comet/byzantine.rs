//! A validator that means harm, among three that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealdesk_node::comet::{BLOCK_TXS_BYTES_MAX, BLOCK_TXS_MAX};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::MsgCreateTicket;
use sealdesk_store::testing::MemoryDisk;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing;
use sealdesk_testkit::transaction::{Draft, appointment};
use tendermint_proto::v0_38::abci::*;

use super::abci::{Comet, block};
use super::middle::Middle;
use super::network::{Network, execute, script, turn};
use crate::desk::{BEGIN, genesis};

/// Proposals that no honest node makes, by what is wrong with them.
fn hostile() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let (admin, person) = (Person::number(0), Person::number);
    let mut forged = person(50).appoint(0, &admin);
    *forged.last_mut().unwrap() ^= 1;
    let good = person(52).appoint(0, &admin);
    let late = person(53).sign(0, &[appointment(&person(53), &admin)], 1);
    let count = u16::try_from(BLOCK_TXS_MAX).unwrap() + 1;
    let many: Vec<Vec<u8>> = (100..100 + count).map(|n| person(n).appoint(0, &admin)).collect();
    vec![
        ("no transaction at all", vec![vec![0xff; 40]]),
        ("badly signed", vec![forged]),
        ("out of sequence", vec![person(51).appoint(5, &admin)]),
        ("the same one twice", vec![good.clone(), good]),
        ("too late", vec![late]),
        ("another chain's", vec![of_another_chain()]),
        ("too many", many),
        ("too large together", too_large()),
    ]
}

/// The same people, the same message, signed for another ledger.
fn of_another_chain() -> Vec<u8> {
    let (chain, person) = ("desk-ffffffffffffffff", Person::new("ann"));
    let any = sealdesk_testkit::trust::registered_elsewhere(chain, &person);
    Draft::new(chain, vec![any], &[(&person, 0)]).sign(&[&person])
}

/// Long tickets, each of which would be good alone.
fn too_large() -> Vec<Vec<u8>> {
    // Commitment, tag, and a length that a padded text can have.
    const CIPHERTEXT_BYTES: usize = 48 + 98_304;
    let mut random = Random::new(1);
    let mut one = |n: usize| {
        let person = Person::new(&format!("long-{n}"));
        let place = sealing::context(CHAIN_ID, "", Kind::Ticket, &person.text, (0, 0));
        let sealed = sealing::unsigned(&[person.key(0).fingerprint], CIPHERTEXT_BYTES, &mut random);
        let any = to_any(&MsgCreateTicket {
            customer: person.text.clone(),
            category: "technical".to_owned(),
            encrypted_payload: Some(sealing::sign(sealed, &place, &person.key(0), None)),
            ..Default::default()
        });
        Draft::new(CHAIN_ID, vec![any], &[(&person, 0)]).sign(&[&person])
    };
    (0..BLOCK_TXS_BYTES_MAX / CIPHERTEXT_BYTES + 1).map(&mut one).collect()
}

#[tokio::test]
async fn each_hostile_proposal_is_refused_for_just_what_is_wrong_with_it() {
    let mut comet = Comet::begin(MemoryDisk::new(), &genesis()).await;
    comet.decide(&block(1, BEGIN * 1_000, &[])).await;
    for (name, txs) in hostile() {
        assert!(!comet.accepts(&block(2, BEGIN * 1_000, &txs)).await, "{name} is accepted");
        // What is too much is good without its last, and what an honest proposer makes of any of them is accepted.
        let without_last = &txs[..txs.len() - 1];
        assert!(comet.accepts(&block(2, BEGIN * 1_000, without_last)).await, "{name}, without the last");
        let prepared = comet.prepare(2, &txs, 4 << 20).await;
        assert!(comet.accepts(&block(2, BEGIN * 1_000, &prepared)).await, "{name}, as an honest one has it");
    }
    comet.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_proposes_bad_transactions_is_refused_and_the_chain_goes_on() {
    let _turn = turn().await;
    // The hostile one has nearly a third of the power, and so nearly a third of the turns.
    let mut network = Network::prepare(&[10, 10, 10, 14]);
    let proposals = hostile();
    let (kinds, made) = (proposals.len(), Arc::new(AtomicUsize::new(0)));
    let counted = made.clone();
    let meddle = move |asked: &request::Value| match asked {
        request::Value::PrepareProposal(_) => {
            let turn = counted.fetch_add(1, Ordering::SeqCst);
            let txs = proposals[turn % kinds].1.iter().cloned().map(Into::into).collect();
            Some(response::Value::PrepareProposal(ResponsePrepareProposal { txs }))
        }
        // It votes for whatever it proposes.
        request::Value::ProcessProposal(_) => {
            let status = response_process_proposal::ProposalStatus::Accept.into();
            Some(response::Value::ProcessProposal(ResponseProcessProposal { status }))
        }
        _ => None,
    };
    let home = network.homes[3].path().to_owned();
    let middle = Middle::start(
        &network.dir.path().join("middle.sock"),
        home.join("comet/abci.sock"),
        Arc::new(meddle),
    );
    let there = format!("--proxy_app unix://{}", middle.path.display());
    network.programs[3] = script(&network.dir.path().join("hostile"), "", &there);
    network.start_all().await;

    let (admin, mut honest, mut height) = (Person::number(0), Vec::new(), 0);
    while made.load(Ordering::SeqCst) < kinds {
        let n = u16::try_from(honest.len()).unwrap();
        let tx = admin.appoint(n.into(), &Person::number(n + 1));
        height = execute(&network.ledger(usize::from(n) % 3), &tx).await;
        honest.push(BASE64.encode(&tx));
        assert!(honest.len() < 100, "the hostile one never has its turn");
    }
    network.all_reach(height).await;
    let height = network.agrees().await;
    assert!(network.transactions(0, height).await == honest, "these and nothing else are in the blocks");
    let key = network.homes[3].key().unwrap().public_key();
    let address = GenesisValidator::new(&key, 1, "").address;
    for height in 1..=height {
        let header = network.rpc(0).signed_header(height).await.unwrap();
        let proposer = header.header().proposer_address.to_string();
        assert_ne!(proposer, address, "block {height} is the hostile one's");
    }
    network.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_for_another_chain_is_refused_by_a_running_node_with_its_code() {
    let _turn = turn().await;
    let mut network = Network::prepare(&[10]);
    network.start_all().await;
    network.reaches(0, 1).await;
    let refused = super::network::hand_in(&network.ledger(0), &of_another_chain()).await.unwrap_err();
    assert!(refused.contains("signature"), "{refused}");
    let long = vec![7; sealdesk_protocol::limits::TX_BYTES_MAX + 1];
    let refused = super::network::hand_in(&network.ledger(0), &long).await.unwrap_err();
    assert!(refused.contains("262144"), "what never fits is not told to try again later: {refused}");
    network.stop_all().await;
}
