//! The desk on Stacks against a node that lies: what is not proven by somebody's signature does not count.

mod audience;
mod busy;
mod remembering;
mod world;

use sealdesk_client::stacks::directory::{Assurance, History};
use sealdesk_client::stacks::net::{Answer, NetError};
use sealdesk_client::stacks::send::{Approve, Bounds, Plan, Sender};
use sealdesk_client::stacks::wire::contract::Request;
use sealdesk_client::stacks::wire::transaction::{Transaction, TxId};
use sealdesk_client::stacks::{Desk, Error, Rejection, cursor_of, deploy_call, wire};
use sealdesk_client::view::Body;
use sealdesk_protocol::ids::TicketId;
use serde_json::json;

use sealdesk_client::stacks::wire::name::ContractName;
use sealdesk_client::stacks::wire::principal::{ContractId, Principal};
use sealdesk_client::stacks::wire::value::Value;
use world::{World, chain_id, event, people, principal};

fn first() -> TicketId {
    TicketId::new(1).unwrap()
}

/// Agrees to everything, and counts what it heard.
#[derive(Default)]
struct Agreeing {
    plans: Vec<Plan>,
    sent: usize,
    unanswered: Vec<TxId>,
    notes: Vec<String>,
}

impl Approve for Agreeing {
    fn approve(&mut self, plan: &Plan) -> Result<(), Error> {
        self.plans.push(plan.clone());
        Ok(())
    }

    fn note(&mut self, line: &str) {
        self.notes.push(line.to_owned());
    }

    fn sent(&mut self, _: &str, _: TxId) {
        self.sent += 1;
    }

    fn unanswered(&mut self, _: &str, id: TxId) {
        self.unanswered.push(id);
    }
}

#[test]
fn a_cursor_is_taken_in_every_form_and_given_in_one() {
    let id = "ab".repeat(32);
    let one = cursor_of(&format!("{id}:7")).unwrap();
    for text in
        [format!("0x{id}:7"), format!("{}:7", id.to_uppercase()), format!("{id}:+7"), format!("{id}:007")]
    {
        assert!(cursor_of(&text).is_none_or(|cursor| cursor == one), "{text}");
    }
    assert_eq!(cursor_of(&one), Some(one));
    for text in ["", ":", "7", &id, &format!("{id}:"), &format!("{id}:-1"), &format!("{}:1", &id[2..])] {
        assert_eq!(cursor_of(text), None, "{text}");
    }
}

#[tokio::test]
async fn a_key_counts_if_its_proof_fits_and_its_account_signed_the_registration() {
    let (admin, alice, mallory) = people();
    let person = async |world: World| {
        let desk = world.desk();
        let history = desk.history().await.unwrap();
        desk.person(&principal(&alice), &history).await.unwrap()
    };
    let registered = |signer, chain: &str| {
        let mut world = World::default();
        world.register(&alice, signer, chain);
        world
    };
    let good = person(registered(&alice, &chain_id())).await;
    assert_eq!((good.keys.len(), good.refused), (1, 0));
    assert_eq!(good.keys[0].assurance, Assurance::Signed);
    // The same key, offered by a transaction that somebody else signed.
    let stolen = person(registered(&mallory, &chain_id())).await;
    assert_eq!((stolen.keys.len(), stolen.refused), (0, 1));
    // A proof for another contract.
    let other = person(registered(&alice, "stacks:1:SP000000000000000000002Q6VF78.x")).await;
    assert_eq!((other.keys.len(), other.refused), (0, 1));
    // A node that keeps no transactions is believed, and said to be.
    let mut plain = registered(&alice, &chain_id());
    plain.transactions.clear();
    assert_eq!(person(plain).await.keys[0].assurance, Assurance::NodesWord);
    let _ = admin;
}

