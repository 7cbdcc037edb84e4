//! Who works on a ticket: collaborators, the open queue, agents who are let in, and the keys of former staff.

use prost::Message as _;
use prost_types::Any;
use sealdesk_machine::rebuild_indexes;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberRecord;
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRevokeRecipientKey;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_store::{KeyRange, State};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    Cast, assign, assign_role, cast, close, create, grant, note, priority, register, reopen, resolve,
    respond, revoke_role, set_state, targeted, ticket_id, transfer, update_params,
};
use sealdesk_testkit::trust::{Ledger, complete};

/// A second and a third agent, with keys.
fn helpers(desk: &mut Desk, admin: &Person) -> [Person; 2] {
    let helpers = ["helper", "other"].map(Person::new);
    for helper in &helpers {
        desk.must(admin, vec![assign_role(admin, helper, "support_agent")]);
        desk.must(helper, vec![register(helper, 0)]);
    }
    desk.pass_to(desk.time + 61);
    helpers
}

fn assign_with(person: &Person, number: u64, to: &Person, with: &[&Person]) -> Any {
    to_any(&support::MsgAssignTicket {
        sender: person.text.clone(),
        ticket_id: ticket_id(number),
        assign_to: to.text.clone(),
        collaborators: with.iter().map(|one| one.text.clone()).collect(),
        ..Default::default()
    })
}

fn ticket(desk: &Desk, number: u64) -> support::SupportTicket {
    let request = support::QueryTicketRequest { ticket_id: ticket_id(number) };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}

fn listed(desk: &Desk, agent: &Person) -> usize {
    let request =
        support::QueryTicketsByAgentRequest { agent_address: agent.text.clone(), ..Default::default() };
    desk.machine.tickets_by_agent(&desk.snapshot(), &request).unwrap().tickets.len()
}

fn open_queue(desk: &mut Desk, admin: &Person, params: Params) {
    desk.must(admin, vec![update_params(admin, &Params { open_queue: true, ..params })]);
}

fn let_in(desk: &Desk, granter: &Person, number: u64, target: u32, agent: &Person) -> Any {
    to_any(&support::MsgGrantAccess {
        sender: granter.text.clone(),
        ticket_id: ticket_id(number),
        grants: vec![targeted(desk, granter, number, target, &agent.fingerprint(0))],
        agent: agent.text.clone(),
    })
}

#[test]
fn a_collaborator_reads_by_a_members_grant_and_does_what_the_assignee_does() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let [helper, other] = helpers(&mut desk, &admin);
    desk.refuse(&helper, vec![note(&desk, &helper, number, &[&admin, &helper])], "support", 7);
    desk.must(&admin, vec![assign_with(&admin, number, &agent, &[&helper])]);
    assert_eq!(ticket(&desk, number).collaborators, std::slice::from_ref(&helper.text));
    assert_eq!([&agent, &helper, &other].map(|who| listed(&desk, who)), [1, 1, 0]);
    // Without a grant that counts nobody has to seal for them; with one everybody.
    desk.must(&customer, vec![respond(&desk, &customer, number, &[&admin, &customer])]);
    desk.must(&admin, vec![grant(&desk, &admin, number, 0, &helper.fingerprint(0))]);
    let without = respond(&desk, &customer, number, &[&admin, &customer]);
    desk.refuse(&customer, vec![without], "support", 42);
    desk.must(&helper, vec![respond(&desk, &helper, number, &[&admin, &customer, &helper])]);
    desk.must(&helper, vec![note(&desk, &helper, number, &[&admin, &helper])]);
    desk.must(&helper, vec![resolve(&helper, number)]);
    desk.pass_to(desk.time + 60);
    desk.must(&customer, vec![reopen(&customer, number)]);
    assert!(ticket(&desk, number).collaborators.is_empty(), "nobody works on a ticket that begins again");
    let with = respond(&desk, &customer, number, &[&admin, &customer, &helper]);
    desk.refuse(&customer, vec![with], "support", 43);
}

