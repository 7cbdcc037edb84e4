//! A node that counts questions and says "not now": it is asked again when it says so, and not for ever.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sealdesk_client::node::{Attend, Attendant, Waiting};
use sealdesk_client::stacks::net::Answer;
use sealdesk_client::stacks::wire::transaction::Transaction;
use sealdesk_client::stacks::{Desk, Error, Node};
use sealdesk_protocol::invitation::InvitationCode;
use tokio::time::Instant;

use super::world::{World, contract};
use super::{Agreeing, propose, world_that_answers};

fn busy(status: u16, retry_after: Option<u64>) -> Answer {
    Answer { status, body: b"Too Many Requests".to_vec(), retry_after }
}

/// Notes what is waited for.
#[derive(Default)]
struct Noting(Mutex<Vec<Waiting>>);

impl Attend for Noting {
    fn waits(&self, waiting: &Waiting) {
        self.0.lock().unwrap().push(waiting.clone());
    }

    fn invitation(&self, _: bool) -> Option<InvitationCode> {
        None
    }
}

fn desk_with(answers: Vec<Answer>, patience: u64) -> (Desk<World>, Arc<Noting>) {
    let (world, noting) = (World::default(), Arc::new(Noting::default()));
    world.canned.borrow_mut().extend(answers);
    let node = Node::new(world).with_patience(Duration::from_secs(patience));
    (Desk::new(node.attended_by(Attendant::new(noting.clone())), contract()), noting)
}

#[tokio::test(start_paused = true)]
async fn a_node_that_counts_questions_is_asked_again_when_it_says_so() {
    let answers = vec![busy(429, Some(3)), busy(503, None), busy(429, Some(2))];
    let (desk, noting) = desk_with(answers, 30);
    let began = Instant::now();
    desk.history().await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(5), "{:?}", began.elapsed());
    let heard = noting.0.lock().unwrap().clone();
    assert!(
        matches!(&heard[..], [Waiting::Busy { seconds: 3, .. }, Waiting::Busy { seconds: 2, why }] if why.contains("asked too much")),
        "{heard:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_node_longer_than_the_patience() {
    let (desk, noting) = desk_with(vec![busy(429, Some(3_600))], 30);
    let began = Instant::now();
    let refused = desk.history().await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::Busy { seconds: Some(3_600), .. }), "{refused}");
    assert!(refused.to_string().ends_with("come back in 3600 seconds"), "{refused}");
    assert!(began.elapsed() < Duration::from_secs(1) && noting.0.lock().unwrap().is_empty());
    // One that never gives a time, and one that gives none at all.
    let (desk, _) = desk_with((0..1_000).map(|_| busy(429, Some(0))).collect(), 30);
    let refused = desk.ticket_count().await.unwrap_err();
    assert!(matches!(refused, Error::Busy { .. }), "{refused}");
    assert!(began.elapsed() <= Duration::from_secs(32), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_busy_node_is_handed_the_same_bytes_and_never_others() {
    // Whoever says "not now" may have kept what it was given: a refusal after it is of the double of one that was taken.
    let desk = world_that_answers(vec![Ok(busy(429, Some(2))), super::refusal("BadNonce")]);
    let mut agreeing = Agreeing::default();
    propose(&desk, &mut agreeing, 5_000).await.unwrap();
    let sent = desk.node().http().sent.borrow().clone();
    assert_eq!(sent.len(), 2);
    assert!(
        sent.iter().all(|bytes| *bytes == sent[0] && Transaction::decode(bytes).unwrap().terms().nonce == 4)
    );
    let desk = world_that_answers(vec![Ok(busy(429, Some(3_600)))]);
    let refused = propose(&desk, &mut Agreeing::default(), 5_000).await.unwrap_err();
    assert!(matches!(refused, Error::Unanswered { .. }), "{refused}");
}
