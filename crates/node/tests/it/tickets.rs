//! Tickets on a whole ledger: what falls due is done without anyone asking, and a ticket's receipt holds all of it.

use std::sync::Arc;

use super::desk::{BEGIN, Memory, clock, execute, settle, submit, validator};
use prost_types::Any;
use sealdesk_node::clock::ManualClock;
use sealdesk_node::feed::{self, Cursor, Filter};
use sealdesk_node::ledger::Ledger;
use sealdesk_node::solo::{Setup, Solo};
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgAssignTicket, MsgCreateTicket, MsgResolveTicket, QueryTicketRequest, TicketStatus,
};
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::desk::genesis_at;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing::{CIPHERTEXT_BYTES_MIN, sign, ticket_context, unsigned};
use sealdesk_testkit::transaction::Draft;
use sealdesk_testkit::trust::registered_on;

const DAY: i64 = 86_400;

pub(super) fn open(memory: &Memory, admin: &Person, clock: &ManualClock) -> Solo {
    let one = GenesisValidator::new(&validator().public_key(), 10, "test");
    let genesis = genesis_at(BEGIN, &[admin], one);
    Solo::open(Setup { disks: memory.disks(), genesis, key: validator(), clock: Arc::new(clock.clone()) })
        .unwrap()
}

fn tx(person: &Person, sequence: u64, message: Any) -> Vec<u8> {
    Draft::new(CHAIN_ID, vec![message], &[(person, sequence)]).sign(&[person])
}

fn create(customer: &Person, sequence: u64, admin: &Person) -> Vec<u8> {
    let place = ticket_context(CHAIN_ID, &customer.text, sequence);
    let readers = [customer.key(0).fingerprint, admin.key(0).fingerprint];
    let sealed = unsigned(&readers, CIPHERTEXT_BYTES_MIN, &mut Random::new(sequence));
    let message = MsgCreateTicket {
        customer: customer.text.clone(),
        category: "technical".to_owned(),
        encrypted_payload: Some(sign(sealed, &place, &customer.key(0), None)),
        ..Default::default()
    };
    tx(customer, sequence, to_any(&message))
}

/// A ledger with one resolved ticket.
pub(super) fn with_resolved_ticket(memory: &Memory, clock: &ManualClock) -> (Solo, Person) {
    let (admin, customer) = (Person::new("admin"), Person::new("customer"));
    let mut solo = open(memory, &admin, clock);
    let machine = solo.handle().view().machine().clone();
    let assign = MsgAssignTicket {
        sender: admin.text.clone(),
        ticket_id: "TKT-00000001".to_owned(),
        assign_to: admin.text.clone(),
        ..Default::default()
    };
    let resolve = MsgResolveTicket {
        sender: admin.text.clone(),
        ticket_id: "TKT-00000001".to_owned(),
        resolution_ref: "done".to_owned(),
    };
    let steps = [
        tx(&admin, 0, registered_on(&machine, &admin, &admin.key(0))),
        tx(&customer, 0, registered_on(&machine, &customer, &customer.key(0))),
        create(&customer, 1, &admin),
        tx(&admin, 1, to_any(&assign)),
        tx(&admin, 2, to_any(&resolve)),
    ];
    for step in steps {
        let record = execute(&mut solo, clock, &step);
        assert_eq!((record.code, record.log.as_str()), (0, ""));
    }
    (solo, admin)
}

fn status(solo: &Solo) -> TicketStatus {
    let request = QueryTicketRequest { ticket_id: "TKT-00000001".to_owned() };
    let ticket = solo
        .handle()
        .view()
        .machine()
        .ticket(&solo.handle().view().tip().snapshot, &request)
        .unwrap()
        .ticket
        .unwrap();
    ticket.status()
}

