//! Documents over time: what replaces what, how many there may be, and how often somebody writes.

use prost::Message as _;
use sealdesk_protocol::genesis::{Appointment, Genesis, Member};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1::ShelfRecord;
use sealdesk_protocol::wire::virtengine::support::v1::{
    Document, PageRequest, QueryDocumentRequest, QueryDocumentsRequest,
};
use sealdesk_store::KeyRange;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::documents::{Over, publish, put, remove, version};
use sealdesk_testkit::scenario::{Cast, assign_role, cast, register, revoke_role, set_state};

const REPLIES: Over<'_> = Over { shelf: "staff", name: "replies", version: 0 };
const MARKS: Over<'_> = Over { shelf: "own", name: "read-marks", version: 0 };

fn document(desk: &Desk, shelf: &str, owner: &str, name: &str) -> Option<Document> {
    let request = QueryDocumentRequest { shelf: shelf.into(), owner: owner.into(), name: name.into() };
    desk.machine.document(&desk.snapshot(), &request).ok()?.document
}

#[test]
fn of_two_who_write_over_one_version_the_second_is_told_and_nothing_is_lost() {
    let Cast { mut desk, admin, agent, .. } = cast();
    let staff = [&admin, &agent];
    let first = put(&desk, &agent, REPLIES, &staff);
    desk.must(&agent, vec![first]);
    let (by_admin, by_agent) = (Over { version: 1, ..REPLIES }, Over { version: 1, ..REPLIES });
    let message = put(&desk, &admin, by_admin, &staff);
    desk.must(&admin, vec![message]);
    let kept = document(&desk, "staff", "", "replies").unwrap();
    let message = put(&desk, &agent, by_agent, &staff);
    desk.refuse(&agent, vec![message], "support", 45);
    // Whoever knows of none writes over none.
    let message = put(&desk, &agent, REPLIES, &staff);
    desk.refuse(&agent, vec![message], "support", 45);
    assert_eq!(document(&desk, "staff", "", "replies").unwrap(), kept);
    let message = put(&desk, &agent, Over { version: 2, ..REPLIES }, &staff);
    desk.must(&agent, vec![message]);
    let head = document(&desk, "staff", "", "replies").unwrap().head.unwrap();
    assert_eq!((head.version, head.updated_by), (3, agent.text.clone()));
    let contents = desk.snapshot();
    let contents = contents.scan_side(&KeyRange::prefix(side::DOCUMENTS)).unwrap();
    assert_eq!(contents.count(), 1, "what stood there before is gone");
}

#[test]
fn a_version_that_was_never_comes_back_under_its_name() {
    let Cast { mut desk, customer, .. } = cast();
    let message = put(&desk, &customer, MARKS, &[&customer]);
    desk.must(&customer, vec![message]);
    desk.must(&customer, vec![remove(&customer, Over { version: 1, ..MARKS })]);
    assert_eq!(document(&desk, "own", &customer.text, "read-marks"), None);
    let message = put(&desk, &customer, MARKS, &[&customer]);
    desk.must(&customer, vec![message]);
    assert_eq!(version(&desk, "own", &customer.text, "read-marks"), 3);
    let message = put(&desk, &customer, Over { version: 1, ..MARKS }, &[&customer]);
    desk.refuse(&customer, vec![message], "support", 45);
}

#[test]
fn the_sixty_first_write_of_an_hour_waits_and_shelves_are_counted_apart() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let mut began = 0;
    for n in 0..60 {
        let message = put(&desk, &admin, Over { version: n, ..MARKS }, &[&admin]);
        desk.must(&admin, vec![message]);
        began = if n == 0 { desk.time } else { began };
    }
    let over = Over { version: 60, ..MARKS };
    let message = put(&desk, &admin, over, &[&admin]);
    desk.refuse(&admin, vec![message], "support", 12);
    desk.refuse(&admin, vec![remove(&admin, over)], "support", 12);
    desk.must(&admin, vec![publish(&admin, "hours", 0, "{}")]);
    let message = put(&desk, &admin, REPLIES, &[&admin, &agent]);
    desk.must(&admin, vec![message]);
    let message = put(&desk, &customer, MARKS, &[&customer]);
    desk.must(&customer, vec![message]);
    desk.pass_to(began + 3_598);
    let message = put(&desk, &admin, over, &[&admin]);
    desk.refuse(&admin, vec![message], "support", 12);
    let message = put(&desk, &admin, over, &[&admin]);
    desk.must(&admin, vec![message]);
}

