//! For whom something is sealed on a contract: nobody on the node's word alone.

use std::collections::BTreeSet;

use prost::Message as _;
use sealdesk_client::actor::Actor;
use sealdesk_client::stacks::send::{Bounds, Sender};
use sealdesk_client::stacks::wire::transaction::{Payload, Transaction};
use sealdesk_client::stacks::wire::value::{Kind, Value};
use sealdesk_client::stacks::{Desk, Error, NewComment, NewTicket};
use sealdesk_protocol::ticket::Priority;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;

use super::world::{World, chain_id, people, principal};
use super::{Agreeing, first};

/// A world in which everybody has a signed key, and alice wrote a ticket.
fn world() -> World {
    let (admin, alice, mallory) = people();
    let mut world = World::default();
    for person in [&admin, &alice, &mallory] {
        world.register(person, person, &chain_id());
    }
    world.write(&alice, &alice, &[&admin, &alice]);
    world
}

async fn create(world: World) -> (Result<(), Error>, Desk<World>, Agreeing) {
    let (desk, mut agreeing, (_, alice, _)) = (world.desk(), Agreeing::default(), people());
    let mut sender = Sender { actor: &alice, bounds: Bounds::default(), approve: &mut agreeing };
    let ticket = NewTicket::new("other", Priority::Normal, "Subject", "Text.");
    let done = desk.create_ticket(&mut sender, &ticket).await.map(|_| ());
    (done, desk, agreeing)
}

/// An answer, or a note, of the administrator.
async fn answer(world: World, internal: bool) -> (BTreeSet<usize>, Vec<String>) {
    let (desk, mut agreeing, (admin, ..)) = (world.desk(), Agreeing::default(), people());
    let mut sender = Sender { actor: &admin, bounds: Bounds::default(), approve: &mut agreeing };
    desk.comment(&mut sender, &NewComment::new(first(), "Text.", internal)).await.unwrap();
    (readers(&desk), left_out(agreeing.notes))
}

/// Lines that say who reads nothing.
fn left_out(mut notes: Vec<String>) -> Vec<String> {
    notes.retain(|note| !note.starts_with("new reader"));
    notes
}

/// Who can open what was sent last: 0 for the administrator, 1 for alice, 2 for mallory.
fn readers(desk: &Desk<World>) -> BTreeSet<usize> {
    let sent = desk.node().http().sent.borrow();
    let transaction = Transaction::decode(sent.last().unwrap()).unwrap();
    let Payload::Call(call) = &transaction.terms().payload else { panic!("no call") };
    let envelopes = call.arguments.iter().filter_map(|argument| match argument.kind() {
        Kind::Buffer(bytes) => MultiRecipientEnvelope::decode(bytes.as_slice()).ok(),
        _ => None,
    });
    let entries: Vec<String> =
        envelopes.flat_map(|envelope| envelope.wrapped_keys).map(|entry| entry.recipient_id).collect();
    let (admin, alice, mallory) = people();
    let key = |actor: &Actor| actor.pair(0).unwrap().encryption.fingerprint().to_string();
    let all = [&admin, &alice, &mallory];
    assert!(entries.iter().all(|entry| all.iter().any(|actor| key(actor) == *entry)), "{entries:?}");
    (0..all.len()).filter(|place| entries.contains(&key(all[*place]))).collect()
}

#[tokio::test(start_paused = true)]
async fn an_administrator_counts_only_by_calls_that_lead_back_to_the_deployer() {
    let (admin, alice, mallory) = people();
    let mut appointed = world();
    appointed.appoint(&admin, &mallory, &admin);
    let (done, desk, agreeing) = create(appointed).await;
    done.unwrap();
    assert_eq!((readers(&desk), left_out(agreeing.notes)), (BTreeSet::from([0, 1, 2]), Vec::new()));
    // By the node's word alone, signed by themselves in the other's name, or by somebody who appoints nobody.
    let unsigned = |world: &mut World| {
        world.appoint(&admin, &mallory, &admin);
        let id = world.events.last().unwrap().0;
        world.transactions.remove(&id);
    };
    let in_their_name = |world: &mut World| world.appoint(&admin, &mallory, &mallory);
    let by_nobody = |world: &mut World| world.appoint(&alice, &mallory, &alice);
    let word_alone = |world: &mut World| world.administrators.push(principal(&mallory));
    for lie in [&unsigned as &dyn Fn(&mut World), &in_their_name, &by_nobody, &word_alone] {
        let mut world = world();
        lie(&mut world);
        let (done, desk, agreeing) = create(world).await;
        done.unwrap();
        assert_eq!(readers(&desk), BTreeSet::from([0, 1]));
        let notes = left_out(agreeing.notes).join("\n");
        let is_candidate = !notes.is_empty();
        assert!(
            !is_candidate || notes.contains("left out") && notes.contains(&principal(&mallory).to_string()),
            "{notes}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sealed_for_an_assignee_whom_no_administrator_named() {
    let (admin, _, mallory) = people();
    for internal in [false, true] {
        let others = if internal { BTreeSet::from([0]) } else { BTreeSet::from([0, 1]) };
        let mut assigned = world();
        assigned.assign(&admin, &mallory, &admin);
        let (found, notes) = answer(assigned, internal).await;
        assert_eq!((found, notes), (&others | &BTreeSet::from([2]), Vec::new()));
        let mut lie = world();
        lie.assign(&admin, &mallory, &mallory);
        let (found, notes) = answer(lie, internal).await;
        assert_eq!(found, others);
        assert!(notes.len() == 1 && notes[0].contains("assigned by the node's word"), "{notes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sealed_for_a_customer_whose_key_did_not_sign_the_ticket() {
    let (_, _, mallory) = people();
    let mut lie = world();
    lie.change_ticket("owner", Value::principal(principal(&mallory)));
    let (found, notes) = answer(lie, false).await;
    assert_eq!(found, BTreeSet::from([0]));
    assert!(notes.len() == 1 && notes[0].contains("the customer of TKT-00000001"), "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sealed_for_a_key_that_only_the_node_calls_somebodys() {
    let mut world = world();
    world.transactions.clear();
    let (done, desk, _) = create(world).await;
    assert!(matches!(done, Err(Error::NobodySigned)), "{done:?}");
    assert!(desk.node().http().sent.borrow().is_empty());
    let history = desk.history().await.unwrap();
    let refused = desk.person_with_key(&principal(&people().1), &history).await.unwrap_err();
    assert!(matches!(refused, Error::KeyNotSigned(_)), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sealed_by_a_chain_that_has_stopped_or_is_ahead() {
    for (age, is_refused) in [(0, false), (7_000, false), (7_400, true), (-200, false), (-400, true)] {
        let (done, desk, _) = create(World { age, ..world() }).await;
        assert_eq!(matches!(done, Err(Error::Age { .. })), is_refused, "{age}: {done:?}");
        assert_eq!(desk.node().http().sent.borrow().is_empty(), is_refused);
    }
}