#[test]
fn who_leaves_reads_nothing_that_comes_later() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let [helper, other] = helpers(&mut desk, &admin);
    desk.must(&admin, vec![assign_with(&admin, number, &agent, &[&helper, &other])]);
    for who in [&helper, &other] {
        desk.must(&admin, vec![grant(&desk, &admin, number, 0, &who.fingerprint(0))]);
    }
    let all = [&admin, &customer, &helper, &other];
    desk.must(&customer, vec![respond(&desk, &customer, number, &all)]);
    // One is suspended, and may read still; one loses the role, and may not.
    desk.must(&admin, vec![set_state(&admin, &helper, "suspended")]);
    desk.must(&admin, vec![revoke_role(&admin, &other, "support_agent")]);
    desk.refuse(&customer, vec![respond(&desk, &customer, number, &all)], "support", 43);
    desk.must(&customer, vec![respond(&desk, &customer, number, &[&admin, &customer])]);
    desk.must(&customer, vec![respond(&desk, &customer, number, &[&admin, &customer, &helper])]);
    // Then the assignment goes on without them.
    desk.must(&admin, vec![set_state(&admin, &helper, "active")]);
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    let with = respond(&desk, &customer, number, &[&admin, &customer, &helper]);
    desk.refuse(&customer, vec![with], "support", 43);
}

#[test]
fn changing_who_helps_leaves_the_status_as_it_is() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, .. } = cast;
    let [helper, other] = helpers(&mut desk, &admin);
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    desk.must(&agent, vec![sealdesk_testkit::scenario::status(&agent, number, "in_progress")]);
    desk.must(&admin, vec![assign_with(&admin, number, &agent, &[&other, &helper])]);
    let record = ticket(&desk, number);
    assert_eq!(record.status(), support::TicketStatus::InProgress);
    assert!(record.collaborators.is_sorted() && record.collaborators.len() == 2);
    desk.refuse(&admin, vec![assign_with(&admin, number, &agent, &[&helper, &other])], "support", 10);
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    assert!(ticket(&desk, number).collaborators.is_empty());
}

#[test]
fn who_cannot_help_is_refused_each_for_a_reason() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let [helper, other] = helpers(&mut desk, &admin);
    let many: Vec<Person> = (0..5).map(|n| Person::new(&format!("extra {n}"))).collect();
    let cases: [(&[&Person], u32); 6] = [
        (&[&agent], 75),
        (&[&helper, &helper], 75),
        (&[&many[0], &many[1], &many[2], &many[3], &many[4]], 75),
        (&[&customer], 21),
        (&[&admin], 7),
        (&[&helper, &many[0]], 7),
    ];
    for (with, code) in cases {
        desk.refuse(&admin, vec![assign_with(&admin, number, &agent, with)], "support", code);
    }
    desk.refuse(&helper, vec![assign_with(&helper, number, &helper, &[&other])], "support", 7);
    desk.must(&admin, vec![set_state(&admin, &other, "suspended")]);
    desk.refuse(&admin, vec![assign_with(&admin, number, &agent, &[&other])], "support", 7);
    // Whoever helps cannot become the customer.
    desk.must(&admin, vec![assign_with(&admin, number, &agent, &[&helper])]);
    desk.must(&admin, vec![revoke_role(&admin, &helper, "support_agent")]);
    desk.refuse(&admin, vec![transfer(&admin, number, &helper)], "support", 21);
}

