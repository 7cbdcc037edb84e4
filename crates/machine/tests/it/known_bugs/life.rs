//! A ticket's life where several rules meet.

use super::*;

#[test]
fn a_customer_registers_a_key_and_writes_in_one_transaction() {
    let Cast { mut desk, admin, .. } = cast();
    let newcomer = Person::new("newcomer");
    let sealed = create_at(&desk, &newcomer, &[&admin, &newcomer], 1);
    desk.must(&newcomer, vec![register(&newcomer, 0), to_any(&sealed)]);
    assert_eq!(desk.ticket_count(), 1);
}

#[test]
fn assigning_and_granting_in_one_transaction_sees_a_response_that_came_between() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let checked = |count| {
        to_any(&wire::MsgAssignTicket {
            sender: admin.address.to_string(),
            ticket_id: ticket_id(number),
            assign_to: agent.address.to_string(),
            response_count: count,
            check_count: true,
            collaborators: Vec::new(),
        })
    };
    let granted = grant(&desk, &admin, number, 0, &agent.fingerprint(0));
    let message = respond(&desk, &customer, number, &[&admin, &customer]);
    desk.must(&customer, vec![message]);
    desk.refuse(&admin, vec![checked(0), granted.clone()], "support", 40);
    desk.must(&admin, vec![checked(1), granted]);
}

#[test]
fn a_ticket_can_be_granted_after_it_is_closed() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    desk.must(&customer, vec![close(&customer, number)]);
    let second = Person::new("second administrator");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&second, vec![register(&second, 0)]);
    let message = grant(&desk, &customer, number, 0, &second.fingerprint(0));
    desk.must(&customer, vec![message]);
    let request = roles::QueryRoleMembersRequest { role: "administrator".to_owned(), ..Default::default() };
    assert_eq!(desk.machine.role_members(&desk.snapshot(), &request).unwrap().members.len(), 2);
}

#[test]
fn a_customers_answer_takes_a_resolution_back_with_its_due_closing() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    desk.must(&agent, vec![status(&agent, number, "in_progress"), resolve(&agent, number)]);
    let message = respond(&desk, &customer, number, &[&admin, &agent, &customer]);
    desk.must(&customer, vec![message]);
    let ticket = status_of(&desk, number);
    assert_eq!((ticket.status, ticket.resolved_at, ticket.resolution_ref.as_str()), (3, 0, ""));
    assert_eq!(ticket.assigned_to, agent.address.to_string());
    assert_eq!(desk.machine.next_auto_close(&desk.snapshot()).unwrap(), None);
}