#[tokio::test]
async fn text_is_shown_only_if_its_author_signed_the_bytes_that_the_contract_hashed() {
    let (admin, alice, mallory) = people();
    let world = |author| {
        let mut world = World::default();
        for person in [&admin, &alice, &mallory] {
            world.register(person, person, &chain_id());
        }
        world.write(&alice, author, &[&admin, &alice]);
        world
    };
    let body = async |world: World| {
        let mut read = world.desk().read(&admin, first()).await.unwrap();
        read.messages.remove(0).body
    };
    assert!(
        matches!(body(world(&alice)).await, Body::Ticket(content) if content.description == "The truth.")
    );
    assert!(matches!(body(world(&mallory)).await, Body::CannotOpen), "signed by another");
    let mut changed = world(&alice);
    changed.events.pop();
    let mut other = World::default();
    other.write(&alice, &alice, &[&admin, &alice]);
    changed.events.extend(other.events);
    assert!(matches!(body(changed).await, Body::Withheld), "another text under the same hash");
    let mut noise = world(&alice);
    noise.events.push((TxId([9; 32]), event("ticket-burned", vec![])));
    assert!(matches!(body(noise).await, Body::Ticket(_)), "what is no event is passed over");
}

async fn propose(desk: &Desk<World>, agreeing: &mut Agreeing, fee_max: u64) -> Result<(), Error> {
    let (admin, alice, _) = people();
    let bounds = Bounds { fee_max, ..Bounds::default() };
    let mut sender = Sender { actor: &admin, bounds, approve: agreeing };
    desk.call_one(&mut sender, Request::ProposeOwner(principal(&alice))).await.map(|_| ())
}

fn world_that_answers(answers: Vec<Result<Answer, NetError>>) -> Desk<World> {
    let world = World::default();
    world.broadcasts.borrow_mut().extend(answers);
    world.desk()
}

fn refusal(reason: &str) -> Result<Answer, NetError> {
    let body = json!({ "error": "transaction rejected", "reason": reason,
        "reason_data": { "expected": 9, "actual": 4 } });
    Ok(Answer { status: 400, body: body.to_string().into_bytes(), retry_after: None })
}

#[tokio::test(start_paused = true)]
async fn the_same_bytes_are_sent_again_where_nobody_answered() {
    let silent = || Err(NetError::Silent { node: "x".into() });
    let busy = Ok(Answer { status: 503, body: Vec::new(), retry_after: None });
    let desk = world_that_answers(vec![silent(), busy, refusal("BadNonce")]);
    let mut agreeing = Agreeing::default();
    propose(&desk, &mut agreeing, 5_000).await.unwrap();
    let sent = desk.node().http().sent.borrow().clone();
    assert_eq!(sent.len(), 3, "after the refusal the chain knows the transaction: it is its own double");
    assert!(sent.iter().all(|bytes| *bytes == sent[0]));
    assert_eq!((agreeing.plans.len(), agreeing.sent), (1, 1));
    assert_eq!(agreeing.unanswered, [TxId::of(&sent[0])], "named once, before it is sent again");
    assert_eq!((agreeing.plans[0].fee(), agreeing.plans[0].calls[0].nonce), (2_000, 4));
}

#[tokio::test(start_paused = true)]
async fn a_number_that_was_taken_is_signed_again_and_any_other_refusal_is_final() {
    let desk = world_that_answers(vec![refusal("BadNonce")]);
    propose(&desk, &mut Agreeing::default(), 5_000).await.unwrap();
    let sent = desk.node().http().sent.borrow().clone();
    let nonce = |bytes: &Vec<u8>| Transaction::decode(bytes).unwrap().terms().nonce;
    assert_eq!(sent.iter().map(nonce).collect::<Vec<_>>(), [4, 9]);
    let desk = world_that_answers(vec![refusal("TooMuchChaining")]);
    let refused = propose(&desk, &mut Agreeing::default(), 5_000).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected(rejection) if *rejection == Rejection::TooMuchChaining));
    assert_eq!(desk.node().http().sent.borrow().len(), 1);
}

