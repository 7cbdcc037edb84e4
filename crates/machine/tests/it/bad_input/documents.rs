//! Documents: their form, who may write them, over what, how often, and for whom.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::MsgPutDocument;
use sealdesk_testkit::documents::{Over, blank, publish, put, remove, sealed};
use sealdesk_testkit::forge::{self, Place};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::readers;

use super::Builder;

const REPLIES: Over<'_> = Over { shelf: "staff", name: "replies", version: 0 };
const MARKS: Over<'_> = Over { shelf: "own", name: "read-marks", version: 0 };

pub(super) fn build(b: &mut Builder<'_>) {
    forms(b);
    bodies(b);
    permissions(b);
    versions(b);
    named_readers(b);
    places(b);
}

fn forms(b: &mut Builder<'_>) {
    let (agent, admin) = (b.stage.agent.clone(), b.stage.admin.clone());
    for name in ["", "Replies", "a b", "a/b", "a_b", "é", "a\0", "..//", &"a".repeat(33)] {
        let shown: String = name.chars().take(12).flat_map(char::escape_default).collect();
        let message = to_any(&sealed(&b.stage.desk, &agent, Over { name, ..REPLIES }, &[&admin, &agent]));
        b.field(format!("name '{shown}' of {} bytes", name.len()), &agent, message, ("support", 47));
    }
    for shelf in ["", "Staff", "staff/", "everyone", "own/staff"] {
        let message = to_any(&blank(&agent, Over { shelf, ..REPLIES }));
        b.field(format!("shelf '{shelf}'"), &agent, message, ("support", 47));
    }
    let good = sealed(&b.stage.desk, &agent, REPLIES, &[&admin, &agent]);
    let body = b"{}".to_vec();
    let remove = MsgPutDocument { base_version: 1, remove: true, ..blank(&agent, REPLIES) };
    for (name, message) in [
        ("a sealed document with a body", MsgPutDocument { body: body.clone(), ..good.clone() }),
        ("a public document with an envelope", MsgPutDocument { shelf: "public".to_owned(), ..good.clone() }),
        (
            "a public document with both",
            MsgPutDocument { shelf: "public".to_owned(), body: body.clone(), ..good.clone() },
        ),
        ("a removal of version 0", MsgPutDocument { base_version: 0, ..remove.clone() }),
        ("a removal with a body", MsgPutDocument { body, ..remove.clone() }),
        ("a removal with an envelope", MsgPutDocument { envelope: good.envelope, ..remove }),
    ] {
        b.field(name, &agent, to_any(&message), ("support", 47));
    }
}

fn bodies(b: &mut Builder<'_>) {
    let admin = b.stage.admin.clone();
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(16_384 - 7));
    for (name, body) in [
        ("nothing", ""),
        ("a list", "[1]"),
        ("a text", "\"open\""),
        ("half an object", "{\"a\":"),
        ("two objects", "{}{}"),
        ("a comment", "{/* */}"),
        ("a control character in a text", "{\"a\":\"\u{1}\"}"),
        ("a byte order mark", "\u{feff}{}"),
        ("16,385 bytes", long.as_str()),
    ] {
        let message = publish(&admin, "hours", 0, body);
        b.field(format!("a public document of {name}"), &admin, message, ("support", 47));
    }
    let over = Over { shelf: "public", name: "hours", version: 0 };
    let message = MsgPutDocument { body: b"{\"a\":\"\xff\"}".to_vec(), ..blank(&admin, over) };
    b.field("a public document that is not UTF-8", &admin, to_any(&message), ("support", 47));
}

fn permissions(b: &mut Builder<'_>) {
    let [admin, agent, customer, suspended] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.suspended].map(Clone::clone);
    let message = put(&b.stage.desk, &customer, REPLIES, &[&admin, &agent]);
    b.rule("a customer writes for the staff", &customer, message, ("support", 7));
    let over = Over { name: "admin.tags", ..REPLIES };
    let message = put(&b.stage.desk, &agent, over, &[&admin, &agent]);
    b.rule("an agent writes what administrators write", &agent, message, ("support", 7));
    for (name, who) in [("a customer", &customer), ("an agent", &agent)] {
        b.rule(format!("{name} publishes"), who, publish(who, "hours", 0, "{}"), ("support", 7));
    }
    let message = put(&b.stage.desk, &suspended, MARKS, &[&suspended]);
    b.rule("a suspended account writes for itself", &suspended, message, ("support", 7));
}

