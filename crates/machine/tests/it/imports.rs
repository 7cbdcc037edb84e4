//! Tickets from another system: once each, by administrators, for whom the member's own envelope lets in.

use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    Cast, Told, assign_role, cast, create, grant, import_at, register, reopen, respond, revoke_key,
    revoke_role, set_state, ticket_id, transfer, update_params,
};

/// A desk that takes imports.
fn open() -> Cast {
    let mut cast = cast();
    let params = Params { import_open: true, ..Params::default() };
    cast.desk.must(&cast.admin, vec![update_params(&cast.admin, &params)]);
    cast
}

fn import(desk: &mut Desk, admin: &Person, customer: &Person, id: &str) {
    let message = import_at(desk, admin, &Told { customer, people: &[admin, customer], staff: &[admin], id });
    desk.must(admin, vec![to_any(&message)]);
}

fn ticket(desk: &Desk, number: u64) -> support::SupportTicket {
    let request = support::QueryTicketRequest { ticket_id: ticket_id(number) };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}

#[test]
fn a_history_comes_once_and_counts_in_no_limit() {
    let Cast { mut desk, admin, customer, .. } = open();
    let tight = Params {
        max_tickets_per_customer_per_day: 1,
        max_open_tickets_per_customer: 1,
        import_open: true,
        ..Params::default()
    };
    desk.must(&admin, vec![update_params(&admin, &tight)]);
    // A key of theirs that no envelope names.
    desk.must(&customer, vec![register(&customer, 1)]);
    for id in ["1", "2", "3"] {
        import(&mut desk, &admin, &customer, id);
    }
    let again = import_at(
        &desk,
        &admin,
        &Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "2" },
    );
    desk.refuse(&admin, vec![to_any(&again)], "support", 46);
    let mut open = import_at(
        &desk,
        &admin,
        &Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "4" },
    );
    open.status = "open".to_owned();
    desk.must(&admin, vec![to_any(&open)]);
    let record = ticket(&desk, 3);
    assert_eq!((record.status(), record.response_count), (support::TicketStatus::Closed, 2));
    assert_eq!(record.closed_at, record.created_at, "of one that comes closed it is the block's time");
    let imported = record.imported.unwrap();
    assert_eq!((imported.source.as_str(), imported.source_id.as_str()), ("old-desk", "3"));
    assert_eq!((imported.imported_by, imported.responses), (admin.text.clone(), 2));
    assert_eq!(imported.customer_keys, [customer.fingerprint(0)]);
    // What was told is nobody's creation; what is open counts as theirs.
    desk.refuse(&customer, vec![create(&desk, &customer, &[&admin, &customer])], "support", 12);
    desk.must(&admin, vec![sealdesk_testkit::scenario::close(&admin, 4)]);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
}

#[test]
fn only_administrators_import_and_only_while_that_is_open() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let message = |desk: &Desk, who: &Person| {
        to_any(&import_at(
            desk,
            who,
            &Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "1" },
        ))
    };
    desk.refuse(&admin, vec![message(&desk, &admin)], "support", 71);
    desk.refuse(&agent, vec![message(&desk, &agent)], "support", 7);
    let params = Params { import_open: true, ..Params::default() };
    desk.must(&admin, vec![update_params(&admin, &params)]);
    desk.refuse(&agent, vec![message(&desk, &agent)], "support", 7);
    desk.refuse(&customer, vec![message(&desk, &customer)], "support", 7);
    let staff =
        import_at(&desk, &admin, &Told { customer: &agent, people: &[&admin], staff: &[&admin], id: "1" });
    desk.refuse(&admin, vec![to_any(&staff)], "support", 52);
    desk.must(&admin, vec![set_state(&admin, &customer, "suspended")]);
    desk.refuse(&admin, vec![message(&desk, &admin)], "support", 52);
}

#[test]
fn what_is_told_is_sealed_for_whoever_reads_a_new_ticket() {
    let Cast { mut desk, admin, agent, customer } = open();
    let readers: [(&[&Person], &[&Person], u32); 5] = [
        (&[&admin], &[&admin], 42),
        (&[&admin, &customer, &agent], &[&admin], 43),
        (&[&admin, &customer], &[&admin, &customer], 43),
        (&[&customer], &[&admin], 42),
        (&[&admin, &customer], &[&agent], 42),
    ];
    for (people, staff, code) in readers {
        let message = import_at(&desk, &admin, &Told { customer: &customer, people, staff, id: "1" });
        desk.refuse(&admin, vec![to_any(&message)], "support", code);
    }
    // A text that was sealed for another place of the message stands in none.
    let mut swapped = import_at(
        &desk,
        &admin,
        &Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "1" },
    );
    swapped.responses[0].encrypted_payload = swapped.encrypted_payload.clone();
    desk.refuse(&admin, vec![to_any(&swapped)], "support", 11);
    let mut twice = import_at(
        &desk,
        &admin,
        &Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "1" },
    );
    twice.responses[1] = twice.responses[0].clone();
    desk.refuse(&admin, vec![to_any(&twice)], "support", 11);
}

/// An imported ticket that is open again.
fn reopened() -> Cast {
    let mut cast = open();
    import(&mut cast.desk, &cast.admin, &cast.customer, "1");
    let time = cast.desk.time + 61;
    cast.desk.pass_to(time);
    cast.desk.must(&cast.customer, vec![reopen(&cast.customer, 1)]);
    cast
}