#[tokio::test]
async fn nothing_is_signed_above_what_may_be_paid() {
    let desk = world_that_answers(Vec::new());
    let mut agreeing = Agreeing::default();
    let refused = propose(&desk, &mut agreeing, 1_999).await.unwrap_err();
    assert!(matches!(refused, Error::FeeTooHigh { fee: 2_000, max: 1_999 }), "{refused}");
    assert!(agreeing.plans.is_empty() && desk.node().http().sent.borrow().is_empty());
}

#[tokio::test]
async fn nothing_is_sealed_where_no_administrator_has_a_key() {
    let (_, alice, _) = people();
    let mut world = World::default();
    world.register(&alice, &alice, &chain_id());
    let desk = world.desk();
    let administrators = desk.administrators(&desk.history().await.unwrap()).await.unwrap();
    assert!(administrators[0].active().is_empty());
    let unknown = desk.person_with_key(&principal(&people().2), &History::default()).await.unwrap_err();
    assert!(matches!(unknown, Error::NoKey(_)));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_says_another_number_is_paid_no_more_than_was_allowed() {
    // Each refusal may be a lie of a node that keeps what it was given, fee and all.
    let desk = world_that_answers(vec![refusal("BadNonce")]);
    let refused = propose(&desk, &mut Agreeing::default(), 3_999).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected(_)), "{refused}");
    assert_eq!(desk.node().http().sent.borrow().len(), 1, "two would cost 4,000");
}

