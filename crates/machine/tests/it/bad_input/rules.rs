//! Messages of good form that the desk's rules refuse: permission, state, limits.

use prost::Message as _;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_testkit::files::{create_with, files, respond_with};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    assign, assign_role, close, create, create_at, grant, link, note, priority, propose, rate, rate_with,
    register, reopen, resolve, respond, respond_wire, revoke_key, revoke_role, set_state, snooze, status,
    ticket_id, transfer, update_params,
};

use super::Builder;

pub(super) fn build(b: &mut Builder<'_>) {
    permissions(b);
    states(b);
    assignments(b);
    transfers(b);
    ratings(b);
    links(b);
    roles(b);
    limits(b);
    attachments(b);
}

fn permissions(b: &mut Builder<'_>) {
    let [admin, agent, customer, other, suspended] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other, &b.stage.suspended]
            .map(Clone::clone);
    for (who, name) in [(&other, "another customer"), (&suspended, "a suspended account")] {
        b.rule(format!("{name} assigns"), who, assign(who, 1, &agent), ("support", 7));
        b.rule(format!("{name} starts work"), who, status(who, 2, "in_progress"), ("support", 7));
        b.rule(format!("{name} sets a priority"), who, priority(who, 1, "high"), ("support", 7));
        b.rule(format!("{name} resolves"), who, resolve(who, 2), ("support", 7));
        b.rule(format!("{name} transfers"), who, transfer(who, 1, &agent), ("support", 7));
        b.rule(format!("{name} links"), who, link(who, 1, "related", 2, false), ("support", 7));
        b.rule(format!("{name} rates"), who, rate(who, 3, 1), ("support", 7));
        b.rule(format!("{name} puts aside"), who, snooze(who, 2, 0), ("support", 7));
        b.rule(format!("{name} closes"), who, close(who, 1), ("support", 7));
        b.rule(format!("{name} reopens"), who, reopen(who, 4), ("support", 7));
        let message = respond(&b.stage.desk, who, 1, &[&admin, &customer]);
        b.rule(format!("{name} responds"), who, message, ("support", 7));
        let message = grant(&b.stage.desk, who, 1, 0, &admin.fingerprint(0));
        b.rule(format!("{name} grants"), who, message, ("support", 7));
        b.rule(
            format!("{name} changes parameters"),
            who,
            update_params(who, &Params::default()),
            ("support", 7),
        );
    }
    for (name, message) in [
        ("assigns", assign(&customer, 1, &agent)),
        ("resolves", resolve(&customer, 2)),
        ("sets a priority", priority(&customer, 1, "urgent")),
        ("starts work", status(&customer, 2, "in_progress")),
        ("notes", note(&b.stage.desk, &customer, 2, &[&admin, &agent])),
    ] {
        b.rule(format!("the customer {name}"), &customer, message, ("support", 7));
    }
    for (name, message) in [
        ("creates", create(&b.stage.desk, &agent, &[&admin, &agent])),
        ("assigns", assign(&agent, 2, &admin)),
        ("closes", close(&agent, 2)),
        ("reopens", reopen(&agent, 3)),
        ("resolves what he has not", resolve(&agent, 1)),
        ("responds to what he has not", respond(&b.stage.desk, &agent, 1, &[&admin, &customer])),
    ] {
        b.rule(format!("the agent {name}"), &agent, message, ("support", 7));
    }
    let message = create(&b.stage.desk, &admin, &[&admin]);
    b.rule("the administrator creates", &admin, message, ("support", 7));
}

fn states(b: &mut Builder<'_>) {
    let [admin, agent, customer] = [&b.stage.admin, &b.stage.agent, &b.stage.customer].map(Clone::clone);
    b.rule("a ticket that does not exist", &admin, close(&admin, 6), ("support", 1));
    b.rule("the last ticket there is", &admin, close(&admin, u64::MAX), ("support", 1));
    b.rule("to resolve an open ticket", &admin, resolve(&admin, 1), ("support", 9));
    b.rule("to start work on an open ticket", &admin, status(&admin, 1, "in_progress"), ("support", 9));
    b.rule(
        "to await the customer of an open ticket",
        &admin,
        status(&admin, 1, "pending_customer"),
        ("support", 9),
    );
    b.rule("to start what is in progress", &agent, status(&agent, 2, "in_progress"), ("support", 4));
    b.rule("to await whom one awaits", &agent, status(&agent, 5, "pending_customer"), ("support", 4));
    b.rule("to resolve what is resolved", &agent, resolve(&agent, 3), ("support", 15));
    b.rule("to assign what is resolved", &admin, assign(&admin, 3, &admin), ("support", 15));
    b.rule("to start work on what is resolved", &agent, status(&agent, 3, "in_progress"), ("support", 15));
    let message = respond(&b.stage.desk, &agent, 3, &[&admin, &agent, &customer]);
    b.rule("staff responds to what is resolved", &agent, message, ("support", 15));
    b.rule("to reopen what is open", &customer, reopen(&customer, 1), ("support", 16));
    b.rule("to reopen what is in progress", &customer, reopen(&customer, 2), ("support", 16));
    for (name, message) in [
        ("close", close(&admin, 4)),
        ("assign", assign(&admin, 4, &agent)),
        ("resolve", resolve(&admin, 4)),
        ("set the priority of", priority(&admin, 4, "low")),
        ("note on", note(&b.stage.desk, &admin, 4, &[&admin])),
    ] {
        b.rule(format!("to {name} what is closed"), &admin, message, ("support", 8));
    }
    let message = respond(&b.stage.desk, &customer, 4, &[&admin, &customer]);
    b.rule("to respond to what is closed", &customer, message, ("support", 8));
}

