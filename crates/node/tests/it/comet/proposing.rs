//! Whatever an honest proposer makes of whatever waits, another honest node accepts it and executes all of it: if not, no block would
//! ever come.

use sealdesk_protocol::gas::{BLOCK_GAS_MAX, TX_GAS_MAX};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::MsgRespondToTicket;
use sealdesk_store::testing::MemoryDisk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::transaction::appointment;

use super::abci::{Comet, block};
use crate::desk::{BEGIN, genesis};

/// Random networks, and the blocks of each.
const SEEDS: u64 = 12;
const BLOCKS: u64 = 8;
/// People; number 0 administrates, number 1 is suspended half of the time.
const PEOPLE: usize = 6;

/// Any transaction: good, failing, of several signers, too early, too late, repeated, damaged.
fn transaction(random: &mut Random, sequences: &[u64], height: u64) -> Vec<u8> {
    let who = random.below(PEOPLE);
    let person = |n: usize| Person::number(u16::try_from(n).unwrap());
    let sequence = sequences[who] + u64::try_from(random.below(3)).unwrap();
    let (sender, target) = (person(who), person(random.below(PEOPLE)));
    let message = appointment(&sender, &target);
    match random.below(10) {
        0 => sender.sign(sequence, &[message], height + u64::try_from(random.below(3)).unwrap() - 1),
        1 => sender.suspend(sequence, &person(1)),
        2 => {
            let other = (who + 1) % PEOPLE;
            let both = [(&sender, sequence), (&person(other), sequences[other])];
            Person::sign_together(&both, &[message, appointment(&person(other), &target)])
        }
        3 => {
            let mut damaged = sender.sign(sequence, &[message], 0);
            let place = random.below(damaged.len());
            damaged[place] ^= 1;
            damaged
        }
        4 => vec![7; random.below(40)],
        _ => sender.sign(sequence, &[message], 0),
    }
}

/// Sequences as the accounts have them after what was executed.
fn advance(sequences: &mut [u64], txs: &[Vec<u8>]) {
    for tx in txs {
        let tx = sealdesk_protocol::tx::Tx::decode(tx, &sealdesk_testkit::prefix()).unwrap();
        for signer in tx.signers() {
            let who = (0..PEOPLE)
                .find(|n| Person::number(u16::try_from(*n).unwrap()).address == signer.address)
                .unwrap();
            sequences[who] += 1;
        }
    }
}

async fn run(seed: u64) -> usize {
    let mut random = Random::new(seed);
    let mut proposer = Comet::begin(MemoryDisk::new(), &genesis()).await;
    let mut other = Comet::begin(MemoryDisk::new(), &genesis()).await;
    let (mut sequences, mut pool, mut landed) = ([0; PEOPLE], Vec::new(), 0);
    for height in 1..=BLOCKS {
        for _ in 0..random.below(30) {
            let tx = transaction(&mut random, &sequences, height);
            // The proposer knows some of them from its mempool; the other sees them for the first time.
            if random.one_in(2) {
                proposer.check(&tx, random.one_in(8)).await;
            }
            pool.push(tx);
        }
        let room = i64::try_from(400 + random.below(9_000)).unwrap();
        let chosen = proposer.prepare(height, &pool, room).await;
        let next = block(height, BEGIN * 1_000 + i64::try_from(height).unwrap(), &chosen);
        assert!(other.accepts(&next).await, "seed {seed}: an honest block {height} is refused");
        assert!(proposer.accepts(&next).await);
        let (here, there) = (proposer.finalize(&next).await, other.finalize(&next).await);
        assert_eq!(here, there, "seed {seed}, block {height}");
        for result in &there.tx_results {
            let form = result.codespace == "sdk" && matches!(result.code, 2 | 4 | 30 | 32);
            assert!(!form, "seed {seed}, block {height}: not a block's: {}", result.log);
        }
        proposer.commit().await;
        other.commit().await;
        advance(&mut sequences, &chosen);
        landed += chosen.len();
    }
    landed
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_honest_node_proposes_every_other_one_accepts_and_executes() {
    let mut landed = 0;
    for seed in 1..=SEEDS {
        landed += run(seed).await;
    }
    assert!(landed > 100, "only {landed} transactions were proposed at all");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_block_over_its_budget_is_accepted_and_no_sender_s_part_over_theirs_proposed() {
    let mut node = Comet::begin(MemoryDisk::new(), &genesis()).await;
    let sender = Person::number(0);
    let message = to_any(&MsgRespondToTicket {
        responder: sender.address.to_string(),
        ticket_id: "TKT-00000001".to_owned(),
        ..MsgRespondToTicket::default()
    });
    let messages = vec![message; 16];
    let txs: Vec<_> = (0..100).map(|sequence| sender.sign(sequence, &messages, 0)).collect();
    let read = |tx: &Vec<u8>| sealdesk_protocol::tx::Tx::decode(tx, &sealdesk_testkit::prefix()).unwrap();
    let gas = read(&txs[99]).gas();
    let room = usize::try_from(BLOCK_GAS_MAX / gas).unwrap();
    assert!(room < txs.len() - 1, "{room} of them fit");
    let chosen = node.prepare(1, &txs, 1 << 20).await;
    let of_sender = usize::try_from(TX_GAS_MAX / gas).unwrap();
    assert!(
        of_sender > 0 && (of_sender..=of_sender + 1).contains(&chosen.len()),
        "{} of {room}",
        chosen.len()
    );
    let at = BEGIN * 1_000 + 1;
    assert!(node.accepts(&block(1, at, &chosen)).await);
    assert!(
        node.accepts(&block(1, at, &txs[..room])).await,
        "who proposes keeps to a sender's part, nobody judges by it"
    );
    assert!(!node.accepts(&block(1, at, &txs[..room + 2])).await);
}
