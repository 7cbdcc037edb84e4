//! Who becomes a reader by working on a ticket, and by the open queue, against validators and nodes who lie about it.

use std::collections::BTreeSet;

use sealdesk_client::actor::Actor;
use sealdesk_client::compose::sign_text;
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewAssignees, NewResponse};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::appointment::Appointee;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::{AssignableRole, Message};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::tx::Tx;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::adversary::{address, key_of, readers, ticket, with_second};
use crate::world::people::{chain, copied_record, key_record};
use crate::world::{
    FakeNode, NOW, Records, Shared, add_key, add_member, chain_id, change_circle, circle, people, prefix,
    read, write,
};

/// Somebody is an agent by the signature of `by`, for the administrators as they are.
pub(crate) fn appoint(state: &mut Records, by: &Actor, agent: &Actor) {
    appoint_at(state, by, agent, NOW);
}

fn appoint_at(state: &mut Records, by: &Actor, agent: &Actor, made: i64) {
    appoint_as(state, AssignableRole::SupportAgent, by, agent, made);
}

fn appoint_as(state: &mut Records, role: AssignableRole, by: &Actor, agent: &Actor, made: i64) {
    let (circle, agent) = (circle(state), address(agent));
    let text = Appointee { role, account: &agent };
    let text = text.text(&chain_id(), &circle.fingerprint(&chain().identity()), made);
    let appointment = ledger::Appointment {
        made,
        position: circle.position(),
        account_pub_key: by.account().unwrap().public_key().to_vec(),
        account_signature: sign_text(by.account().unwrap(), &address(by), &text).unwrap().to_vec(),
        appointed_on: Vec::new(),
    };
    let record = ledger::MemberRecord {
        role: role.to_wire(),
        state: AccountState::Active.to_wire(),
        assigned_by: address(by).to_string(),
        assigned_at: NOW,
        appointment: Some(appointment),
        ..Default::default()
    };
    write(state, &tree::member(&agent), &record);
    keep_change(state, &circle);
}

/// The change that led to a circle, of which only the circle matters here.
fn keep_change(state: &mut Records, circle: &Circle) {
    let key = tree::circle_change(circle.position());
    if !state.contains_key(&key) {
        let record = ledger::CircleChange {
            position: circle.position(),
            circle: circle.encode(),
            ..Default::default()
        };
        write(state, &key, &record);
    }
}

/// The queue is open, whoever says so.
fn open(shared: &Shared, agents: &[&Actor]) {
    let mut world = shared.lock();
    world.agents = agents.iter().map(|agent| address(agent)).collect();
    world.change(|state| {
        write(state, tree::PARAMS, &Params { open_queue: true, ..Params::default() }.to_wire());
    });
}

fn to<'a>(agent: &'a Address, collaborators: &'a [Address]) -> NewAssignees<'a> {
    NewAssignees { agent, collaborators }
}

fn names(actors: &[&Actor]) -> BTreeSet<String> {
    actors.iter().map(|actor| key_of(actor, 0)).collect()
}

async fn created(desk: &Desk<FakeNode>) -> TicketId {
    desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap()
}

/// A desk with an appointed agent, `others[4]`, who has a key.
fn with_agent(shared: &Shared) -> &'static Actor {
    let (admin, agent) = (&people().admin, &people().others[4]);
    shared.lock().change(|state| {
        appoint(state, admin, agent);
        add_key(state, &address(agent), key_record(agent, 0));
    });
    agent
}

#[tokio::test(start_paused = true)]
async fn an_open_queue_is_sealed_for_agents_whom_a_member_appointed() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = Shared::new();
    let (agent, desk) = (with_agent(&shared), shared.desk().await);
    open(&shared, &[agent]);
    let id = created(&desk).await;
    assert_eq!(readers(&shared, id, 0), names(&[admin, customer, agent]));
    desk.respond(admin, id, &NewResponse::note("A note.")).await.unwrap();
    assert_eq!(readers(&shared, id, 1), names(&[admin, agent]));
    // Once they have it, by their appointment alone.
    desk.take(agent, id).await.unwrap();
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert_eq!(readers(&shared, id, 2), names(&[admin, customer, agent]));
    assert!(desk.memory().take_ended_grants().is_empty(), "nothing has to be granted");
}

/// What validators write of somebody.
pub(crate) type Lie = fn(&Shared, &Actor);