fn assignments(b: &mut Builder<'_>) {
    let [admin, agent, customer, other, suspended] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other, &b.stage.suspended]
            .map(Clone::clone);
    b.rule("to the ticket's own customer", &admin, assign(&admin, 1, &customer), ("support", 21));
    b.rule("to the present assignee", &admin, assign(&admin, 2, &agent), ("support", 10));
    b.rule("to a customer", &admin, assign(&admin, 1, &other), ("support", 7));
    b.rule("to a suspended account", &admin, assign(&admin, 1, &suspended), ("support", 7));
    for count in [0, 1, 3, u32::MAX] {
        let message = wire::MsgAssignTicket {
            sender: admin.address.to_string(),
            ticket_id: ticket_id(2),
            assign_to: admin.address.to_string(),
            response_count: count,
            check_count: true,
            collaborators: Vec::new(),
        };
        b.rule(format!("with {count} responses expected"), &admin, to_any(&message), ("support", 40));
    }
}

fn transfers(b: &mut Builder<'_>) {
    let [admin, agent, customer, other, suspended] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other, &b.stage.suspended]
            .map(Clone::clone);
    let keyless = Person::new("nobody of this ledger");
    for (name, to, code) in [
        ("to the customer whose it is", &customer, 51),
        ("to an administrator", &admin, 52),
        ("to an agent", &agent, 52),
        ("to a suspended account", &suspended, 52),
        ("to an account without a key", &keyless, 52),
    ] {
        b.rule(format!("transferred {name}"), &admin, transfer(&admin, 1, to), ("support", code));
    }
    b.rule("an agent transfers their ticket", &agent, transfer(&agent, 2, &other), ("support", 7));
    b.rule("a customer transfers their ticket", &customer, transfer(&customer, 1, &other), ("support", 7));
    b.rule("a ticket that is not there is transferred", &admin, transfer(&admin, 99, &other), ("support", 1));
    let message = wire::MsgTransferTicket {
        sender: admin.address.to_string(),
        ticket_id: ticket_id(2),
        new_customer: other.address.to_string(),
        response_count: 1,
        check_count: true,
        ..Default::default()
    };
    b.rule("transferred with 1 response expected", &admin, to_any(&message), ("support", 40));
}

fn links(b: &mut Builder<'_>) {
    let [admin, agent, customer] = [&b.stage.admin, &b.stage.agent, &b.stage.customer].map(Clone::clone);
    let related = |who: &Person, one, other, remove| link(who, one, "related", other, remove);
    b.rule("an agent links another's ticket to theirs", &agent, related(&agent, 1, 2, false), ("support", 7));
    b.rule("an agent links theirs to another's ticket", &agent, related(&agent, 2, 1, false), ("support", 7));
    b.rule("a customer links their tickets", &customer, related(&customer, 1, 2, false), ("support", 7));
    b.rule("a link to a ticket that is not there", &admin, related(&admin, 1, 99, false), ("support", 1));
    b.rule("a link that is not there is taken back", &admin, related(&admin, 1, 2, true), ("support", 58));
}

fn ratings(b: &mut Builder<'_>) {
    let [admin, agent, customer] = [&b.stage.admin, &b.stage.agent, &b.stage.customer].map(Clone::clone);
    b.rule("an agent rates", &agent, rate(&agent, 3, 5), ("support", 7));
    b.rule("an administrator rates", &admin, rate(&admin, 3, 5), ("support", 7));
    b.rule("an open ticket is rated", &customer, rate(&customer, 1, 5), ("support", 20));
    b.rule("a ticket that was closed unresolved is rated", &customer, rate(&customer, 4, 5), ("support", 20));
    let message = rate_with(&b.stage.desk, &customer, 3, 5, &[&customer]);
    b.rule("a comment that no administrator can read", &customer, message, ("support", 42));
}