#[test]
fn an_open_queue_is_sealed_for_those_whom_a_member_appointed_and_for_nobody_else() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let [helper, other] = helpers(&mut desk, &admin);
    // The genesis may name agents whom nobody signed for, and a member who signed may leave: neither counts.
    desk.must(&admin, vec![set_state(&admin, &other, "suspended")]);
    let closed = create(&desk, &customer, &[&admin, &customer, &agent]);
    desk.refuse(&customer, vec![closed], "support", 43);
    open_queue(&mut desk, &admin, Params::default());
    let without = create(&desk, &customer, &[&admin, &customer, &agent]);
    desk.refuse(&customer, vec![without], "support", 42);
    let with_suspended = create(&desk, &customer, &[&admin, &customer, &agent, &helper, &other]);
    desk.refuse(&customer, vec![with_suspended], "support", 43);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer, &agent, &helper])]);
    // A note of nobody's ticket is for them, too.
    desk.refuse(&admin, vec![note(&desk, &admin, 1, &[&admin])], "support", 42);
    desk.must(&admin, vec![note(&desk, &admin, 1, &[&admin, &agent, &helper])]);
    // Once somebody has it, it is theirs, by their appointment and without a grant.
    desk.must(&helper, vec![assign(&helper, 1, &helper)]);
    let all = respond(&desk, &customer, 1, &[&admin, &customer, &helper, &agent]);
    desk.refuse(&customer, vec![all], "support", 43);
    let none = respond(&desk, &customer, 1, &[&admin, &customer]);
    desk.refuse(&customer, vec![none], "support", 42);
    desk.must(&customer, vec![respond(&desk, &customer, 1, &[&admin, &customer, &helper])]);
    // In a queue that is closed again the grant is missing.
    desk.must(&admin, vec![update_params(&admin, &Params::default())]);
    desk.must(&customer, vec![respond(&desk, &customer, 1, &[&admin, &customer])]);
}

#[test]
fn an_agent_whose_appointer_left_reads_and_takes_nothing_of_the_queue() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let second = Person::new("second");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&second, vec![register(&second, 0)]);
    let [helper] = [Person::new("helper")];
    desk.must(&second, vec![assign_role(&second, &helper, "support_agent")]);
    desk.must(&helper, vec![register(&helper, 0)]);
    desk.pass_to(desk.time + 61);
    open_queue(&mut desk, &admin, Params { ticket_cooldown_seconds: 0, ..Params::default() });
    let staff = [&admin, &second, &customer, &agent, &helper];
    desk.must(&customer, vec![create(&desk, &customer, &staff)]);
    desk.must(&admin, vec![revoke_role(&admin, &second, "administrator")]);
    let with = create(&desk, &customer, &[&admin, &customer, &agent, &helper]);
    desk.refuse(&customer, vec![with], "support", 43);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer, &agent])]);
    desk.refuse(&helper, vec![assign(&helper, 1, &helper)], "support", 7);
    // Whoever joins again has appointed nobody yet.
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    let with = create(&desk, &customer, &[&admin, &second, &customer, &agent, &helper]);
    desk.refuse(&customer, vec![with], "support", 43);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &second, &customer, &agent])]);
    desk.refuse(&helper, vec![assign(&helper, 1, &helper)], "support", 7);
    // Appointed anew, they are again.
    desk.must(&admin, vec![assign_role(&admin, &helper, "support_agent")]);
    desk.must(&helper, vec![assign(&helper, 1, &helper)]);
}

/// The rows of the list of agents whom the circle appointed, and that they are what the records say.
fn appointed(desk: &Desk) -> usize {
    let rows = |state: &State| {
        let rows = state.scan_side(&KeyRange::prefix(side::APPOINTED)).unwrap();
        rows.map(|row| row.unwrap().0).collect::<Vec<_>>()
    };
    let mut state = State::new(desk.snapshot());
    let kept = rows(&state);
    rebuild_indexes(&mut state, desk.machine.prefix()).unwrap();
    assert_eq!(kept, rows(&state), "made anew it is the same list");
    kept.len()
}

