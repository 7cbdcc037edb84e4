//! What service levels are counted by: a ticket's steps in its own record, and the versions of the documents. Both are whole in the tree, go
//! into exports, and are bounded.

use prost::Message as _;
use sealdesk_protocol::document::{DocumentName, body_digest};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status, Step};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{PublishedBody, PublishedVersions};
use sealdesk_protocol::wire::virtengine::support::v1::{QueryTicketRequest, SupportTicket};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::documents::{Over, publish, remove};
use sealdesk_testkit::scenario::{Cast, assign, cast, close, priority, reopen, resolve, status, ticket_id};

const SLA: Over<'_> = Over { shelf: "public", name: "sla", version: 0 };

fn versions(desk: &Desk, name: &str) -> Option<PublishedVersions> {
    let key = tree::published(&DocumentName::parse(name).unwrap());
    desk.leaves().get(&key).map(|record| PublishedVersions::decode(record.as_slice()).unwrap())
}

fn body(desk: &Desk, name: &str, version: u64) -> Option<Vec<u8>> {
    let key = tree::published_body(&DocumentName::parse(name).unwrap(), version);
    desk.leaves().get(&key).map(|record| PublishedBody::decode(record.as_slice()).unwrap().body)
}

fn ticket(desk: &Desk, number: u64) -> SupportTicket {
    let request = QueryTicketRequest { ticket_id: ticket_id(number) };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}

fn steps(desk: &Desk, number: u64) -> Vec<Step> {
    ticket(desk, number).steps.iter().map(|step| Step::from_wire(step).unwrap()).collect()
}

fn export(desk: &Desk) -> Genesis {
    let chain = ChainId::parse("copy-1").unwrap();
    desk.machine.export(&desk.snapshot(), Some(&chain)).unwrap()
}

#[test]
fn each_version_of_what_is_promised_stays_and_of_other_documents_none_does() {
    let Cast { mut desk, admin, .. } = cast();
    desk.must(&admin, vec![publish(&admin, "sla", 0, "{\"a\":1}")]);
    desk.must(&admin, vec![publish(&admin, "hours", 0, "{}")]);
    desk.pass_to(desk.time + 10);
    desk.must(&admin, vec![publish(&admin, "sla", 1, "{}")]);
    desk.must(&admin, vec![remove(&admin, Over { version: 3, ..SLA })]);
    desk.must(&admin, vec![publish(&admin, "sla", 0, "{}")]);
    desk.must(&admin, vec![remove(&admin, Over { version: 5, ..SLA })]);
    desk.must(&admin, vec![publish(&admin, "sla", 0, "{\"a\":2}")]);
    let record = versions(&desk, "sla").unwrap();
    let told: Vec<_> = record.versions.iter().map(|one| (one.version, one.digest.is_empty())).collect();
    assert_eq!(told, [(1, false), (3, false), (4, true), (5, false), (6, true), (7, false)]);
    assert!(record.versions.iter().map(|one| one.since).is_sorted() && record.dropped == 0);
    assert_eq!(body(&desk, "sla", 1).unwrap(), b"{\"a\":1}", "what was replaced is still there");
    assert_eq!(record.versions[0].digest, body_digest(b"{\"a\":1}"));
    assert_eq!((body(&desk, "sla", 4), versions(&desk, "hours")), (None, None));
}

#[test]
fn the_oldest_of_too_many_versions_goes_with_what_it_says() {
    let Cast { mut desk, admin, .. } = cast();
    for version in 0..260 {
        if version % 60 == 0 {
            desk.pass_to(desk.time + 3_600);
        }
        desk.must(&admin, vec![publish(&admin, "office-hours", version, &format!("{{\"n\":{version}}}"))]);
    }
    let record = versions(&desk, "office-hours").unwrap();
    assert_eq!((record.versions.len(), record.dropped), (256, 4));
    assert_eq!((record.versions[0].version, record.versions[255].version), (5, 260));
    let bodies = desk.leaves().keys().filter(|key| key.starts_with(b"support/published/")).count();
    assert_eq!(bodies, 257, "one list and what each version says");
    assert_eq!((body(&desk, "office-hours", 4), body(&desk, "office-hours", 5).is_some()), (None, true));
    let copy = Desk::from_genesis(&export(&desk));
    assert_eq!(versions(&copy, "office-hours"), versions(&desk, "office-hours"));
    assert_eq!(body(&copy, "office-hours", 5), body(&desk, "office-hours", 5));
}

