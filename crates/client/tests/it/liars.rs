//! Every lie of the liar, with and without the validator's key, told to every call of a desk: nothing that leaves a client is sealed for the
//! thief, and what a client calls proven has happened.

use std::collections::BTreeSet;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::outcome::Outcome;
use sealdesk_client::trust::Trust;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::encryption::v1::WrappedKeyEntry;
use sealdesk_protocol::wire::virtengine::support::v1::AccessGrant;
use sealdesk_testkit::liar::{Liar, Lie, Plot};

use crate::histories::fingerprints_of;
use crate::world::people::{chain, copied_record, key_record, vote};
use crate::world::{FakeNode, Shared, add_administrator, add_key, chain_id, people, prefix};

fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

fn thief() -> &'static Actor {
    &people().others[3]
}

fn second() -> &'static Actor {
    &people().others[0]
}

fn plot() -> Plot {
    let numbered = |mut record: sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord,
                    version| {
        record.key_version = version;
        record
    };
    let key = numbered(key_record(thief(), 0), 1);
    let entry = WrappedKeyEntry {
        recipient_id: key.key_fingerprint.clone(),
        wrapped_key: vec![1; 48],
        algorithm: sealdesk_protocol::envelope::ALGORITHM_ID.to_owned(),
        ephemeral_pub_key: vec![9; 32],
    };
    let grant = AccessGrant {
        entry: Some(entry),
        granter: address(&people().admin).to_string(),
        grant_signature: vec![1; 64],
        granter_key_version: 1,
        ..AccessGrant::default()
    };
    Plot {
        administrators: vec![address(&people().admin), address(second())],
        customer: address(&people().customer),
        agent: address(&people().agent),
        thief: address(thief()),
        copy: numbered(copied_record(thief(), &people().agent, 0), 2),
        key,
        grant,
        vote: Arc::new(|circle, change| vote(thief(), circle, change)),
        prefix: prefix(),
        validator: SigningKey::from_bytes(&[7; 32]),
        identity: chain().identity(),
        chain_id: chain_id(),
    }
}

/// What a desk is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Create,
    Respond,
    Answer,
    Note,
    Assign,
    Grant,
    GrantAll,
    Appoint,
    Read,
    Receipt,
}

const CALLS: [Call; 10] = [
    Call::Create,
    Call::Respond,
    Call::Answer,
    Call::Note,
    Call::Assign,
    Call::Grant,
    Call::GrantAll,
    Call::Appoint,
    Call::Read,
    Call::Receipt,
];

/// What came of it.
enum Came {
    /// Transactions, and whether each is said to be proven.
    Sent(Vec<Outcome>),
    /// How many messages there are said to be.
    Shown(usize),
    Refused(Error),
}

async fn call(desk: &Desk<FakeNode>, id: TicketId, call: Call) -> Came {
    let people = people();
    let (admin, customer, agent) = (&people.admin, &people.customer, &people.agent);
    let sent = match call {
        Call::Create => desk
            .create_ticket(customer, &NewTicket::new("technical", "Cold", "No heat."))
            .await
            .map(|it| vec![it]),
        Call::Respond => desk.respond(customer, id, &NewResponse::new("Still.")).await.map(|it| vec![it]),
        Call::Answer => desk.respond(agent, id, &NewResponse::new("Turn it on.")).await.map(|it| vec![it]),
        Call::Note => desk.respond(admin, id, &NewResponse::note("Old boiler.")).await.map(|it| vec![it]),
        Call::Assign => desk.assign(admin, id, &address(agent)).await.map(|it| vec![it.outcome]),
        Call::Grant => desk.grant_access(admin, id, &address(second())).await.map(|it| it.outcomes),
        Call::GrantAll => {
            let all = desk.grant_all(admin, &address(second()), None, &mut |_| {}).await;
            all.map(|report| report.last.into_iter().collect())
        }
        Call::Appoint => {
            desk.assign_role(admin, &address(agent), AssignableRole::Administrator).await.map(|it| vec![it])
        }
        Call::Read => match desk.read(customer, id).await {
            Ok(read) => return Came::Shown(read.messages.len()),
            Err(error) => Err(error),
        },
        Call::Receipt => match desk.receipt(id).await {
            Ok(_) => return Came::Shown(0),
            Err(error) => Err(error),
        },
    };
    sent.map_or_else(Came::Refused, Came::Sent)
}