#[test]
fn whoever_leaves_the_circle_takes_their_agents_off_the_list() {
    let Cast { mut desk, admin, agent, customer: _ } = cast();
    let second = Person::new("second");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    let agents: Vec<Person> = (0..40).map(|n| Person::new(&format!("agent {n}"))).collect();
    for helper in &agents {
        desk.must(&second, vec![assign_role(&second, helper, "support_agent")]);
        desk.must(helper, vec![register(helper, 0)]);
    }
    assert_eq!(appointed(&desk), 41);
    // No row is left that a message would have to pass over.
    desk.must(&admin, vec![revoke_role(&admin, &second, "administrator")]);
    assert_eq!(appointed(&desk), 1);
    // Neither a new key nor their appointer's return brings one back, and a new appointment does.
    desk.must(&agents[0], vec![register(&agents[0], 1)]);
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&agents[1], vec![register(&agents[1], 1)]);
    assert_eq!(appointed(&desk), 1);
    desk.must(&second, vec![assign_role(&second, &agents[2], "support_agent")]);
    assert_eq!(appointed(&desk), 2);
    desk.must(&admin, vec![set_state(&admin, &agent, "suspended")]);
    assert_eq!(appointed(&desk), 1);
}

#[test]
fn an_appointment_is_made_later_than_the_last_one_of_the_same_person() {
    let Cast { mut desk, admin, agent, customer: _ } = cast();
    let signed_at = |desk: &Desk, role: &str, made: i64| {
        let ledger = Ledger { now: made, ..desk.ledger() };
        complete(&ledger, &admin, assign_role(&admin, &agent, role))
    };
    let last = |desk: &Desk| {
        let record = desk.snapshot().get(&tree::member(&agent.address)).unwrap();
        record.map(|bytes| MemberRecord::decode(bytes.as_slice()).unwrap().last_appointed_at)
    };
    let first = last(&desk).unwrap();
    desk.must(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
    // Homes that believed the first one would refuse every state that shows an earlier one.
    for made in [first - 1, first] {
        desk.refuse(&admin, vec![signed_at(&desk, "support_agent", made)], "roles", 23);
        desk.refuse(&admin, vec![signed_at(&desk, "gateway", made)], "roles", 23);
    }
    desk.pass_to(desk.time + 100);
    let second = desk.time;
    let message = signed_at(&desk, "gateway", second);
    desk.must(&admin, vec![message]);
    desk.must(&admin, vec![revoke_role(&admin, &agent, "gateway")]);
    assert_eq!(last(&desk), Some(second));
    // Being an administrator in between changes nothing.
    desk.must(&admin, vec![assign_role(&admin, &agent, "administrator")]);
    desk.must(&admin, vec![revoke_role(&admin, &agent, "administrator")]);
    desk.refuse(&admin, vec![signed_at(&desk, "support_agent", second)], "roles", 23);
    // The ledger that continues this one knows it as well, and by its own clock where it began before that.
    let mut genesis = desk.machine.export(&desk.snapshot(), Some(&ChainId::parse("other").unwrap())).unwrap();
    let found = |genesis: &Genesis| {
        let mut members = genesis.app_state.members.iter();
        members.find(|member| member.address == agent.text).map(|member| member.last_appointed_at)
    };
    assert_eq!(found(&genesis), Some(second));
    genesis.begin_at(second - 50).unwrap();
    assert_eq!(found(&genesis), Some(second - 50));
    let message = signed_at(&desk, "support_agent", second + 1);
    desk.must(&admin, vec![message]);
    assert_eq!(last(&desk), Some(second + 1));
    // Older programs' exports do not say it: then it is the time of the appointment that they show, and never an earlier one.
    let kept = desk.machine.export(&desk.snapshot(), Some(&ChainId::parse("other").unwrap())).unwrap();
    let read_with = |told: i64| {
        let mut genesis = kept.clone();
        let mut members = genesis.app_state.members.iter_mut();
        members.find(|member| member.address == agent.text).unwrap().last_appointed_at = told;
        genesis.check()
    };
    let checked = read_with(0).unwrap();
    assert_eq!(checked.members[&agent.address].last_appointed_at, second + 1);
    assert!(read_with(second).unwrap_err().to_string().contains("earlier than their appointment"));
}

#[test]
fn who_takes_a_ticket_takes_what_nobody_has_and_what_was_never_theirs() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let [helper, _] = helpers(&mut desk, &admin);
    desk.refuse(&agent, vec![assign(&agent, number, &agent)], "support", 7);
    open_queue(&mut desk, &admin, Params::default());
    desk.refuse(&agent, vec![assign(&agent, number, &helper)], "support", 7);
    desk.refuse(&customer, vec![assign(&customer, number, &customer)], "support", 7);
    desk.must(&agent, vec![assign(&agent, number, &agent)]);
    desk.refuse(&helper, vec![assign(&helper, number, &helper)], "support", 10);
    desk.refuse(&agent, vec![assign(&agent, number, &agent)], "support", 7);
    // What was somebody's as a customer is not theirs to work on.
    let heir = Person::new("heir");
    desk.must(&heir, vec![register(&heir, 0)]);
    desk.must(&admin, vec![transfer(&admin, number, &heir)]);
    desk.must(&admin, vec![transfer(&admin, number, &customer)]);
    desk.must(&agent, vec![resolve(&agent, number)]);
    desk.pass_to(desk.time + 60);
    desk.must(&customer, vec![reopen(&customer, number)]);
    desk.must(&admin, vec![assign_role(&admin, &heir, "support_agent")]);
    desk.refuse(&heir, vec![assign(&heir, number, &heir)], "support", 76);
    desk.must(&customer, vec![close(&customer, number)]);
    desk.refuse(&helper, vec![assign(&helper, number, &helper)], "support", 8);
}