/// What may not make anybody a reader of the queue, each as validators could write it.
pub(crate) fn lies() -> Vec<(&'static str, Lie)> {
    vec![
        ("by the ledger's word", |shared, thief| {
            shared.lock().change(|state| add_member(state, &address(thief), AssignableRole::SupportAgent));
        }),
        ("signed by nobody in the circle", |shared, thief| {
            shared.lock().change(|state| appoint(state, &people().others[5], thief));
        }),
        ("signed by themselves in a member's name", |shared, thief| {
            shared.lock().change(|state| {
                appoint(state, thief, thief);
                let mut record: ledger::MemberRecord = read(state, &tree::member(&address(thief)));
                record.assigned_by = address(&people().admin).to_string();
                write(state, &tree::member(&address(thief)), &record);
            });
        }),
        ("another's appointment", |shared, thief| {
            shared.lock().change(|state| {
                appoint(state, &people().admin, &people().agent);
                let record: ledger::MemberRecord = read(state, &tree::member(&address(&people().agent)));
                write(state, &tree::member(&address(thief)), &record);
            });
        }),
        ("an appointment of a member who left", |shared, thief| {
            let second = with_second(shared);
            shared.lock().change(|state| {
                appoint(state, second, thief);
                change_circle(state, &[&people().admin, second], &Change::Remove(address(second)));
            });
        }),
        ("an appointment of a member who left and joined again since", |shared, thief| {
            let (second, admin) = (with_second(shared), &people().admin);
            shared.lock().change(|state| {
                appoint(state, second, thief);
                change_circle(state, &[admin, second], &Change::Remove(address(second)));
                change_circle(state, &[admin], &Change::Add(address(second)));
            });
        }),
        ("suspended", |shared, thief| {
            shared.lock().change(|state| {
                appoint(state, &people().admin, thief);
                let mut record: ledger::MemberRecord = read(state, &tree::member(&address(thief)));
                record.state = AccountState::Suspended.to_wire();
                write(state, &tree::member(&address(thief)), &record);
            });
        }),
        ("appointed as a gateway", |shared, thief| {
            shared.lock().change(|state| {
                appoint(state, &people().admin, thief);
                let mut record: ledger::MemberRecord = read(state, &tree::member(&address(thief)));
                record.role = AssignableRole::Gateway.to_wire();
                write(state, &tree::member(&address(thief)), &record);
            });
        }),
        ("a gateway by a member's signature", |shared, thief| {
            let admin = &people().admin;
            shared.lock().change(|state| appoint_as(state, AssignableRole::Gateway, admin, thief, NOW));
        }),
        ("by a key that somebody else owns", |shared, thief| {
            shared.lock().change(|state| {
                appoint(state, &people().admin, thief);
                let mut record = key_record(thief, 0);
                record.account_signature = key_record(&people().others[5], 0).account_signature;
                state.remove(&tree::keys(&address(thief)));
                add_key(state, &address(thief), record);
            });
        }),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_appointment_is_held_against_the_administrators_whom_it_named() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = Shared::new();
    let (agent, desk) = (with_agent(&shared), shared.desk().await);
    open(&shared, &[agent]);
    // Others join later, and what was signed before counts still.
    let second = with_second(&shared);
    let id = created(&desk).await;
    assert_eq!(readers(&shared, id, 0), names(&[admin, second, customer, agent]));
    // Signed for other administrators than there were at the position that the record names.
    shared.lock().change(|state| {
        appoint_at(state, admin, agent, NOW + 5);
        let mut record: ledger::MemberRecord = read(state, &tree::member(&address(agent)));
        record.appointment.as_mut().unwrap().position -= 1;
        write(state, &tree::member(&address(agent)), &record);
    });
    let _ = desk.create_ticket(customer, &ticket()).await;
    let sent = shared.lock().sent.last().unwrap().clone();
    assert!(!holds(&sent, key_of(agent, 0).as_bytes()));
}

#[tokio::test(start_paused = true)]
async fn nobody_becomes_a_reader_because_the_ledger_calls_them_an_agent_of_the_queue() {
    let (customer, thief) = (&people().customer, &people().others[4]);
    for (what, lie) in lies() {
        let shared = Shared::new();
        let desk = shared.desk().await;
        shared.lock().change(|state| add_key(state, &address(thief), key_record(thief, 0)));
        lie(&shared, thief);
        open(&shared, &[thief]);
        let before = shared.lock().envelopes.len();
        // The ledger that lies asks for them, and the client refuses rather than seal for them.
        let _ = desk.create_ticket(customer, &ticket()).await;
        for (place, envelope) in shared.lock().envelopes.iter().skip(before) {
            let named: Vec<&String> = envelope.wrapped_keys.iter().map(|entry| &entry.recipient_id).collect();
            assert!(!named.contains(&&key_of(thief, 0)), "{what}: {place:?}");
        }
        let sent = shared.lock().sent.clone();
        let key = key_of(thief, 0);
        assert!(!sent.iter().any(|tx| holds(tx, key.as_bytes())), "{what}: what left the client names them");
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The ledger says who works on a ticket.
fn say(shared: &Shared, id: TicketId, assignee: &Address, with: &[Address]) {
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(id));
        let ticket = head.ticket.as_mut().unwrap();
        ticket.assigned_to = assignee.to_string();
        ticket.collaborators = with.iter().map(Address::to_string).collect();
        write(state, &tree::ticket(id), &head);
    });
}