fn roles(b: &mut Builder<'_>) {
    let [admin, agent, customer, other, suspended] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other, &b.stage.suspended]
            .map(Clone::clone);
    for (name, who) in [("a customer", &other), ("an agent", &agent), ("a suspended account", &suspended)] {
        b.rule(format!("{name} gives a role"), who, assign_role(who, &other, "administrator"), ("roles", 4));
        b.rule(format!("{name} takes a role"), who, revoke_role(who, &admin, "administrator"), ("roles", 4));
        b.rule(format!("{name} suspends"), who, set_state(who, &admin, "suspended"), ("roles", 4));
    }
    b.rule(
        "a suspended account restores itself",
        &suspended,
        set_state(&suspended, &suspended, "active"),
        ("roles", 4),
    );
    b.rule("a suspended account registers a key", &suspended, register(&suspended, 0), ("encryption", 10));
    b.rule("the same role again", &admin, assign_role(&admin, &agent, "support_agent"), ("roles", 7));
    b.rule("a second role", &admin, assign_role(&admin, &agent, "customer"), ("roles", 5));
    b.rule(
        "a role for a suspended account",
        &admin,
        assign_role(&admin, &suspended, "customer"),
        ("roles", 13),
    );
    b.rule("a role that he has not", &admin, revoke_role(&admin, &customer, "support_agent"), ("roles", 6));
    b.rule(
        "the last administrator goes",
        &admin,
        revoke_role(&admin, &admin, "administrator"),
        ("roles", 11),
    );
    b.rule(
        "terminated without a day of suspension",
        &admin,
        set_state(&admin, &other, "terminated"),
        ("roles", 20),
    );
    b.rule(
        "terminated within a day of suspension",
        &admin,
        set_state(&admin, &suspended, "terminated"),
        ("roles", 20),
    );
    b.rule(
        "an administrator a second time",
        &admin,
        assign_role(&admin, &admin, "administrator"),
        ("roles", 7),
    );
    b.rule(
        "an administrator who is none",
        &admin,
        revoke_role(&admin, &agent, "administrator"),
        ("roles", 6),
    );
    b.rule("the own state", &admin, set_state(&admin, &admin, "suspended"), ("roles", 10));
    b.rule("the same state again", &admin, set_state(&admin, &suspended, "suspended"), ("roles", 8));
    b.rule("active as before", &admin, set_state(&admin, &other, "active"), ("roles", 8));
    b.rule("somebody else's key", &other, revoke_key(&other, customer.fingerprint(0)), ("encryption", 6));
    b.rule(
        "an administrator revokes a customer's key",
        &admin,
        revoke_key(&admin, other.fingerprint(0)),
        ("encryption", 6),
    );
    b.rule("a key that nobody has", &other, revoke_key(&other, "0".repeat(40)), ("encryption", 6));
    b.rule("a key registered before", &other, register(&other, 0), ("encryption", 5));
    appointments(b);
    validators(b);
}

/// Of an agent or a gateway: without the member's signature, or by another one.
fn appointments(b: &mut Builder<'_>) {
    let [admin, agent, other] = [&b.stage.admin, &b.stage.agent, &b.stage.other].map(Clone::clone);
    let signed = |b: &Builder<'_>, role: &str| {
        let message = b.stage.desk.complete(&admin, assign_role(&admin, &other, role));
        roles::MsgAssignRole::decode(message.value.as_slice()).unwrap()
    };
    type Change = fn(&mut roles::MsgAssignRole);
    let changes: [(&str, Change, u32); 6] = [
        ("with a bit of its signature flipped", |m| m.account_signature[9] ^= 1, 15),
        ("by another account's key", |m| m.account_pub_key = Person::new("other").public.to_vec(), 15),
        ("made a second before", |m| m.made -= 1, 15),
        ("made in the future", |m| m.made += 9, 16),
        ("made more than an hour ago", |m| m.made -= 3_700, 16),
        ("made never", |m| m.made = 0, 16),
    ];
    for role in ["support_agent", "gateway"] {
        for (name, change, code) in changes {
            let mut message = signed(b, role);
            change(&mut message);
            b.rule(format!("the role {role} {name}"), &admin, to_any(&message), ("roles", code));
        }
        let swapped = if role == "gateway" { "support_agent" } else { "gateway" };
        let message = roles::MsgAssignRole { role: swapped.to_owned(), ..signed(b, role) };
        b.rule(
            format!("the role {swapped} by a signature for {role}"),
            &admin,
            to_any(&message),
            ("roles", 15),
        );
        let message = roles::MsgAssignRole {
            address: agent.text.clone(),
            role: "gateway".to_owned(),
            ..signed(b, role)
        };
        b.rule(
            format!("a gateway who is an agent, signed for {role}"),
            &admin,
            to_any(&message),
            ("roles", 5),
        );
        let message = roles::MsgAssignRole { change: 1, ..signed(b, role) };
        b.field(format!("the role {role} as a change of the circle"), &admin, to_any(&message), ("sdk", 18));
        let message = roles::MsgAssignRole { account_signature: vec![1; 63], ..signed(b, role) };
        b.field(format!("the role {role} with a short signature"), &admin, to_any(&message), ("roles", 15));
    }
    let message = roles::MsgAssignRole { role: "customer".to_owned(), ..signed(b, "gateway") };
    b.field("the role customer with a signature", &admin, to_any(&message), ("sdk", 18));
    b.rule("an agent lists a customer", &agent, assign_role(&agent, &other, "customer"), ("roles", 4));
}