#[test]
fn a_resolved_ticket_closes_by_itself_in_the_second_it_falls_due_and_not_before() {
    let (memory, clock) = (Memory::default(), clock());
    let (mut solo, _) = with_resolved_ticket(&memory, &clock);
    assert_eq!(status(&solo), TicketStatus::Resolved);
    let wait = solo.next_block_in().expect("the ledger knows that something falls due");
    assert!((7 * DAY * 1_000 - 5_000..=7 * DAY * 1_000 + 1_000).contains(&wait), "{wait}");
    let height = solo.height();

    clock.advance(wait - 1);
    assert_eq!(solo.next_block_in(), Some(1));
    assert_eq!(solo.make_block().unwrap(), None, "a millisecond early there is nothing to do");
    clock.advance(1);
    assert_eq!(solo.next_block_in(), Some(0));
    settle(&mut solo, &clock);
    assert_eq!(status(&solo), TicketStatus::Closed);
    assert_eq!(solo.height(), height + 2, "the block that closed it and the one that proves that");
    let ledger: &dyn Ledger = solo.handle().as_ref();
    let counted = ledger.metrics().text(ledger, std::path::Path::new("/nowhere"));
    for line in ["sealdesk_tickets_closed_automatically_total{", "sealdesk_tickets{status=\"closed\","] {
        let line = counted.lines().find(|counted| counted.starts_with(line)).unwrap();
        assert!(line.ends_with(" 1"), "{line}");
    }
    assert_eq!(solo.next_block_in(), None);
}

#[test]
fn what_fell_due_while_the_node_was_down_is_done_at_once() {
    let (memory, clock) = (Memory::default(), clock());
    let (solo, admin) = with_resolved_ticket(&memory, &clock);
    drop(solo);
    clock.advance(400 * DAY * 1_000);
    let mut solo = open(&memory, &admin, &clock);
    assert_eq!(solo.next_block_in(), Some(0));
    settle(&mut solo, &clock);
    assert_eq!(status(&solo), TicketStatus::Closed);
}

#[test]
fn a_clock_that_was_set_back_closes_nothing_early_and_does_not_stop_the_ledger() {
    let (memory, clock) = (Memory::default(), clock());
    let (mut solo, admin) = with_resolved_ticket(&memory, &clock);
    clock.set(1_000);
    assert!(solo.next_block_in().unwrap() > 0);
    let told = submit(&solo, &create(&Person::new("customer"), 2, &admin)).unwrap();
    settle(&mut solo, &clock);
    assert_eq!(told.record().codespace, "support", "the cooldown of 60 seconds has not passed");
    assert_eq!(status(&solo), TicketStatus::Resolved);
}

#[test]
fn the_feed_of_a_ticket_tells_its_story_in_order_and_once() {
    let (memory, clock) = (Memory::default(), clock());
    let (solo, _) = with_resolved_ticket(&memory, &clock);
    let (tip, machine) = (solo.handle().view().tip(), solo.handle().view().machine());
    let ticket = Filter { ticket: TicketId::new(1), ..Filter::default() };
    let story = feed::read(machine, &tip.snapshot, Cursor::start(), &ticket).unwrap();
    let types: Vec<&str> =
        story.events.iter().map(|event| event.r#type.rsplit('.').next().unwrap()).collect();
    assert_eq!(types, ["EventTicketCreated", "EventTicketAssigned", "EventTicketResolved"]);
    let all = feed::read(machine, &tip.snapshot, Cursor::start(), &Filter::default()).unwrap();
    assert_eq!(all.events.len(), 5, "two keys were registered as well");
    for (n, event) in all.events.iter().enumerate() {
        let at = Cursor::decode(&event.cursor).unwrap();
        let rest = feed::read(machine, &tip.snapshot, at, &Filter::default()).unwrap();
        assert_eq!(rest.events, all.events[n + 1..]);
    }
    let only = Filter { types: vec!["virtengine.support.v1.EventTicketResolved".to_owned()], ticket: None };
    assert_eq!(feed::read(machine, &tip.snapshot, Cursor::start(), &only).unwrap().events.len(), 1);
}