#[test]
fn more_agents_than_an_envelope_has_room_for_block_no_ticket() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let [helper, other] = helpers(&mut desk, &admin);
    // Beside the administrator, the customer and the provider one has room: the first by address.
    open_queue(&mut desk, &admin, Params { max_recipients: 4, ..Params::default() });
    let mut agents = [&agent, &helper, &other];
    agents.sort_by(|a, b| a.text.cmp(&b.text));
    let two = create(&desk, &customer, &[&admin, &customer, agents[0], agents[1]]);
    desk.refuse(&customer, vec![two], "support", 43);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer, agents[0]])]);
    // The same of collaborators: two may read, one has to.
    desk.must(&admin, vec![assign_with(&admin, 1, agents[0], &[agents[1], agents[2]])]);
    for one in &agents[1..] {
        desk.must(&admin, vec![grant(&desk, &admin, 1, 0, &one.fingerprint(0))]);
    }
    let none = respond(&desk, &customer, 1, &[&admin, &customer, agents[0]]);
    desk.refuse(&customer, vec![none], "support", 42);
    desk.must(&customer, vec![respond(&desk, &customer, 1, &[&admin, &customer, agents[0], agents[1]])]);
}

#[test]
fn agents_who_have_no_key_take_no_room_of_the_queue() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let helpers = helpers(&mut desk, &admin);
    for n in 0..4 {
        desk.must(&admin, vec![assign_role(&admin, &Person::new(&format!("keyless {n}")), "support_agent")]);
    }
    let params = Params { max_recipients: 6, ticket_cooldown_seconds: 0, ..Params::default() };
    open_queue(&mut desk, &admin, params);
    let mut staff = vec![&admin, &customer, &agent];
    staff.extend(&helpers);
    let without = create(&desk, &customer, &staff[..4]);
    desk.refuse(&customer, vec![without], "support", 42);
    desk.must(&customer, vec![create(&desk, &customer, &staff)]);
    // Who revokes their only key reads nothing more, and comes back with another.
    let revoke = sealdesk_testkit::scenario::revoke_key(&agent, agent.fingerprint(0));
    desk.must(&agent, vec![revoke]);
    let others = [staff[0], staff[1], staff[3], staff[4]];
    desk.must(&customer, vec![create(&desk, &customer, &others)]);
    desk.must(&agent, vec![register(&agent, 1)]);
    desk.pass_to(desk.time + 61);
    let without = create(&desk, &customer, &others);
    desk.refuse(&customer, vec![without], "support", 42);
}

