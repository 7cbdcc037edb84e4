//! Texts that name another place than where they stand: marked for whoever reads, and granted to others only after asking.

use std::sync::{Arc, Mutex};

use sealdesk_client::actor::Actor;
use sealdesk_client::compose::{Audience, Facts, OwnKey, Person, TxBuilder, sign};
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket, respond_to_ticket};
use sealdesk_client::view::{Doubtful, Doubts, Mark, Warning};
use sealdesk_envelope::content::SeenCircle;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{AccountRecord, KeyList};
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use crate::world::people::{chain, copied_record, key_record, rng};
use crate::world::{
    FakeNode, Shared, add_administrator, add_key, add_member, circle, people, prefix, read, write,
};

fn address(actor: &Actor) -> Address {
    actor.address(&prefix())
}

/// What a text claims to have seen.
#[derive(Clone)]
struct Claims {
    seen: SeenCircle,
    ticket: Option<[u8; 32]>,
}

/// What an honest program would write into a text of this ticket now.
fn honest(shared: &Shared, id: TicketId) -> Claims {
    let world = shared.lock();
    let head: TicketHead = read(world.state(), &tree::ticket(id));
    let circle = circle(world.state());
    Claims { seen: seen(&circle), ticket: Some(head.payload_digest.try_into().unwrap()) }
}

fn seen(circle: &Circle) -> SeenCircle {
    let fingerprint = hex::encode(circle.fingerprint(&chain().identity()));
    SeenCircle { circle: circle.position(), fingerprint }
}

/// An answer whose writer's program claims to have seen this.
fn write_claiming(shared: &Shared, writer: &Actor, id: TicketId, claims: &Claims) {
    let mut world = shared.lock();
    let state = world.state().clone();
    let listed = |who: &Address| read::<KeyList>(&state, &tree::keys(who)).keys;
    let person = |who: &Address| Person::verified(chain(), who, &listed(who));
    let me = address(writer);
    let audience = Audience {
        writer: Some(person(&me)),
        administrators: circle(&state).members().iter().map(|member| person(&member.address)).collect(),
        assignee: None,
        collaborators: Vec::new(),
        appointed: Vec::new(),
        customer: Some(person(&address(&people().customer))),
        provider: None,
        outsiders: Vec::new(),
    };
    let Claims { seen, ticket } = claims.clone();
    let facts = Facts { params: Params::default(), audience, seen, ticket };
    let own = OwnKey::find(writer, &listed(&me)).unwrap();
    let sequence = read::<AccountRecord>(&state, &tree::account(&me)).sequence;
    let mut builder = TxBuilder::new(chain(), me, sequence, own, writer.account().unwrap()).unwrap();
    respond_to_ticket(&mut builder, id, &NewResponse::new("Trust me."), &facts, &mut rng(9)).unwrap();
    let response =
        world.deliver(&sign(&builder, writer.account().unwrap(), &chain().chain_id).unwrap().bytes);
    assert_eq!(response.code, 0);
}

/// A ticket with a good answer, and with marked ones behind it, by its customer and by its administrator.
async fn marked() -> (Shared, Desk<FakeNode>, TicketId, Vec<Vec<Mark>>) {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin) = (&people().customer, &people().admin);
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(customer, &ticket).await.unwrap().ticket_id.unwrap();
    let honest = honest(&shared, id);
    let later = SeenCircle { circle: 9, fingerprint: "00".repeat(32) };
    let other = SeenCircle { fingerprint: "11".repeat(32), ..honest.seen.clone() };
    write_claiming(&shared, customer, id, &honest);
    write_claiming(&shared, customer, id, &Claims { ticket: Some([9; 32]), ..honest.clone() });
    write_claiming(&shared, admin, id, &Claims { ticket: None, ..honest.clone() });
    write_claiming(&shared, customer, id, &Claims { seen: other, ..honest.clone() });
    write_claiming(&shared, admin, id, &Claims { seen: later, ticket: Some([9; 32]) });
    let marks = vec![
        vec![],
        vec![],
        vec![Mark::OtherTicket],
        vec![Mark::NoTicket],
        vec![Mark::UnknownCircle],
        vec![Mark::OtherTicket, Mark::UnknownCircle],
    ];
    (shared, desk, id, marks)
}

/// Desks that note what they are asked, and answer so.
async fn asked(shared: &Shared, answer: bool) -> (Desk<FakeNode>, Arc<Mutex<Vec<Doubtful>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&heard);
    let doubts = Doubts::asked(move |doubtful| {
        noted.lock().unwrap().push(doubtful.clone());
        answer
    });
    (shared.desk().await.with_doubts(doubts), heard)
}

fn marks(found: &[Doubtful]) -> Vec<Vec<Mark>> {
    found.iter().map(|doubtful| doubtful.marks.clone()).collect()
}

/// How many messages somebody can read.
async fn texts(desk: &Desk<FakeNode>, who: &Actor, id: TicketId) -> usize {
    let messages = desk.read(who, id).await.unwrap().messages;
    messages.iter().filter(|message| message.text().is_some()).count()
}