#[test]
fn a_shelf_holds_so_many_and_its_record_counts_them() {
    let Cast { mut desk, admin, agent, customer, .. } = cast();
    let own: Vec<String> = (0..16).map(|n| format!("own-{n}")).collect();
    for name in &own {
        let message = put(&desk, &customer, Over { name, ..MARKS }, &[&customer]);
        desk.must(&customer, vec![message]);
    }
    let message = put(&desk, &customer, MARKS, &[&customer]);
    desk.refuse(&customer, vec![message], "support", 48);
    let message = put(&desk, &customer, Over { name: &own[0], version: 1, ..MARKS }, &[&customer]);
    desk.must(&customer, vec![message]);
    desk.must(&customer, vec![remove(&customer, Over { name: &own[1], version: 2, ..MARKS })]);
    let message = put(&desk, &customer, MARKS, &[&customer]);
    desk.must(&customer, vec![message]);
    for n in 0..32 {
        desk.must(&admin, vec![publish(&admin, &format!("page-{n}"), 0, "{}")]);
    }
    desk.refuse(&admin, vec![publish(&admin, "page", 0, "{}")], "support", 48);
    for n in 0..64 {
        let name = format!("staff-{n}");
        if n == 60 {
            desk.pass_to(desk.time + 3_600);
        }
        let message = put(&desk, &agent, Over { name: &name, ..REPLIES }, &[&admin, &agent]);
        desk.must(&agent, vec![message]);
    }
    let message = put(&desk, &agent, REPLIES, &[&admin, &agent]);
    desk.refuse(&agent, vec![message], "support", 48);
    let mut counts = Vec::new();
    for entry in desk.snapshot().scan(&KeyRange::prefix(tree::SHELVES)).unwrap() {
        let record = ShelfRecord::decode(entry.unwrap().1.as_slice()).unwrap();
        counts.push((record.documents, record.last_version));
    }
    assert_eq!(counts, [(16, 19), (32, 32), (64, 64)], "own, public, staff");
}

