//! Who is at a ticket: shown by people's own signatures, and by nothing that a node says of them.

use sealdesk_client::actor::Actor;
use sealdesk_client::compose::sign_text;
use sealdesk_client::presence::{Doing, Present};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::node_request::{NodeRequest as _, SignedRequest};
use sealdesk_protocol::presence::{Other, Others, PRESENT_MAX, PresenceFrame};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberRecord;

use crate::adversary::address;
use crate::queue::{appoint, lies};
use crate::world::{FakeNode, NOW, Shared, people, read, write};

type Desk = sealdesk_client::desk::Desk<FakeNode>;

fn ticket(number: u64) -> TicketId {
    TicketId::new(number).unwrap()
}

/// What somebody says who does this at the first ticket.
async fn said(desk: &Desk, who: &Actor, doing: Doing) -> Other {
    Other { doing, authorization: desk.sign_presence(who, ticket(1), doing).await.unwrap() }
}

/// Whom the administrator sees at the first ticket, of those that the node names.
async fn seen(desk: &Desk, others: &[Other]) -> Vec<Present> {
    desk.present(&people().admin, ticket(1), &Others { others: others.to_vec() }).await.unwrap()
}

#[tokio::test]
async fn a_node_that_lies_about_who_is_at_a_ticket_shows_nobody() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (me, agent, customer) = (&people().admin, &people().agent, &people().customer);
    shared.lock().change(|state| appoint(state, me, agent));
    let honest = said(&desk, agent, Doing::Writing).await;
    let there = [Present { address: address(agent).to_string(), doing: Doing::Writing }];
    assert_eq!(seen(&desk, &[honest.clone(), honest.clone()]).await, there, "each person is there once");

    let elsewhere = desk.sign_presence(agent, ticket(2), Doing::Writing).await.unwrap();
    let other_ledger = {
        let (ledger, identity) = (ChainId::parse("another-desk").unwrap(), desk.pin().ledger.identity);
        let frame =
            PresenceFrame { ledger: &ledger, identity: &identity, ticket: ticket(1), doing: Doing::Writing };
        let account = address(agent);
        let signature = sign_text(agent.account().unwrap(), &account, &frame.text(&account, NOW)).unwrap();
        let public_key = agent.account().unwrap().public_key();
        SignedRequest { account, made: NOW, public_key, signature }.to_header::<PresenceFrame<'_>>()
    };
    let of_another = honest.authorization.replace(address(agent).as_str(), address(me).as_str());
    let lies = [
        said(&desk, me, Doing::Looking).await,
        said(&desk, customer, Doing::Looking).await,
        Other { authorization: elsewhere, ..honest.clone() },
        Other { authorization: other_ledger, ..honest.clone() },
        Other { authorization: of_another, ..honest.clone() },
        Other { doing: Doing::Looking, ..honest.clone() },
        Other { authorization: honest.authorization.replace("Presence", "Push"), ..honest.clone() },
        Other { authorization: String::new(), ..honest.clone() },
    ];
    for lie in &lies {
        assert_eq!(seen(&desk, std::slice::from_ref(lie)).await, [], "{lie:?}");
    }
    // What is true among lies is shown; what stands behind more than may be there is not looked at.
    assert_eq!(seen(&desk, &[lies.to_vec(), vec![honest.clone()]].concat()).await, there);
    let mut many = vec![lies[1].clone(); PRESENT_MAX];
    many.push(honest.clone());
    assert_eq!(seen(&desk, &many).await, []);

    // A former agent's, a suspended one's, and those of whom the ledger says that they are staff and nobody in the circle.
    let key = tree::member(&address(agent));
    let member: MemberRecord = read(shared.lock().state(), &key);
    for changed in [
        MemberRecord { state: AccountState::Suspended.to_wire(), ..member.clone() },
        MemberRecord { role: 0, ..member.clone() },
        MemberRecord { appointment: None, ..member.clone() },
        MemberRecord { appointment: None, role: AssignableRole::Administrator.to_wire(), ..member },
    ] {
        shared.lock().change(|state| write(state, &key, &changed));
        // Also to a home that never heard of them.
        for desk in [&desk, &shared.desk().await] {
            assert_eq!(seen(desk, std::slice::from_ref(&honest)).await, [], "{changed:?}");
        }
    }
}

#[tokio::test]
async fn who_seems_to_be_staff_is_shown_at_no_ticket() {
    let thief = &people().others[3];
    // What is said at a ticket is signed by the account, whose appointment is real there: no key is sealed for.
    for (what, lie) in lies().into_iter().filter(|(what, _)| *what != "by a key that somebody else owns") {
        let shared = Shared::new();
        lie(&shared, thief);
        let desk = shared.desk().await;
        let said = said(&desk, thief, Doing::Writing).await;
        assert_eq!(seen(&desk, &[said]).await, [], "{what}");
    }
}

#[tokio::test]
async fn what_was_said_long_ago_or_is_of_a_time_to_come_shows_nobody() {
    let shared = Shared::new();
    shared.lock().change(|state| appoint(state, &people().admin, &people().agent));
    let desk = shared.desk().await;
    let honest = said(&desk, &people().agent, Doing::Looking).await;
    for (seconds, shown) in [(-61, 0), (-60, 1), (0, 1), (80, 1), (81, 0)] {
        shared.pass(seconds);
        assert_eq!(seen(&desk, std::slice::from_ref(&honest)).await.len(), shown, "{seconds}");
        shared.pass(-seconds);
    }
}

#[tokio::test]
async fn administrators_whom_votes_made_are_shown_and_oneself_is_not() {
    let shared = Shared::new();
    let second = &people().others[0];
    shared.lock().change(|state| crate::world::add_administrator(state, &address(second)));
    let desk = shared.desk().await;
    let both =
        [said(&desk, second, Doing::Looking).await, said(&desk, &people().admin, Doing::Looking).await];
    let there = [Present { address: address(second).to_string(), doing: Doing::Looking }];
    assert_eq!(seen(&desk, &both).await, there);
}