#[test]
fn any_active_agent_may_be_let_in_and_has_to_be_named() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let [helper, other] = helpers(&mut desk, &admin);
    desk.must(&admin, vec![note(&desk, &admin, number, &[&admin])]);
    desk.refuse(&admin, vec![grant(&desk, &admin, number, 0, &helper.fingerprint(0))], "support", 43);
    for target in [0, 1] {
        desk.must(&admin, vec![let_in(&desk, &admin, number, target, &helper)]);
    }
    desk.must(&customer, vec![let_in(&desk, &customer, number, 0, &agent)]);
    // It opens what it names, and makes nobody a reader of what comes later.
    let with = respond(&desk, &customer, number, &[&admin, &customer, &helper]);
    desk.refuse(&customer, vec![with], "support", 43);
    desk.must(&admin, vec![set_state(&admin, &other, "suspended")]);
    desk.refuse(&admin, vec![let_in(&desk, &admin, number, 0, &other)], "support", 43);
    // A name lets in nobody else's key, and nobody who is not an agent.
    let stranger = Person::new("stranger");
    desk.must(&stranger, vec![register(&stranger, 0)]);
    desk.refuse(&admin, vec![let_in(&desk, &admin, number, 0, &stranger)], "support", 43);
}

#[test]
fn a_note_is_granted_to_no_agent_on_the_other_side_of_the_ticket() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let mut message = sealdesk_testkit::scenario::create_at(&desk, &customer, &[&admin, &customer], 0);
    message.provider_address = agent.text.clone();
    desk.must(&customer, vec![to_any(&message)]);
    desk.must(&admin, vec![note(&desk, &admin, 1, &[&admin])]);
    desk.must(&admin, vec![let_in(&desk, &admin, 1, 0, &agent)]);
    desk.refuse(&admin, vec![let_in(&desk, &admin, 1, 1, &agent)], "support", 43);
    // Nor is one sealed for them in the open queue, and they do not take the ticket.
    open_queue(&mut desk, &admin, Params::default());
    desk.must(&admin, vec![note(&desk, &admin, 1, &[&admin])]);
    desk.refuse(&admin, vec![note(&desk, &admin, 1, &[&admin, &agent])], "support", 43);
    desk.refuse(&agent, vec![assign(&agent, 1, &agent)], "support", 76);
}

#[test]
fn a_note_asks_for_no_agent_of_the_queue_who_is_the_provider_or_was_the_customer() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let heir = Person::new("heir");
    desk.must(&heir, vec![register(&heir, 0)]);
    let mut message = sealdesk_testkit::scenario::create_at(&desk, &customer, &[&admin, &customer], 0);
    message.provider_address = agent.text.clone();
    desk.must(&customer, vec![to_any(&message)]);
    open_queue(&mut desk, &admin, Params::default());
    // Also where an administrator gives the ticket to its provider.
    desk.must(&admin, vec![assign(&admin, 1, &agent)]);
    desk.must(&admin, vec![note(&desk, &admin, 1, &[&admin])]);
    desk.pass_to(desk.time + 61);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer, &agent])]);
    desk.must(&admin, vec![transfer(&admin, 2, &heir)]);
    desk.must(&admin, vec![assign_role(&admin, &customer, "support_agent")]);
    desk.must(&admin, vec![note(&desk, &admin, 2, &[&admin, &agent])]);
    desk.refuse(&admin, vec![note(&desk, &admin, 2, &[&admin, &agent, &customer])], "support", 43);
}

#[test]
fn raising_a_priority_is_an_escalation_and_every_other_change_is_not() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, .. } = cast;
    for (to, name) in [("high", "Escalated"), ("low", "PriorityChanged"), ("low", "PriorityChanged")] {
        let done = desk.must(&admin, vec![priority(&admin, number, to)]);
        let names: Vec<String> = done.events.iter().map(|emitted| emitted.event.type_name()).collect();
        assert_eq!(names, [format!("virtengine.support.v1.EventTicket{name}")]);
    }
}