#[test]
fn a_ticket_says_what_it_was_and_since_when() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, .. } = cast;
    let created = ticket(&desk, number).created_at;
    let before = steps(&desk, number);
    assert_eq!(before[0], Step { at: created, status: Status::Open, priority: before[0].priority });
    if ticket(&desk, number).assigned_to.is_empty() {
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
    }
    desk.must(&agent, vec![status(&agent, number, "in_progress")]);
    desk.must(&agent, vec![priority(&agent, number, "urgent")]);
    desk.must(&agent, vec![status(&agent, number, "pending_customer")]);
    desk.must(&agent, vec![status(&agent, number, "in_progress")]);
    desk.must(&agent, vec![resolve(&agent, number)]);
    desk.pass_to(desk.time + 60);
    desk.must(&admin, vec![reopen(&admin, number)]);
    desk.must(&admin, vec![close(&admin, number)]);
    let all = steps(&desk, number);
    let statuses: Vec<_> = all.iter().map(|step| step.status).collect();
    let end = [
        Status::InProgress,
        Status::InProgress,
        Status::PendingCustomer,
        Status::InProgress,
        Status::Resolved,
        Status::Open,
        Status::Closed,
    ];
    assert!(statuses.ends_with(&end), "{statuses:?}");
    assert!(all.iter().map(|step| step.at).is_sorted());
    assert_eq!(all.last().unwrap().priority, Priority::Urgent);
    let copy = Desk::from_genesis(&export(&desk));
    assert_eq!(ticket(&copy, number).steps, ticket(&desk, number).steps, "an import keeps them");
}

#[test]
fn a_record_keeps_so_many_steps_and_counts_the_others() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, .. } = cast;
    let before = steps(&desk, number).len();
    for n in 0..515 {
        let message = priority(&admin, number, if n % 2 == 0 { "urgent" } else { "low" });
        desk.must(&admin, vec![message]);
    }
    let ticket = ticket(&desk, number);
    assert_eq!(ticket.steps.len(), 512);
    assert_eq!(usize::try_from(ticket.steps_dropped).unwrap(), before + 515 - 512);
    assert!(ticket.steps[0].at > ticket.created_at);
    export(&desk).check().unwrap();
}

#[test]
fn an_import_takes_no_steps_and_no_versions_that_cannot_have_been() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, .. } = cast;
    desk.must(&admin, vec![priority(&admin, number, "urgent")]);
    desk.must(&admin, vec![publish(&admin, "office-hours", 0, "{}")]);
    desk.must(&admin, vec![publish(&admin, "office-hours", 1, "{\"a\":1}")]);
    desk.must(&admin, vec![publish(&admin, "sla", 0, "{}")]);
    desk.must(&admin, vec![remove(&admin, Over { version: 3, ..SLA })]);
    let export = export(&desk);
    export.check().unwrap();
    type Change = fn(&mut Genesis);
    let changes: [(&str, Change); 20] = [
        ("a step before the ticket", |g| g.app_state.tickets[0].steps[0].at -= 1),
        ("a step after its last change", |g| g.app_state.tickets[0].steps.last_mut().unwrap().at += 86_400),
        ("a last step of another status", |g| {
            g.app_state.tickets[0].steps.last_mut().unwrap().status = "closed".to_owned();
        }),
        ("a step of no status", |g| g.app_state.tickets[0].steps[0].status = "lost".to_owned()),
        ("a step that changes nothing", |g| {
            let last = g.app_state.tickets[0].steps.last().unwrap().clone();
            g.app_state.tickets[0].steps.push(last);
        }),
        ("dropped steps where there is room", |g| g.app_state.tickets[0].steps_dropped = 1),
        ("more steps than there can be", |g| {
            let steps = g.app_state.tickets[0].steps.clone();
            g.app_state.tickets[0].steps = steps.into_iter().cycle().take(513).collect();
        }),
        ("a version of another document", |g| g.app_state.published[0].name = "hours".to_owned()),
        ("a document twice", |g| g.app_state.published.push(g.app_state.published[0].clone())),
        ("another order", |g| g.app_state.published.reverse()),
        ("no versions", |g| g.app_state.published[1].versions.clear()),
        ("none of a document that stands there", |g| drop(g.app_state.published.remove(0))),
        ("versions that do not rise", |g| g.app_state.published[0].versions[1].version = 1),
        ("a version 0", |g| g.app_state.published[0].versions[0].version = 0),
        ("a version that was never written", |g| g.app_state.published[1].versions[1].version = 9),
        ("a time that does not rise", |g| g.app_state.published[0].versions[1].since = 1),
        ("a time to come", |g| g.app_state.published[1].versions[1].since += 1_000_000),
        ("a last version that does not stand there", |g| {
            g.app_state.published[0].versions[1].body = Some("{\"a\":2}".to_owned());
        }),
        ("a removal of nothing", |g| g.app_state.published[1].versions[0].body = None),
        ("a body that is not an object", |g| {
            g.app_state.published[0].versions[0].body = Some("[]".to_owned())
        }),
    ];
    for (name, change) in changes {
        let mut changed = export.clone();
        change(&mut changed);
        assert!(changed != export && changed.check().is_err(), "{name}");
    }
    let mut unknown = export.clone();
    unknown.app_state.tickets[0].steps.clear();
    unknown.check().expect("a ledger may begin without knowing what happened before");
}