#[tokio::test(start_paused = true)]
async fn nobody_becomes_a_reader_because_the_ledger_calls_them_a_collaborator() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let thief = &people().others[4];
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = created(&desk).await;
    shared.lock().change(|state| {
        add_member(state, &address(thief), AssignableRole::SupportAgent);
        add_key(state, &address(thief), key_record(thief, 0));
    });
    desk.assign(admin, id, &address(agent)).await.unwrap();
    say(&shared, id, &address(agent), &[address(thief)]);
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert_eq!(readers(&shared, id, 1), names(&[admin, customer, agent]));
    desk.respond(admin, id, &NewResponse::note("A note.")).await.unwrap();
    assert_eq!(readers(&shared, id, 2), names(&[admin, agent]));
    let ended = desk.memory().take_ended_grants();
    assert_eq!(ended.len(), 1, "an administrator is told who is not let in: {ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_note_is_not_for_a_customer_whom_the_validators_call_collaborator() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let friend = &people().others[3];
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = created(&desk).await;
    desk.assign(admin, id, &address(agent)).await.unwrap();
    shared.lock().change(|state| {
        add_key(state, &address(customer), key_record(customer, 1));
        add_key(state, &address(friend), copied_record(friend, customer, 1));
        add_member(state, &address(friend), AssignableRole::SupportAgent);
    });
    desk.grant_access(admin, id, &address(customer)).await.unwrap();
    say(&shared, id, &address(agent), &[address(friend)]);
    let before = shared.lock().txs.len();
    let error = desk.respond(admin, id, &NewResponse::note("They never pay.")).await.unwrap_err();
    assert!(error.to_string().contains("no note is sealed"), "{error}");
    assert_eq!(shared.lock().txs.len(), before, "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn assigning_lets_collaborators_in_and_leaves_them_out_again() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let helper = &people().others[4];
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().change(|state| {
        add_member(state, &address(helper), AssignableRole::SupportAgent);
        add_key(state, &address(helper), key_record(helper, 0));
    });
    let id = created(&desk).await;
    desk.respond(admin, id, &NewResponse::new("Since when?")).await.unwrap();
    let with = [address(helper)];
    let done = desk.assign_telling(admin, id, to(&address(agent), &with), &mut |_| {}).await.unwrap();
    assert_eq!((done.granted, done.later.len(), done.keyless.len()), (4, 0, 0), "in one transaction");
    let read = desk.read(helper, id).await.unwrap();
    assert!(read.messages.iter().all(|message| message.text().is_some()));
    desk.respond(customer, id, &NewResponse::new("Since today.")).await.unwrap();
    assert_eq!(readers(&shared, id, 2), names(&[admin, customer, agent, helper]));
    // Whoever is not named again reads nothing more; nothing is granted twice to the one who stays.
    let done = desk.assign_telling(admin, id, to(&address(agent), &[]), &mut |_| {}).await.unwrap();
    assert_eq!(done.granted, 0, "the agent can read all of it");
    desk.respond(customer, id, &NewResponse::new("And now?")).await.unwrap();
    assert_eq!(readers(&shared, id, 3), names(&[admin, customer, agent]));
}

#[tokio::test(start_paused = true)]
async fn a_collaborator_whose_role_is_gone_reads_nothing_more() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().agent);
    let helper = &people().others[4];
    let shared = Shared::new();
    let desk = shared.desk().await;
    shared.lock().change(|state| {
        add_member(state, &address(helper), AssignableRole::SupportAgent);
        add_key(state, &address(helper), key_record(helper, 0));
    });
    let id = created(&desk).await;
    let with = [address(helper)];
    desk.assign_telling(admin, id, to(&address(agent), &with), &mut |_| {}).await.unwrap();
    shared.lock().change(|state| {
        state.remove(&tree::member(&address(helper)));
    });
    // This ledger asks for them still, as a ledger that lies would: then nothing is written.
    let sent = desk.respond(customer, id, &NewResponse::new("Still.")).await;
    assert!(sent.is_err());
    let before = shared.lock().sent.len();
    assert!(before > 0);
    let key = key_of(helper, 0);
    assert!(!holds(shared.lock().sent.last().unwrap(), key.as_bytes()));
}