#[tokio::test(start_paused = true)]
async fn a_text_that_names_another_place_is_marked_for_whoever_reads_it() {
    let (_, desk, id, marks) = marked().await;
    for reader in [&people().admin, &people().customer] {
        let read = desk.read(reader, id).await.unwrap();
        assert_eq!(read.messages.len(), marks.len());
        for (message, marks) in read.messages.iter().zip(&marks) {
            for mark in marks {
                assert!(message.warnings.contains(&Warning::Mark(*mark)), "{:?}: {mark}", message.warnings);
            }
            assert_eq!(message.warnings.is_empty(), marks.is_empty(), "{:?}", message.warnings);
        }
        let hidden = |warning: &&Warning| warning.to_string().contains("something is hidden");
        let warned: Vec<usize> =
            read.messages.iter().map(|message| message.warnings.iter().filter(hidden).count()).collect();
        assert_eq!(warned, [0, 0, 0, 0, 0, 1], "a member knew a later circle than the ledger shows");
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_of_an_earlier_circle_that_there_was_is_not_marked() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let customer = &people().customer;
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(customer, &ticket).await.unwrap().ticket_id.unwrap();
    let early = honest(&shared, id);
    for newcomer in &people().others[..2] {
        shared.lock().change(|state| add_administrator(state, &address(newcomer)));
        desk.respond(customer, id, &NewResponse::new("Still.")).await.unwrap();
    }
    write_claiming(&shared, customer, id, &early);
    for desk in [desk, shared.desk().await] {
        let read = desk.read(customer, id).await.unwrap();
        assert!(read.messages.len() == 4 && read.messages.iter().all(|message| message.warnings.is_empty()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_marked_text_is_granted_to_nobody_without_asking() {
    let (shared, desk, id, expected) = marked().await;
    let expected: Vec<Vec<Mark>> = expected.into_iter().filter(|marks| !marks.is_empty()).collect();
    let (admin, agent, second) = (&people().admin, &people().agent, &people().others[0]);
    shared.lock().change(|state| {
        add_administrator(state, &address(second));
        add_key(state, &address(second), key_record(second, 0));
    });
    // Nobody is asked: it is left out, and the reports say which.
    let assigned = desk.assign(admin, id, &address(agent)).await.unwrap();
    assert_eq!((marks(&assigned.doubtful), assigned.granted), (expected.clone(), 2));
    assert!(assigned.unopened.is_empty());
    let granted = desk.grant_access(admin, id, &address(second)).await.unwrap();
    assert_eq!((marks(&granted.doubtful), granted.granted), (expected.clone(), 2));
    let all = desk.grant_all(admin, &address(second), None, &mut |_| {}).await.unwrap();
    assert_eq!((marks(&all.doubtful), all.granted), (expected.clone(), 0));
    assert_eq!((texts(&desk, agent, id).await, texts(&desk, second, id).await), (2, 2));
    // Somebody is asked, once for each text and reader, and says no.
    let (refusing, heard) = asked(&shared, false).await;
    for _ in 0..2 {
        let granted = refusing.grant_access(admin, id, &address(second)).await.unwrap();
        assert_eq!((marks(&granted.doubtful), granted.granted), (expected.clone(), 0));
    }
    assert_eq!(marks(&heard.lock().unwrap()), expected);
    let first = heard.lock().unwrap()[0].clone();
    let by = (first.ticket, first.index, first.author.clone(), first.reader.clone());
    assert_eq!(by, (id, Some(1), address(&people().customer), address(second)));
    // And yes: then nothing is left out.
    let (agreeing, heard) = asked(&shared, true).await;
    let all = agreeing.grant_all(admin, &address(second), None, &mut |_| {}).await.unwrap();
    assert_eq!((all.doubtful.len(), all.granted), (0, 4));
    let again = agreeing.assign(admin, id, &address(agent)).await.unwrap();
    assert_eq!((again.doubtful.len(), again.granted), (0, 4));
    assert_eq!(heard.lock().unwrap().len(), 8);
    assert_eq!((texts(&desk, agent, id).await, texts(&desk, second, id).await), (6, 6));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_called_staff_by_the_ledgers_word() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let (customer, admin, agent) = (&people().customer, &people().admin, &people().agent);
    let ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
    let id = desk.create_ticket(customer, &ticket).await.unwrap().ticket_id.unwrap();
    desk.assign(admin, id, &address(agent)).await.unwrap();
    desk.respond(agent, id, &NewResponse::new("Is it plugged in?")).await.unwrap();
    let thief = &people().others[3];
    shared.lock().change(|state| {
        add_member(state, &address(thief), AssignableRole::SupportAgent);
        add_key(state, &address(thief), key_record(thief, 0));
        // The validators say that the thief has it, so that what they write is said to be of staff.
        let mut head: TicketHead = read(state, &tree::ticket(id));
        head.ticket.as_mut().unwrap().assigned_to = address(thief).to_string();
        write(state, &tree::ticket(id), &head);
    });
    let claims = honest(&shared, id);
    write_claiming(&shared, thief, id, &claims);
    let read = desk.read(customer, id).await.unwrap();
    let staff: Vec<bool> = read.messages.iter().map(|message| message.is_staff).collect();
    assert_eq!(staff, [false, true, false]);
    assert!(
        read.messages[2].warnings.iter().any(|warning| warning.to_string().contains("the ledger's word"))
    );
    assert!(read.messages[1].warnings.is_empty());
    // With a copy of the agent's key beside their own, which anyone can register, they are not staff either.
    shared.lock().change(|state| add_key(state, &address(thief), copied_record(thief, agent, 0)));
    let read = desk.read(customer, id).await.unwrap();
    assert!(!read.messages[2].is_staff);
}