fn revoke_of(sender: &Person, owner: &Person, key: &Person) -> Any {
    to_any(&MsgRevokeRecipientKey {
        sender: sender.text.clone(),
        key_fingerprint: key.fingerprint(0),
        owner: owner.text.clone(),
    })
}

#[test]
fn keys_of_whoever_is_or_was_staff_are_revoked_and_nobody_elses() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let [helper, _] = helpers(&mut desk, &admin);
    let second = Person::new("second");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&second, vec![register(&second, 0)]);
    desk.refuse(&admin, vec![revoke_of(&admin, &second, &second)], "encryption", 6);
    desk.refuse(&admin, vec![revoke_of(&admin, &customer, &customer)], "encryption", 6);
    desk.refuse(&agent, vec![revoke_of(&agent, &helper, &helper)], "encryption", 6);
    // A former agent's, a former administrator's, and of one who became a listed customer.
    desk.must(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
    desk.must(&admin, vec![assign_role(&admin, &agent, "customer")]);
    desk.must(&admin, vec![revoke_of(&admin, &agent, &agent)]);
    desk.must(&admin, vec![revoke_role(&admin, &second, "administrator")]);
    desk.must(&admin, vec![revoke_of(&admin, &second, &second)]);
    desk.refuse(&admin, vec![revoke_of(&admin, &second, &second)], "encryption", 6);
    // Of an agent by name, and one's own.
    desk.must(&admin, vec![revoke_of(&admin, &helper, &helper)]);
    desk.must(&admin, vec![revoke_of(&admin, &admin, &admin)]);
}

#[test]
fn who_was_staff_is_known_after_an_import() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let [helper, _] = helpers(&mut desk, &admin);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![assign_with(&admin, 1, &agent, &[&helper])]);
    desk.must(&admin, vec![revoke_role(&admin, &helper, "support_agent")]);
    open_queue(&mut desk, &admin, Params { max_recipients: 128, ..Params::default() });
    let name = sealdesk_protocol::ids::ChainId::parse("desk-next").unwrap();
    let export = desk.machine.export(&desk.snapshot(), Some(&name)).unwrap();
    let next = Desk::from_genesis(&export);
    assert_eq!(ticket(&next, 1).collaborators, std::slice::from_ref(&helper.text));
    let again = next.machine.export(&next.snapshot(), None).unwrap();
    assert_eq!(again.app_state.members, export.app_state.members);
    assert_eq!(again.app_state.params, export.app_state.params);
    let record = export.app_state.members.iter().find(|member| member.address == helper.text).unwrap();
    assert!(record.was_staff && record.role.is_empty());
}

#[test]
fn a_genesis_without_sense_in_it_is_refused() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let [helper, other] = helpers(&mut desk, &admin);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![assign_with(&admin, 1, &agent, &[&helper, &other])]);
    let name = sealdesk_protocol::ids::ChainId::parse("desk-next").unwrap();
    let good = desk.machine.export(&desk.snapshot(), Some(&name)).unwrap();
    assert!(good.check().is_ok());
    let bad = |change: &dyn Fn(&mut sealdesk_protocol::genesis::Genesis)| {
        let mut genesis = good.clone();
        change(&mut genesis);
        assert!(genesis.check().is_err());
    };
    bad(&|genesis| genesis.app_state.tickets[0].collaborators.reverse());
    bad(&|genesis| genesis.app_state.tickets[0].collaborators.push(customer.text.clone()));
    bad(&|genesis| genesis.app_state.tickets[0].collaborators = vec![agent.text.clone()]);
    bad(&|genesis| genesis.app_state.tickets[0].collaborators = vec![customer.text.clone()]);
    bad(&|genesis| {
        let ticket = &mut genesis.app_state.tickets[0];
        (ticket.assigned_to, ticket.status) = (String::new(), "open".to_owned());
    });
    bad(&|genesis| genesis.app_state.members[0].was_staff = true);
    bad(&|genesis| {
        genesis.app_state.params.max_recipients = 33;
        genesis.app_state.params.max_envelope_bytes = 16_384;
    });
}