/// What the ledger says of somebody; `None` = nothing, as of a customer.
fn set_member(shared: &Shared, who: &Actor, record: Option<&ledger::MemberRecord>) {
    let key = tree::member(&address(who));
    shared.lock().change(|state| match record {
        Some(record) => write(state, &key, record),
        None => {
            state.remove(&key);
        }
    });
}

/// The role is gone on an honest ledger, which lists the agent no more. What their record was.
fn dismiss(shared: &Shared, agent: &Actor) -> ledger::MemberRecord {
    let before = read(shared.lock().state(), &tree::member(&address(agent)));
    shared.lock().agents.clear();
    set_member(shared, agent, None);
    before
}

async fn refuses_to_seal_for(desk: &Desk<FakeNode>, shared: &Shared, agent: &Actor, id: TicketId) {
    let before = shared.lock().sent.len();
    let created = desk.create_ticket(&people().customer, &ticket()).await.err().unwrap();
    let answered = desk.respond(&people().admin, id, &NewResponse::new("Still?")).await.err().unwrap();
    for error in [created, answered] {
        assert!(error.to_string().contains("by an appointment that ended"), "{error}");
    }
    let key = key_of(agent, 0);
    let sent = shared.lock().sent.split_off(before);
    assert!(!sent.iter().any(|tx| holds(tx, key.as_bytes())), "what left the client names them");
}

#[tokio::test(start_paused = true)]
async fn a_former_agent_whom_this_home_saw_go_is_not_brought_back() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = Shared::new();
    let (agent, desk) = (with_agent(&shared), shared.desk().await);
    open(&shared, &[agent]);
    let id = created(&desk).await;
    assert_eq!(readers(&shared, id, 0), names(&[admin, customer, agent]));
    let was = dismiss(&shared, agent);
    // The node lists them no more, and this home asks for them all the same.
    let id = created(&desk).await;
    assert_eq!(readers(&shared, id, 0), names(&[admin, customer]));
    assert!(desk.remembered().agent(&address(agent)).unwrap().is_gone());
    // The validators show the old record, whose signature is good: by the queue, and as whoever has the ticket.
    set_member(&shared, agent, Some(&was));
    open(&shared, &[agent]);
    refuses_to_seal_for(&desk, &shared, agent, id).await;
    say(&shared, id, &address(agent), &[]);
    refuses_to_seal_for(&desk, &shared, agent, id).await;
    // Another command of the same home knows it too.
    let later = shared.desk().await.with_remembered(desk.remembered());
    refuses_to_seal_for(&later, &shared, agent, id).await;
    // Whom a member appoints anew is one again.
    shared.lock().change(|state| appoint_at(state, admin, agent, NOW + 5));
    desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    assert_eq!(readers(&shared, id, 1), names(&[admin, customer, agent]));
    let gone = desk.remembered().agent(&address(agent)).unwrap().is_gone();
    assert!(!gone);
    // And then the appointment before that one is over for ever.
    set_member(&shared, agent, Some(&was));
    refuses_to_seal_for(&desk, &shared, agent, id).await;
}

#[tokio::test(start_paused = true)]
async fn a_home_looks_each_day_whether_its_agents_are_agents_still() {
    let (admin, customer) = (&people().admin, &people().customer);
    let shared = Shared::new();
    let (agent, desk) = (with_agent(&shared), shared.desk().await);
    open(&shared, &[agent]);
    let id = created(&desk).await;
    let was = dismiss(&shared, agent);
    // The queue is closed: nothing that is sealed by then asks who is an agent.
    shared.lock().change(|state| write(state, tree::PARAMS, &Params::default().to_wire()));
    desk.respond(customer, id, &NewResponse::new("Today.")).await.unwrap();
    assert!(!desk.remembered().agent(&address(agent)).unwrap().is_gone(), "once a day is enough");
    // A day passes, and then there is a block.
    shared.lock().behind -= 86_400;
    shared.pass(86_400);
    shared.lock().change(|_| ());
    desk.respond(customer, id, &NewResponse::new("Tomorrow.")).await.unwrap();
    assert_eq!(readers(&shared, id, 2), names(&[admin, customer]));
    assert!(desk.remembered().agent(&address(agent)).unwrap().is_gone());
    set_member(&shared, agent, Some(&was));
    open(&shared, &[agent]);
    refuses_to_seal_for(&desk, &shared, agent, id).await;
}