fn versions(b: &mut Builder<'_>) {
    let [admin, agent, customer] = [&b.stage.admin, &b.stage.agent, &b.stage.customer].map(Clone::clone);
    for version in [1, u64::MAX] {
        let over = Over { version, ..REPLIES };
        let message = put(&b.stage.desk, &agent, over, &[&admin, &agent]);
        b.rule(format!("over version {version} where there is none"), &agent, message, ("support", 45));
        b.rule(
            format!("version {version} is removed where there is none"),
            &agent,
            remove(&agent, over),
            ("support", 45),
        );
    }
    let over = Over { version: 3, ..MARKS };
    let message = put(&b.stage.desk, &customer, over, &[&customer]);
    b.rule("an own document over what is not there", &customer, message, ("support", 45));
}

fn named_readers(b: &mut Builder<'_>) {
    let [admin, agent, customer, other] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other].map(Clone::clone);
    let cases: [(&str, &Person, Over<'_>, &[&Person], u32); 7] = [
        ("for the staff without an administrator", &agent, REPLIES, &[&agent], 42),
        ("for the staff without an agent", &agent, REPLIES, &[&admin], 42),
        ("for the staff and a customer", &agent, REPLIES, &[&admin, &agent, &customer], 43),
        ("for oneself without oneself", &customer, MARKS, &[&admin], 42),
        ("for oneself and an administrator", &customer, MARKS, &[&admin, &customer], 43),
        ("for oneself and another customer", &customer, MARKS, &[&customer, &other], 43),
        ("by an administrator for oneself and an agent", &admin, MARKS, &[&admin, &agent], 43),
    ];
    for (name, who, over, people, code) in cases {
        let message = put(&b.stage.desk, who, over, people);
        b.rule(format!("a document {name}"), who, message, ("support", code));
    }
    for (over, who) in [(REPLIES, &agent), (MARKS, &customer)] {
        let message = to_any(&blank(who, over));
        b.rule(format!("a document of {} without envelope", over.shelf), who, message, ("support", 11));
    }
    let mut message = sealed(&b.stage.desk, &customer, MARKS, &[&customer]);
    message.envelope.as_mut().unwrap().payload_ciphertext[99] ^= 1;
    b.rule("a document with a bit of its ciphertext flipped", &customer, to_any(&message), ("support", 11));
}

/// An envelope that was made for another place.
fn places(b: &mut Builder<'_>) {
    let (who, sequence) = (b.stage.customer.clone(), b.stage.desk.sequence(&b.stage.customer));
    let fits =
        Place { ticket_id: format!("own/{}/read-marks", who.text), kind: Kind::Document, sequence, index: 0 };
    for (name, place) in [
        ("under another name", Place { ticket_id: format!("own/{}/drafts", who.text), ..fits.clone() }),
        (
            "of another owner",
            Place { ticket_id: format!("own/{}/read-marks", b.stage.other.text), ..fits.clone() },
        ),
        ("for the staff", Place { ticket_id: "staff/read-marks".to_owned(), ..fits.clone() }),
        ("of nowhere", Place { ticket_id: String::new(), ..fits.clone() }),
        ("as a ticket", Place { kind: Kind::Ticket, ..fits.clone() }),
        ("as a note", Place { kind: Kind::Note, ..fits.clone() }),
        ("at another sequence", Place { sequence: sequence + 1, ..fits.clone() }),
        ("at another index", Place { index: 1, ..fits }),
    ] {
        let wire = forge::unsigned(&readers(&[&who]), 3);
        let envelope = Some(forge::signed(wire, &who, 0, &place));
        let message = MsgPutDocument { envelope, ..blank(&who, MARKS) };
        b.rule(format!("an own document that was sealed {name}"), &who, to_any(&message), ("support", 11));
    }
}
