//! A node that says "not now", or asks something of a new account first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use sealdesk_client::Error;
use sealdesk_client::admission::AdmissionError;
use sealdesk_client::messages::NewTicket;
use sealdesk_client::node::{Attend, Attendant, NodeError, PATIENCE_SECONDS_DEFAULT, Waiting};
use sealdesk_client::outcome::Outcome;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::invitation::InvitationCode;

use crate::world::{Fault, Shared, people};

/// Writes down what a person would hear.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<Waiting>>>);

impl Attend for Heard {
    fn waits(&self, waiting: &Waiting) {
        self.0.lock().unwrap().push(waiting.clone());
    }

    fn invitation(&self, _only: bool) -> Option<InvitationCode> {
        None
    }
}

/// What came of a ticket, what was heard meanwhile, and how many seconds it took.
struct Told {
    shared: Shared,
    outcome: Result<Outcome, Error>,
    heard: Vec<Waiting>,
    seconds: f64,
}

async fn create_over(script: &[Fault]) -> Told {
    let (shared, heard) = (Shared::new(), Heard::default());
    let node = shared.node().attended_by(Attendant::new(Arc::new(heard.clone())));
    let desk = shared.open_over(node, Trust::FirstUse).await.unwrap();
    shared.lock().script = VecDeque::from(script.to_vec());
    let before = tokio::time::Instant::now();
    let outcome = desk.create_ticket(&people().customer, &NewTicket::new("technical", "S", "M")).await;
    let seconds = before.elapsed().as_secs_f64();
    let heard = heard.0.lock().unwrap().clone();
    Told { shared, outcome, heard, seconds }
}

#[tokio::test(start_paused = true)]
async fn a_busy_node_is_asked_again_when_it_says_so_and_the_person_hears_of_it() {
    let told = create_over(&[Fault::Door(2), Fault::Door(3)]).await;
    assert_eq!(told.outcome.unwrap().code, 0);
    assert_eq!(told.shared.lock().tickets(), 1);
    let [Waiting::Busy { seconds: first, why }, Waiting::Busy { seconds: second, .. }] =
        told.heard.as_slice()
    else {
        panic!("{:?}", told.heard)
    };
    assert!((2..=3).contains(first) && (3..=4).contains(second) && why.contains("busy"), "{:?}", told.heard);
    assert!((5.0..7.5).contains(&told.seconds), "{}", told.seconds);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_their_patience() {
    let told = create_over(&[Fault::Door(3); 9]).await;
    let error = told.outcome.unwrap_err();
    assert!(matches!(&error, Error::Node(NodeError::Busy { seconds: Some(3), .. })), "{error}");
    let patience = f64::from(u32::try_from(PATIENCE_SECONDS_DEFAULT).unwrap());
    assert!(told.seconds < patience + 0.1 && (2..=3).contains(&told.heard.len()), "{}", told.seconds);
    let told = create_over(&[Fault::Door(3_600)]).await;
    assert!(told.outcome.is_err() && told.heard.is_empty() && told.seconds < 1.0, "{}", told.seconds);
    assert_eq!(told.shared.lock().tickets(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_room_is_looked_up_and_nothing_is_done_twice() {
    let told = create_over(&[Fault::Unread, Fault::Unread]).await;
    assert_eq!(told.outcome.unwrap().code, 0);
    assert_eq!(told.shared.lock().tickets(), 1);
}

#[tokio::test]
async fn a_new_account_works_for_its_first_transaction_and_for_no_node_for_ever() {
    let told = create_over(&[Fault::Work]).await;
    assert_eq!(told.outcome.unwrap().code, 0);
    assert_eq!(told.heard.first(), Some(&Waiting::Work { seconds: 0 }));
    let told = create_over(&[Fault::Work; 9]).await;
    let error = told.outcome.unwrap_err();
    assert!(matches!(&error, Error::Admission(AdmissionError::Refused(_))), "{error}");
    assert_eq!(told.shared.lock().tickets(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_the_ledger_knows_works_for_no_node() {
    let (shared, heard) = (Shared::new(), Heard::default());
    let node = shared.node().attended_by(Attendant::new(Arc::new(heard.clone())));
    let desk = shared.open_over(node, Trust::FirstUse).await.unwrap();
    let (customer, ticket) = (&people().customer, NewTicket::new("technical", "S", "M"));
    desk.create_ticket(customer, &ticket).await.unwrap();
    shared.lock().script = VecDeque::from([Fault::Work]);
    let error = desk.create_ticket(customer, &ticket).await.unwrap_err();
    assert!(matches!(&error, Error::Node(NodeError::NotAdmitted { .. })), "{error}");
    assert_eq!((heard.0.lock().unwrap().as_slice(), shared.lock().tickets()), (&[][..], 1));
}