#[test]
fn a_customer_reads_later_by_the_keys_that_the_members_envelope_names() {
    let Cast { mut desk, admin, customer, .. } = reopened();
    desk.refuse(&admin, vec![respond(&desk, &admin, 1, &[&admin])], "support", 42);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin, &customer])]);
    // A key that they register later is not named, and creates no requirement.
    desk.must(&customer, vec![register(&customer, 1), revoke_key(&customer, customer.fingerprint(0))]);
    desk.pass_to(desk.time + 61);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin])]);
    desk.must(&admin, vec![grant(&desk, &admin, 1, 0, &customer.fingerprint(1))]);
    desk.refuse(&admin, vec![respond(&desk, &admin, 1, &[&admin])], "support", 42);
}

#[test]
fn the_envelope_of_a_former_administrator_lets_nobody_in() {
    let Cast { mut desk, admin, customer, .. } = open();
    let second = Person::new("second");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&second, vec![register(&second, 0)]);
    desk.pass_to(desk.time + 61);
    let (people, staff): (&[&Person], &[&Person]) = (&[&admin, &second, &customer], &[&admin, &second]);
    for id in ["1", "2"] {
        let message = import_at(&desk, &second, &Told { customer: &customer, people, staff, id });
        desk.must(&second, vec![to_any(&message)]);
    }
    desk.must(&customer, vec![reopen(&customer, 1)]);
    desk.refuse(&admin, vec![respond(&desk, &admin, 1, &[&admin, &second])], "support", 42);
    // The key that signed is revoked, and then they leave.
    desk.must(&second, vec![register(&second, 1), revoke_key(&second, second.fingerprint(0))]);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin])]);
    desk.must(&admin, vec![revoke_role(&admin, &second, "administrator")]);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin])]);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin, &customer])]);
}

#[test]
fn who_gets_an_imported_ticket_by_a_transfer_reads_by_grants_alone() {
    let Cast { mut desk, admin, customer, .. } = reopened();
    let heir = Person::new("heir");
    desk.must(&heir, vec![register(&heir, 0)]);
    // A copy of the key that the envelope names makes nobody a required reader.
    let copy = sealdesk_testkit::people::KeyPair::new(customer.key(0).public, heir.key(1).signing);
    desk.must(
        &heir,
        vec![to_any(&sealdesk_testkit::sealing::registration(sealdesk_testkit::CHAIN_ID, &heir, &copy, ""))],
    );
    desk.pass_to(desk.time + 61);
    desk.must(&admin, vec![transfer(&admin, 1, &heir)]);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin])]);
    desk.must(&admin, vec![grant(&desk, &admin, 1, 0, &heir.fingerprint(0))]);
    desk.refuse(&admin, vec![respond(&desk, &admin, 1, &[&admin])], "support", 42);
}

#[test]
fn a_customer_without_a_key_is_imported_and_let_in_later() {
    let Cast { mut desk, admin, .. } = open();
    let late = Person::new("late");
    let message =
        import_at(&desk, &admin, &Told { customer: &late, people: &[&admin], staff: &[&admin], id: "1" });
    desk.must(&admin, vec![to_any(&message)]);
    assert!(ticket(&desk, 1).imported.unwrap().customer_keys.is_empty());
    desk.must(&late, vec![register(&late, 0)]);
    desk.pass_to(desk.time + 61);
    desk.must(&late, vec![reopen(&late, 1)]);
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin])]);
    for target in [0, 1] {
        desk.must(&admin, vec![grant(&desk, &admin, 1, target, &late.fingerprint(0))]);
    }
    desk.refuse(&admin, vec![grant(&desk, &admin, 1, 2, &late.fingerprint(0))], "support", 43);
    desk.refuse(&admin, vec![respond(&desk, &admin, 1, &[&admin])], "support", 42);
}

#[test]
fn an_imported_ticket_goes_along_into_the_next_ledger() {
    let Cast { mut desk, admin, customer, .. } = reopened();
    desk.must(&admin, vec![respond(&desk, &admin, 1, &[&admin, &customer])]);
    desk.must(&admin, vec![grant(&desk, &admin, 1, 2, &admin.fingerprint(0))]);
    let name = ChainId::parse("desk-next").unwrap();
    let export = desk.machine.export(&desk.snapshot(), Some(&name)).unwrap();
    let mut next = Desk::from_genesis(&export);
    assert_eq!(ticket(&next, 1).imported, ticket(&desk, 1).imported);
    let again = next.machine.export(&next.snapshot(), None);
    assert_eq!(again.unwrap().app_state.tickets, export.app_state.tickets);
    // It is known there still.
    let params = Params { import_open: true, ..Params::default() };
    next.must(&admin, vec![update_params(&admin, &params)]);
    let message = import_at(
        &next,
        &admin,
        &Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "1" },
    );
    next.refuse(&admin, vec![to_any(&message)], "support", 46);
    let bad = |change: &dyn Fn(&mut sealdesk_protocol::genesis::Ticket)| {
        let mut genesis = export.clone();
        change(&mut genesis.app_state.tickets[0]);
        assert!(genesis.check().is_err());
    };
    bad(&|ticket| ticket.imported = None);
    bad(&|ticket| ticket.imported.as_mut().unwrap().imported_by = customer.text.clone());
    bad(&|ticket| ticket.imported.as_mut().unwrap().responses = 1);
    bad(&|ticket| ticket.imported.as_mut().unwrap().responses = 4);
    bad(&|ticket| ticket.imported.as_mut().unwrap().customer_keys = vec!["00".repeat(20)]);
    bad(&|ticket| ticket.imported.as_mut().unwrap().source = "Old desk".to_owned());
}
