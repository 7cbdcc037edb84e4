//! What a node says became of a transaction, and what the ledger proves of it: success, refusal, votes, and other people's keys.

use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::messages::{NewResponse, NewTicket, ProposedValidator};
use sealdesk_client::outcome::Vote;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{Fingerprint, VerifyKey};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;

use crate::world::people::{copied_record, key_record};
use crate::world::{Fault, Lie, Shared, add_administrator, add_key, add_member, people, prefix, read, write};

fn ticket() -> NewTicket {
    NewTicket::new("technical", "It does not start", "Since this morning.")
}

fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

#[tokio::test(start_paused = true)]
async fn what_is_said_to_be_refused_and_was_done_is_told_as_done() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let customer = &people().customer;
    shared.lock().lie = Some(Lie::DeniedTx(3));
    let written = desk.create_ticket(customer, &ticket()).await.unwrap();
    let id = written.ticket_id.unwrap();
    assert!(written.proven && written.code == 0 && shared.lock().tickets() == 1);
    let answered = desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert_eq!((answered.response_index, answered.proven), (Some(0), true));
    // Of what leaves no digest behind, the lie is at least not believed.
    let agent = address(&people().agent);
    let assigned = desk.assign(&people().admin, id, &agent).await.unwrap();
    assert!(assigned.outcome.proven, "its grants are nobody else's");
    let third = address(&people().others[1]);
    let appointed = desk.assign_role(&people().admin, &third, AssignableRole::Administrator).await;
    let error = appointed.unwrap_err();
    let Error::Refused(refusal) = error else { panic!("{error}") };
    assert!((refusal.code, refusal.proven) == (3, false));
    assert!(desk.circle().await.unwrap().contains(&third));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_proven_once_its_sequence_has_passed_and_nothing_came_of_it() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, stranger) = (&people().customer, &people().others[3]);
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    // In a block: the ledger's own refusal.
    shared.lock().lie = Some(Lie::RefusedInBlock(2));
    let error = desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap_err();
    let Error::Refused(refusal) = error else { panic!("{error}") };
    assert!(refusal.proven && refusal.height > 0, "{refusal:?}");
    // What others can have undone since is not.
    let error = desk.close(&people().admin, id, "").await.unwrap_err();
    let Error::Refused(refusal) = error else { panic!("{error}") };
    assert!(!refusal.proven && refusal.height > 0, "{refusal:?}");
    // Before any block: who heard it can have it carried out later.
    shared.lock().lie = Some(Lie::RefusedEarly(3));
    let error = desk.create_ticket(stranger, &ticket()).await.unwrap_err();
    let Error::Refused(refusal) = error else { panic!("{error}") };
    assert!(!refusal.proven && refusal.height == 0, "{refusal:?}");
}

#[tokio::test(start_paused = true)]
async fn a_vote_for_a_validator_is_judged_by_the_proven_list_and_not_by_an_earlier_one() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let admin = &people().admin;
    let bytes = key_record(&people().others[2], 0).signing_key;
    let pub_key = VerifyKey::parse(&bytes).unwrap();
    let validator = |power| ledger::Validator { pub_key: bytes.clone(), power, moniker: "V".to_owned() };
    // Once V made no blocks. Now it does.
    let earlier = shared.lock().height();
    shared.lock().change(|state| {
        let other = ledger::Validator { pub_key: vec![8; 32], power: 1, moniker: "W".to_owned() };
        let without = ledger::ValidatorList { validators: vec![other] };
        write(state, &tree::validators_since(earlier), &without);
        write(state, tree::VALIDATORS, &ledger::ValidatorList { validators: vec![validator(10)] });
    });
    shared.lock().lie = Some(Lie::InventedVote(earlier));
    let removed = ProposedValidator { pub_key, power: 0, moniker: String::new() };
    let outcome = desk.propose_validator(admin, &removed).await.unwrap();
    assert_eq!((outcome.vote, outcome.proven), (Some(Vote::Open { tally: None }), false));
    // What the list shows is proven, whatever the node calls it.
    let kept = ProposedValidator { pub_key, power: 10, moniker: String::new() };
    let outcome = desk.propose_validator(admin, &kept).await.unwrap();
    assert_eq!((outcome.vote, outcome.proven), (Some(Vote::Decided), true));
}

#[tokio::test(start_paused = true)]
async fn a_strangers_revoked_copy_does_not_prove_that_an_agents_key_is_revoked() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (admin, agent, stranger) = (&people().admin, &people().agent, &people().others[3]);
    let key = Fingerprint::parse(&key_record(agent, 0).key_fingerprint).unwrap();
    let revoked = |mut record: sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord| {
        record.revoked_at = 5;
        record
    };
    let copy = revoked(copied_record(stranger, agent, 0));
    shared.lock().change(|state| add_key(state, &address(stranger), copy.clone()));
    // The fake ledger carries a revocation out without an effect: the agent's key stays in use.
    shared.lock().owners = vec![address(stranger)];
    assert!(!desk.revoke_key(admin, &key).await.unwrap().proven);
    // Nor where the stranger is an agent, too, as long as somebody who works here uses the key.
    shared.lock().change(|state| add_member(state, &address(stranger), AssignableRole::SupportAgent));
    shared.lock().owners = vec![address(stranger), address(agent)];
    assert!(!desk.revoke_key(admin, &key).await.unwrap().proven);
    shared.lock().change(|state| {
        let keys = tree::keys(&address(agent));
        let mut list: ledger::KeyList = read(state, &keys);
        list.keys[0].revoked_at = 5;
        write(state, &keys, &list);
    });
    assert!(desk.revoke_key(admin, &key).await.unwrap().proven);
}

#[tokio::test(start_paused = true)]
async fn a_vote_that_has_ended_is_asked_of_nobody_and_stands_in_nobodys_way() {
    let shared = Shared::new();
    let (second, third) = (&people().others[0], address(&people().others[1]));
    shared.lock().change(|state| {
        add_administrator(state, &address(second));
        add_key(state, &address(second), key_record(second, 0));
    });
    let desk = shared.desk().await;
    desk.assign_role(&people().admin, &third, AssignableRole::Administrator).await.unwrap();
    assert_eq!(desk.inbox(&address(second)).await.unwrap().votes.len(), 1);
    shared.pass(60 * 86_400 + 3_600);
    shared.lock().behind = -(60 * 86_400 + 3_600);
    shared.lock().change(|_| {});
    assert!(desk.inbox(&address(second)).await.unwrap().votes.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_error_while_proving_leaves_an_outcome_as_the_node_called_it() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let customer = &people().customer;
    shared.lock().script.push_back(Fault::EndOfProofs);
    let written = desk.create_ticket(customer, &ticket()).await.unwrap();
    // That its sequence has passed was proven, and nothing of what it made.
    assert_eq!(shared.lock().proofs_left, Some(0));
    assert!(!written.proven && written.code == 0 && written.height > 0, "{written:?}");
    assert_eq!(written.ticket_id.map(|id| id.number()), Some(1), "as the node called it");
    assert!(written.registered_key.is_some(), "{written:?}");
    shared.lock().proofs_left = None;
    assert_eq!(shared.lock().tickets(), 1);
    shared.lock().script.push_back(Fault::EndOfProofs);
    let id = written.ticket_id.unwrap();
    let answered = desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert_eq!((answered.response_index, answered.proven), (Some(0), false));
}