/// A ledger with a ticket, two answers, an agent who has it, and an administrator who joined later; the liar has heard all of it.
async fn world() -> (Shared, TicketId) {
    let shared = Shared::new();
    shared.lock().liar = Some(Liar::new(plot()));
    let desk = shared.desk().await;
    let people = people();
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(&people.customer, &ticket).await.unwrap().ticket_id.unwrap();
    desk.assign(&people.admin, id, &address(&people.agent)).await.unwrap();
    desk.respond(&people.agent, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    desk.respond(&people.customer, id, &NewResponse::new("It is.")).await.unwrap();
    shared.lock().change(|state| {
        add_administrator(state, &address(second()));
        add_key(state, &address(second()), key_record(second(), 0));
    });
    // Somebody who looked at it last now.
    desk.circle().await.unwrap();
    (shared, id)
}

/// Lies after which nothing may be sealed or granted at all.
const STOPS: [Lie; 6] = [
    Lie::OtherGenesis,
    Lie::OldHeader,
    Lie::HeaderAhead,
    Lie::AnotherAdministrator,
    Lie::ChangeByTheThief,
    Lie::ChangeByNobody,
];

async fn tell((shared, id): (Shared, TicketId), lie: Lie, asked: Call, fresh: bool) {
    // A home that has seen the newest state, or none.
    let desk = shared.desk().await;
    let desk = if fresh {
        let named = Trust::Named(vec![chain().identity()]);
        shared.lock().liar.as_mut().unwrap().lie = lie;
        match shared.open(named).await {
            Ok(desk) => desk,
            Err(error) => {
                assert!(matches!(error, Error::Verify(_)), "{lie:?}: {error}");
                return;
            }
        }
    } else {
        shared.lock().liar.as_mut().unwrap().lie = lie;
        desk
    };
    let before = shared.lock().liar.as_ref().unwrap().sent.len();
    let came = call(&desk, id, asked).await;
    let world = shared.lock();
    let sent = world.liar.as_ref().unwrap().sent[before..].to_vec();
    let honest = [&people().admin, second(), &people().customer, &people().agent];
    let allowed: BTreeSet<String> = honest.iter().map(|actor| key_record(actor, 0).key_fingerprint).collect();
    let named = fingerprints_of(&sent);
    assert!(named.is_subset(&allowed), "{lie:?} {asked:?}: something was sealed for another");
    if STOPS.contains(&lie) && asked != Call::Receipt && asked != Call::Read {
        assert!(
            named.is_empty() && matches!(came, Came::Refused(_)),
            "{lie:?} {asked:?}: something was sealed"
        );
    }
    let happened = |hash: &TxHash| world.txs.get(hash).is_some_and(|response| response.code == 0);
    match came {
        Came::Sent(outcomes) => {
            for outcome in outcomes {
                let is_done = happened(&outcome.txhash);
                // Who has the ticket already has it, whatever came of giving it to them again.
                let is_done = is_done || (lie == Lie::PassedSequence && asked == Call::Assign);
                assert!(is_done || !outcome.proven, "{lie:?} {asked:?}: it is called proven");
                // What a proven one is called is proven, too.
                let number = outcome.ticket_id.map_or(0, TicketId::number);
                assert!(!outcome.proven || number <= world.tickets(), "{lie:?} {asked:?}: {number}");
                let index = outcome.response_index.unwrap_or(0);
                assert!(!outcome.proven || index < 4, "{lie:?} {asked:?}: answer {index}");
                let decided = asked == Call::Appoint && outcome.proven && !outcome.is_open_vote();
                assert!(!decided, "{lie:?}: one vote of two is called enough");
                assert!(outcome.proven || lie != Lie::Nothing, "{asked:?}: it is not proven");
            }
        }
        Came::Shown(count) if asked == Call::Read => {
            assert_eq!(count, 3, "{lie:?}: fewer are shown than there are");
        }
        Came::Shown(_) => {}
        Came::Refused(error) => {
            // Whether a ticket was given again to who has it is something that no record shows.
            let done = asked != Call::Assign
                && asked != Call::Appoint
                && sent.iter().map(|tx| TxHash::of(tx)).any(|hash| happened(&hash));
            assert!(!done, "{lie:?} {asked:?}: it happened, and is called refused: {error}");
            assert!(lie != Lie::Nothing, "{asked:?}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_lie_makes_the_thief_a_reader_and_none_about_an_outcome_is_believed() {
    let (shared, id) = world().await;
    for lie in Lie::ALL {
        for asked in CALLS {
            for fresh in [false, true] {
                let world = Shared::of(shared.lock().clone());
                tell((world, id), lie, asked, fresh).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_of_a_member_who_knew_more_shows_that_something_is_hidden() {
    let (shared, id) = world().await;
    let before = crate::world::circle(shared.lock().state());
    let joined = &people().others[1];
    shared.lock().change(|state| {
        add_administrator(state, &address(joined));
        add_key(state, &address(joined), key_record(joined, 0));
    });
    let desk = shared.desk().await;
    desk.respond(&people().admin, id, &NewResponse::new("Who is this?")).await.unwrap();
    // The validators hide the last change from whoever has not seen it.
    shared.lock().change(|state| crate::world::put_circle(state, &before));
    let read = shared.desk().await.read(&people().customer, id).await.unwrap();
    let warned = |message: &sealdesk_client::view::Message| {
        message.warnings.iter().any(|warning| warning.to_string().contains("something is hidden"))
    };
    let warnings: Vec<bool> = read.messages.iter().map(warned).collect();
    assert_eq!(warnings, [false, false, false, true]);
}