#[tokio::test(start_paused = true)]
async fn agents_without_a_key_take_no_room_of_the_queue() {
    let (admin, customer, agent) = (&people().admin, &people().customer, &people().others[4]);
    let shared = Shared::new();
    let desk = shared.desk().await;
    let keyless = [&people().others[1], &people().others[2], &people().others[3]];
    shared.lock().change(|state| {
        keyless.iter().chain([&agent]).for_each(|one| appoint(state, admin, one));
        add_key(state, &address(agent), key_record(agent, 0));
    });
    open(&shared, &[keyless[0], keyless[1], keyless[2], agent]);
    shared.lock().change(|state| {
        let params = Params { open_queue: true, max_recipients: 4, ..Params::default() };
        write(state, tree::PARAMS, &params.to_wire());
    });
    let id = created(&desk).await;
    assert_eq!(readers(&shared, id, 0), names(&[admin, customer, agent]));
}

/// When the last appointment that left this client was made.
fn last_made(shared: &Shared) -> i64 {
    let sent = shared.lock().sent.last().unwrap().clone();
    let tx = Tx::decode(&sent, &prefix()).unwrap();
    let made = tx.messages().iter().find_map(|message| match message {
        Message::AssignRole(message) => message.appointment.as_ref().map(|signed| signed.made),
        _ => None,
    });
    made.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_new_appointment_is_later_than_all_that_ended_and_never_far_ahead() {
    let admin = &people().admin;
    let shared = Shared::new();
    let (agent, desk) = (with_agent(&shared), shared.desk().await);
    open(&shared, &[agent]);
    let role = AssignableRole::SupportAgent;
    // This home saw an appointment end that was made a little ahead of the ledger's clock.
    shared.lock().change(|state| appoint_at(state, admin, agent, NOW + 40));
    created(&desk).await;
    dismiss(&shared, agent);
    created(&desk).await;
    let ended = desk.remembered().agent(&address(agent)).unwrap().ended;
    assert!(ended > NOW + 40);
    desk.assign_role(admin, &address(agent), role).await.unwrap();
    assert!(last_made(&shared) >= ended);
    // A home that saw nothing of it asks the ledger when the last one was made.
    let last = |at| ledger::MemberRecord {
        state: AccountState::Active.to_wire(),
        last_appointed_at: at,
        ..ledger::MemberRecord::default()
    };
    let other = &people().others[6];
    shared.lock().change(|state| add_key(state, &address(other), key_record(other, 0)));
    set_member(&shared, other, Some(&last(NOW + 45)));
    desk.assign_role(admin, &address(other), role).await.unwrap();
    assert_eq!(last_made(&shared), NOW + 46);
    // One that names a time far ahead gets no signature for a time that is to come.
    set_member(&shared, other, Some(&last(NOW + 10_000)));
    let before = shared.lock().sent.len();
    assert!(desk.assign_role(admin, &address(other), role).await.is_err());
    assert_eq!(shared.lock().sent.len(), before);
}

#[tokio::test(start_paused = true)]
async fn an_agent_is_let_in_to_what_is_proven_to_be_open_and_to_nothing_else() {
    let admin = &people().admin;
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (first, second) = (created(&desk).await, created(&desk).await);
    say(&shared, second, &address(admin), &[]);
    shared.lock().change(|state| {
        let mut head: TicketHead = read(state, &tree::ticket(second));
        head.ticket.as_mut().unwrap().status = Status::Assigned.to_wire();
        write(state, &tree::ticket(second), &head);
    });
    let agent = with_agent(&shared);
    open(&shared, &[agent]);
    // This world's node lists every ticket as an open one.
    let report = desk.let_in_to_queue(admin, &address(agent), &mut |_| {}).await.unwrap().unwrap();
    assert_eq!((report.tickets, report.granted), (1, 1));
    let let_in = |id: TicketId| shared.lock().grants.contains_key(&(id.number(), 0));
    assert_eq!((let_in(first), let_in(second)), (true, false));
}