#[tokio::test(start_paused = true)]
async fn one_sender_pays_for_all_that_it_sends_out_of_one_purse() {
    let desk = world_that_answers(Vec::new());
    let (admin, alice, _) = people();
    let bounds = Bounds { fee_max: 5_000, ..Bounds::default() };
    let mut sender = Sender { actor: &admin, bounds, approve: &mut Agreeing::default() };
    for _ in 0..2 {
        desk.call_one(&mut sender, Request::ProposeOwner(principal(&alice))).await.unwrap();
    }
    let refused = desk.call_one(&mut sender, Request::AcceptOwner).await.unwrap_err();
    assert!(matches!(refused, Error::FeeTooHigh { fee: 2_000, max: 1_000 }), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_signed_for_a_number_far_from_the_accounts() {
    // It would wait until the account comes there, and happen then.
    let far = json!({ "error": "transaction rejected", "reason": "BadNonce",
        "reason_data": { "expected": 1_000, "actual": 4 } });
    let desk = world_that_answers(vec![Ok(Answer {
        status: 400,
        body: far.to_string().into_bytes(),
        retry_after: None,
    })]);
    assert!(propose(&desk, &mut Agreeing::default(), 5_000_000).await.is_err());
    assert_eq!(desk.node().http().sent.borrow().len(), 1);
    let last = World { nonce: Some(u64::MAX), ..World::default() };
    let refused = propose(&last.desk(), &mut Agreeing::default(), 5_000_000).await.unwrap_err();
    assert!(matches!(refused, Error::Node { .. }), "{refused}");
}

#[tokio::test]
async fn a_contract_that_the_chain_did_not_take_is_not_deployed() {
    let (admin, ..) = people();
    // (err none): the source does not pass.
    let desk = World { result: Some("0x0809"), ..World::default() }.desk();
    let mut agreeing = Agreeing::default();
    let mut sender = Sender { actor: &admin, bounds: Bounds::default(), approve: &mut agreeing };
    let payload = deploy_call(ContractName::parse("ticket-system").unwrap(), "(oops");
    let failed = desk.deploy(&mut sender, payload).await.unwrap_err();
    assert!(matches!(&failed, Error::Aborted { status, .. } if status.contains("(err none)")), "{failed}");
}

#[tokio::test]
async fn a_message_under_a_key_that_only_the_node_vouches_for_says_so() {
    let (admin, alice, _) = people();
    let warnings = async |keeps_transactions: bool| {
        let mut world = World::default();
        for person in [&admin, &alice] {
            world.register(person, person, &chain_id());
        }
        world.write(&alice, &alice, &[&admin, &alice]);
        if !keeps_transactions {
            world.transactions.clear();
        }
        let message = world.desk().read(&admin, first()).await.unwrap().messages.remove(0);
        assert!(matches!(message.body, Body::Ticket(_)));
        message.warnings
    };
    assert!(warnings(true).await.is_empty());
    let told = warnings(false).await;
    assert!(told.len() == 1 && told[0].to_string().starts_with("only the node says"), "{told:?}");
}

#[tokio::test]
async fn a_message_that_is_shown_twice_is_believed_once() {
    let (admin, alice, _) = people();
    let mut world = World::default();
    for person in [&admin, &alice] {
        world.register(person, person, &chain_id());
    }
    world.write(&alice, &alice, &[&admin, &alice]);
    world.comment(&admin, &[&admin, &alice]);
    // The contract takes no payload of a sender twice; this node says that it did.
    world.comments.push(world.comments[0].clone());
    world.change_ticket("comment-count", Value::uint(2_u64));
    let read = world.desk().read(&alice, first()).await.unwrap();
    assert!(matches!(read.messages[1].body, Body::Message(_)));
    assert!(matches!(read.messages[2].body, Body::CannotOpen));
}

#[tokio::test]
async fn a_grant_outlives_its_granters_office() {
    let (admin, alice, bob) = people();
    let read = async |was_administrator: bool| {
        let mut world = World::default();
        for person in [&admin, &alice, &bob] {
            world.register(person, person, &chain_id());
        }
        if was_administrator {
            let fields = vec![
                ("address", Value::principal(principal(&bob))),
                ("by", Value::principal(principal(&admin))),
            ];
            world.events.push((TxId([7; 32]), event("administrator-added", fields)));
        }
        // Bob was told by its writer, let the present administrator in, and is no administrator any more.
        world.write(&alice, &alice, &[&alice, &bob]);
        world.grant(&bob, &alice, &admin);
        world.desk().read(&admin, first()).await.unwrap().messages.remove(0).body
    };
    assert!(matches!(read(true).await, Body::Ticket(_)));
    assert!(matches!(read(false).await, Body::NotForYou), "nobody's grant does not count");
}

#[tokio::test]
async fn numbers_that_the_contract_cannot_have_end_a_command() {
    let (admin, alice, _) = people();
    let mut world = World::default();
    world.register(&alice, &alice, &chain_id());
    world.write(&alice, &alice, &[&alice]);
    world.change_ticket("comment-count", Value::uint(101_u64));
    let refused = world.desk().read(&admin, first()).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::Answer(wire::contract::AnswerError::Unexpected { .. })), "{refused}");
    let mut endless = World::default();
    endless.write(&alice, &alice, &[&alice]);
    endless.has_no_end = true;
    let desk = endless.desk();
    let refused = desk.tickets_of(&principal(&alice)).await.unwrap_err();
    assert!(matches!(refused, Error::Answer(_)), "{refused}");
}

#[tokio::test]
async fn a_history_without_an_end_is_not_taken_for_a_whole_one() {
    // Somebody whom it leaves out would be left out of every envelope.
    let world = World { has_no_end: true, ..World::default() };
    let refused = world.desk().history().await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, Error::TooManyEvents { .. }), "{refused}");
}

#[tokio::test]
async fn no_signature_says_that_a_key_is_a_contracts_own() {
    let (admin, _, mallory) = people();
    let wallet: Principal = ContractId::parse(&format!("{}.wallet", principal(&admin))).unwrap().into();
    let mut world = World::default();
    world.register_as(&wallet, &mallory, &mallory);
    let desk = world.desk();
    let history = desk.history().await.unwrap();
    let person = desk.person(&wallet, &history).await.unwrap();
    assert_eq!(person.keys[0].assurance, Assurance::NodesWord);
}
