//! The client's own API against a real node in this process: a ticket's whole way, verified and opened.

use std::time::{SystemTime, UNIX_EPOCH};

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::follow::Following;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::node::Node;
use sealdesk_client::receipt::TicketReceipt;
use sealdesk_client::trust::Trust;
use sealdesk_envelope::{Phrase, PhraseLength};
use sealdesk_node::home::{Home, new_chain_id};
use sealdesk_node::{NodeConfig, run};
use sealdesk_protocol::ids::Prefix;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::{Priority, Status};
use tonic::transport::Channel;

pub struct Running {
    pub node: sealdesk_node::Node,
    _home: tempfile::TempDir,
    pub admin: Actor,
    pub agent: Actor,
    pub customer: Actor,
}

fn person() -> Actor {
    Actor::of(&Phrase::generate(PhraseLength::Twelve, &mut getrandom::SysRng).unwrap()).unwrap()
}

/// A new ledger with one administrator, and a desk over it.
pub async fn running() -> (Running, Desk<Channel>) {
    let directory = tempfile::tempdir().unwrap();
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let (admin, agent, customer) = (person(), person(), person());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let home = Home::new(directory.path().join("node"));
    let chain_id = new_chain_id("desk").unwrap();
    home.init_desk(&chain_id, &prefix, i64::try_from(now).unwrap(), &[admin.address(&prefix)]).unwrap();
    let config = NodeConfig {
        home: home.path().to_owned(),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        ..NodeConfig::default()
    };
    let node = run(config).await.unwrap();
    let client = Node::connect(&format!("http://{}", node.listening())).await.unwrap();
    let desk = Desk::open(client, Trust::FirstUse).await.unwrap();
    assert_eq!(desk.pin().validators_hash[..], *node.validators_hash());
    (Running { node, _home: directory, admin, agent, customer }, desk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_goes_its_whole_way_sealed_and_proven() {
    let (running, desk) = running().await;
    let Running { admin, agent, customer, .. } = &running;
    desk.register_key(admin, "desk").await.unwrap();
    let agents_address = desk.address_of(agent);
    desk.assign_role(admin, &agents_address, AssignableRole::SupportAgent).await.unwrap();
    desk.register_key(agent, "").await.unwrap();

    let created =
        desk.create_ticket(customer, &NewTicket::new("technical", "Cold", "No heat.")).await.unwrap();
    assert!(created.registered_key.is_some(), "the customer's key rides in the same transaction");
    let id = created.ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::note("His boiler is old.")).await.unwrap();
    let assigned = desk.assign(admin, id, &agents_address).await.unwrap();
    assert_eq!((assigned.granted, assigned.later.len(), assigned.outcome.tries), (2, 0, 1));
    let answer = desk.respond(agent, id, &NewResponse::new("Turn it on.")).await.unwrap();
    assert_eq!(answer.response_index, Some(1));
    desk.await_customer(agent, id).await.unwrap();
    desk.respond(customer, id, &NewResponse::new("It is warm.")).await.unwrap();
    desk.set_priority(agent, id, Priority::Low, "").await.unwrap();
    desk.resolve(agent, id, "switched on").await.unwrap();
    let refused = desk.resolve(agent, id, "again").await.unwrap_err();
    let outcome = refused.refusal().unwrap();
    assert_eq!((outcome.codespace.as_str(), outcome.code), ("support", 15));
    assert!(outcome.height > 0);
    desk.close(customer, id, "thanks").await.unwrap();

    let read = desk.read(agent, id).await.unwrap();
    let texts: Vec<_> = read.messages.iter().map(|message| message.text().unwrap_or("-")).collect();
    assert_eq!(texts, ["No heat.", "His boiler is old.", "Turn it on.", "It is warm."]);
    assert!(read.messages.iter().all(|message| message.warnings.is_empty()));
    assert_eq!(read.ticket.status, Status::Closed);
    let happened: Vec<&str> = read.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(happened.first().copied(), Some("virtengine.support.v1.EventTicketCreated"));
    assert_eq!(happened.last().copied(), Some("virtengine.support.v1.EventTicketClosed"));
    let of_customer = desk.read(customer, id).await.unwrap();
    assert_eq!(of_customer.messages[1].text(), None, "a note is not for the customer");

    let receipt = desk.receipt(id).await.unwrap();
    let trust = sealdesk_protocol::receipt::Trust::Pinned {
        validators_hash: desk.pin().validators_hash,
        chain_id: Some(desk.chain().chain_id.clone()),
    };
    assert_eq!(TicketReceipt::verify(&receipt, &trust).unwrap().responses.len(), 3);
    running.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn following_goes_on_after_the_last_event_and_the_inbox_shows_what_waits() {
    let (running, desk) = running().await;
    let Running { admin, customer, .. } = &running;
    desk.register_key(admin, "").await.unwrap();
    let mut follower = desk.follow(Following::default());
    // The first call connects, and what happens from then on is heard: something happens until it is.
    let heard = std::cell::Cell::new(false);
    let happening = async {
        let agent = desk.address_of(&running.agent);
        while !heard.get() {
            desk.assign_role(admin, &agent, AssignableRole::SupportAgent).await.unwrap();
            desk.revoke_role(admin, &agent, AssignableRole::SupportAgent).await.unwrap();
        }
        desk.create_ticket(customer, &NewTicket::new("billing", "Bill", "Too much.")).await.unwrap()
    };
    let hearing = async {
        let first = follower.next().await.unwrap();
        heard.set(true);
        first
    };
    let (mut last, created) = tokio::join!(hearing, happening);
    while last.txhash != Some(created.txhash.to_string()) {
        last = follower.next().await.unwrap();
    }
    let cursor = follower.cursor().to_vec();
    drop(follower);
    let id = created.ticket_id.unwrap();
    desk.respond(customer, id, &NewResponse::new("Far too much.")).await.unwrap();
    let mut again = desk.follow(Following { cursor, ..Following::default() });
    let mut heard = Vec::new();
    for _ in 0..2 {
        heard.push(again.next().await.unwrap().name);
    }
    let expected = ["virtengine.support.v1.EventTicketCreated", "virtengine.support.v1.EventTicketResponded"];
    assert_eq!(heard, expected);
    let inbox = desk.inbox(&desk.address_of(admin)).await.unwrap();
    assert_eq!((inbox.open.len(), inbox.own.len(), inbox.in_work.len()), (1, 0, 0));
    assert_eq!(desk.inbox(&desk.address_of(customer)).await.unwrap().own[0].id, id);
    running.node.stop().await.unwrap();
}