#[test]
fn a_shelf_is_paged_by_name_and_shows_nobody_elses() {
    let Cast { mut desk, admin, customer, .. } = cast();
    for (who, name) in [(&customer, "b"), (&customer, "a"), (&admin, "c"), (&customer, "a.1")] {
        let message = put(&desk, who, Over { name, ..MARKS }, &[who]);
        desk.must(who, vec![message]);
    }
    let mut names = Vec::new();
    let mut cursor = Vec::new();
    loop {
        let page = Some(PageRequest { cursor, limit: 2, reverse: false });
        let request = QueryDocumentsRequest { shelf: "own".to_owned(), owner: customer.text.clone(), page };
        let answer = desk.machine.documents(&desk.snapshot(), &request).unwrap();
        assert!(answer.documents.len() <= 2);
        names.extend(answer.documents.into_iter().map(|document| {
            assert!(document.envelope.is_some() && document.body.is_empty());
            document.head.unwrap().name
        }));
        cursor = answer.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(names, ["a", "a.1", "b"]);
    for (shelf, owner) in [("own", ""), ("staff", customer.text.as_str()), ("mine", "")] {
        let request = QueryDocumentsRequest { shelf: shelf.to_owned(), owner: owner.to_owned(), page: None };
        assert!(desk.machine.documents(&desk.snapshot(), &request).is_err(), "{shelf} of {owner}");
    }
}

#[test]
fn who_joins_or_leaves_the_staff_reads_from_that_transaction_on_or_no_more() {
    let Cast { mut desk, admin, agent, customer: newcomer } = cast();
    let both = [&admin, &agent];
    let message = put(&desk, &agent, REPLIES, &both);
    desk.must(&agent, vec![message]);
    // The document is the second message of its transaction, which its envelope says.
    let again = |desk: &Desk, version, people: &[&sealdesk_testkit::people::Person]| {
        sealdesk_testkit::documents::put_at(desk, &admin, Over { version, ..REPLIES }, people, 1)
    };
    let message = again(&desk, 1, &[&admin, &agent, &newcomer]);
    desk.refuse(&admin, vec![set_state(&admin, &newcomer, "suspended"), message], "support", 43);
    let message = again(&desk, 1, &[&admin, &agent, &newcomer]);
    desk.must(&admin, vec![assign_role(&admin, &newcomer, "support_agent"), message]);
    let message = again(&desk, 2, &[&admin, &agent, &newcomer]);
    desk.refuse(&admin, vec![revoke_role(&admin, &agent, "support_agent"), message], "support", 43);
    let message = again(&desk, 2, &[&admin, &newcomer]);
    desk.must(&admin, vec![revoke_role(&admin, &agent, "support_agent"), message]);
    desk.must(&agent, vec![register(&agent, 1)]);
    let message = put(&desk, &newcomer, Over { version: 3, ..REPLIES }, &[&admin, &newcomer]);
    desk.must(&newcomer, vec![message]);
}

#[test]
fn an_import_takes_no_document_and_no_appointment_that_nobody_made() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let message = put(&desk, &agent, REPLIES, &[&admin, &agent]);
    desk.must(&agent, vec![message]);
    let message = put(&desk, &customer, MARKS, &[&customer]);
    desk.must(&customer, vec![message]);
    desk.must(&admin, vec![publish(&admin, "hours", 0, "{}")]);
    let chain = ChainId::parse("copy-1").unwrap();
    let export = desk.machine.export(&desk.snapshot(), Some(&chain)).unwrap();
    export.check().unwrap();
    fn appointment(genesis: &mut Genesis) -> &mut Appointment {
        let mut members = genesis.app_state.members.iter_mut();
        members.find_map(|member| member.appointment.as_mut()).unwrap()
    }
    fn agent_of(genesis: &mut Genesis) -> &mut Member {
        genesis.app_state.members.iter_mut().find(|member| member.appointment.is_some()).unwrap()
    }
    type Change = fn(&mut Genesis);
    let changes: [(&str, Change); 17] = [
        ("a signature with a bit flipped", |g| appointment(g).account_signature[9] ^= 1),
        ("a time that was not signed", |g| appointment(g).made -= 1),
        ("a circle that there never was", |g| appointment(g).position += 1),
        ("a ledger before that there never was", |g| appointment(g).appointed_on = "00".repeat(32)),
        ("the new ledger, for which nobody signed", |g| appointment(g).appointed_on.clear()),
        ("somebody else who appointed", |g| agent_of(g).assigned_by = agent_of(g).address.clone()),
        ("another role than was signed", |g| agent_of(g).role = "gateway".to_owned()),
        ("an appointed customer", |g| agent_of(g).role = "customer".to_owned()),
        ("an own document of another owner", |g| {
            g.app_state.documents[0].owner = agent_of(g).address.clone()
        }),
        ("a public document that is no object", |g| g.app_state.documents[1].body = Some("[]".to_owned())),
        ("a public document that is sealed", |g| {
            g.app_state.documents[1].payload = g.app_state.documents[2].payload.clone();
        }),
        ("a document of another sequence", |g| {
            g.app_state.documents[2].payload.as_mut().unwrap().context.sequence += 1;
        }),
        ("a document under another name", |g| g.app_state.documents[2].name = "tags".to_owned()),
        ("a document twice", |g| g.app_state.documents.push(g.app_state.documents[2].clone())),
        ("a version that was never written", |g| g.app_state.documents[2].version = 2),
        ("a shelf without a record", |g| drop(g.app_state.shelves.pop())),
        ("more writes than an hour has", |g| g.app_state.document_writers[0].public = vec![1; 61]),
    ];
    for (name, change) in changes {
        let mut changed = export.clone();
        change(&mut changed);
        assert!(changed != export && changed.check().is_err(), "{name}");
    }
    // What nobody signed comes in, and does not count.
    let mut unsigned = export.clone();
    agent_of(&mut unsigned).appointment = None;
    let mut copy = Desk::from_genesis(&unsigned);
    copy.pass_to(copy.time + 1);
    copy.must(&admin, vec![assign_role(&admin, &agent, "support_agent")]);
    copy.refuse(&admin, vec![assign_role(&admin, &agent, "support_agent")], "roles", 7);
    let mut signed = Desk::from_genesis(&export);
    signed.refuse(&admin, vec![assign_role(&admin, &agent, "support_agent")], "roles", 7);
}