fn validators(b: &mut Builder<'_>) {
    let [admin, agent, other] = [&b.stage.admin, &b.stage.agent, &b.stage.other].map(Clone::clone);
    let own = Person::new("validator").verify_key(0);
    let another = Person::new("another validator").verify_key(0);
    for (who, name) in [(&other, "a customer"), (&agent, "an agent")] {
        b.rule(format!("a validator by {name}"), who, propose(who, another.as_bytes(), 1), ("sdk", 4));
    }
    b.rule("a validator who is one already", &admin, propose(&admin, own.as_bytes(), 1), ("sdk", 18));
    b.rule("a validator removed who is none", &admin, propose(&admin, another.as_bytes(), 0), ("sdk", 18));
    b.rule("the last validator removed", &admin, propose(&admin, own.as_bytes(), 0), ("sdk", 18));
}

fn limits(b: &mut Builder<'_>) {
    let [admin, customer, other] = [&b.stage.admin, &b.stage.customer, &b.stage.other].map(Clone::clone);
    let message = create(&b.stage.desk, &customer, &[&admin, &customer]);
    b.rule("a sixth ticket on one day", &customer, message, ("support", 12));
    for category in ["", "gossip", "Technical", "technical ", "technical\0"] {
        let mut message = create_at(&b.stage.desk, &other, &[&admin, &other], 0);
        message.category = category.to_owned();
        let shown: String = category.chars().flat_map(char::escape_default).collect();
        b.rule(format!("category '{shown}'"), &other, to_any(&message), ("support", 19));
    }
    let mut messages = vec![create(&b.stage.desk, &other, &[&admin, &other])];
    messages.push(to_any(&create_at(&b.stage.desk, &other, &[&admin, &other], 1)));
    let tx = b.stage.desk.tx(&other, messages);
    b.add("two tickets in one transaction".to_owned(), tx, ("support", 12), &[&other]);
    let five: Vec<_> = (1..6).map(|n| register(&other, n)).collect();
    let tx = b.stage.desk.tx(&other, five);
    b.add("a sixth active key".to_owned(), tx, ("encryption", 7), &[&other]);
    let fresh: Vec<_> =
        (1..6).flat_map(|n| [register(&other, n), revoke_key(&other, other.fingerprint(n))]).collect();
    let tx = b.stage.desk.tx(&other, fresh);
    b.add("a sixth registration on one day".to_owned(), tx, ("encryption", 8), &[&other]);
}

/// Files that are files, and that the desk does not take.
fn attachments(b: &mut Builder<'_>) {
    let [admin, customer, other] = [&b.stage.admin, &b.stage.customer, &b.stage.other].map(Clone::clone);
    let message = create_at(&b.stage.desk, &other, &[&admin, &other], 0);
    let large = create_with(message, files(&[25 << 20]));
    b.rule("a file larger than a file may be", &other, large, ("support", 63));
    let message = respond_wire(&b.stage.desk, &customer, 1, &[&admin, &customer], false);
    let large = respond_with(message, files(&[100, 25 << 20]));
    b.rule("an answer with a file larger than a file may be", &customer, large, ("support", 63));
    let message = create_at(&b.stage.desk, &other, &[&admin, &other], 0);
    let mut envelope = message.encrypted_payload.clone().unwrap();
    envelope.client_signature[0] ^= 1;
    let broken = wire::MsgCreateTicket { encrypted_payload: Some(envelope), ..message };
    let broken = create_with(broken, files(&[100]));
    b.rule("good files beside a broken envelope", &other, broken, ("support", 11));
}
