//! Documents of made-up people.

use prost_types::Any;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::messages::{AssignableRole, to_any};
use sealdesk_protocol::wire::virtengine::roles::v1::QueryAccountRequest;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgPutDocument, QueryDocumentRequest};

use crate::desk::Desk;
use crate::forge::{self, Place};
use crate::people::Person;
use crate::random::Random;
use crate::scenario::readers;

/// What is written over.
#[derive(Clone, Copy, Debug)]
pub struct Over<'a> {
    pub shelf: &'a str,
    pub name: &'a str,
    /// The version that stands there; 0 = none.
    pub version: u64,
}

/// A sealed document as the next transaction's only message.
pub fn sealed(desk: &Desk, person: &Person, over: Over<'_>, people: &[&Person]) -> MsgPutDocument {
    sealed_at(desk, person, over, people, 0)
}

/// The same as the message of that index.
fn sealed_at(desk: &Desk, person: &Person, over: Over<'_>, people: &[&Person], index: u32) -> MsgPutDocument {
    let place = match over.shelf {
        "own" => format!("own/{}/{}", person.text, over.name),
        shelf => format!("{shelf}/{}", over.name),
    };
    let place = Place { ticket_id: place, kind: Kind::Document, sequence: desk.sequence(person), index };
    let wire = forge::unsigned(&readers(people), desk.height);
    let envelope = Some(forge::signed(wire, person, 0, &place));
    MsgPutDocument { envelope, ..blank(person, over) }
}

/// A document without anything in it.
pub fn blank(person: &Person, Over { shelf, name, version }: Over<'_>) -> MsgPutDocument {
    MsgPutDocument {
        sender: person.text.clone(),
        shelf: shelf.to_owned(),
        name: name.to_owned(),
        base_version: version,
        ..MsgPutDocument::default()
    }
}

pub fn put(desk: &Desk, person: &Person, over: Over<'_>, people: &[&Person]) -> Any {
    to_any(&sealed(desk, person, over, people))
}

/// A sealed document as the next transaction's message of that index.
pub fn put_at(desk: &Desk, person: &Person, over: Over<'_>, people: &[&Person], index: u32) -> Any {
    to_any(&sealed_at(desk, person, over, people, index))
}

/// A public document.
pub fn publish(person: &Person, name: &str, version: u64, body: &str) -> Any {
    let over = Over { shelf: "public", name, version };
    to_any(&MsgPutDocument { body: body.as_bytes().to_vec(), ..blank(person, over) })
}

pub fn remove(person: &Person, over: Over<'_>) -> Any {
    to_any(&MsgPutDocument { remove: true, ..blank(person, over) })
}

/// The version that stands somewhere now.
pub fn version(desk: &Desk, shelf: &str, owner: &str, name: &str) -> u64 {
    let request = QueryDocumentRequest { shelf: shelf.into(), owner: owner.into(), name: name.into() };
    let found = desk.machine.document(&desk.snapshot(), &request).ok();
    found.and_then(|answer| answer.document?.head).map_or(0, |head| head.version)
}

/// Somebody writes or removes something at random; mostly it may be.
pub fn any(desk: &Desk, people: &[Person], random: &mut Random) -> (usize, Any) {
    let who = if random.one_in(2) { 0 } else { random.below(people.len()) };
    let person = &people[who];
    let name = *random.pick(&["a", "b", "admin.c", "d-4"]);
    let shelf = *random.pick(&["own", "staff", "public"]);
    let owner = if shelf == "own" { person.text.as_str() } else { "" };
    let version = version(desk, shelf, owner, name);
    let over = Over { shelf, name, version: if random.one_in(9) { version + 1 } else { version } };
    let message = match shelf {
        _ if random.one_in(5) && version > 0 => remove(person, over),
        "public" => publish(person, name, over.version, "{\"open\":[9,17]}"),
        "own" => put(desk, person, over, &[person]),
        _ => put(desk, person, over, &staff(desk, people)),
    };
    (who, message)
}

/// The administrator and every active agent.
fn staff<'p>(desk: &Desk, people: &'p [Person]) -> Vec<&'p Person> {
    let is_staff = |person: &&Person| {
        let request = QueryAccountRequest { address: person.text.clone() };
        let account = desk.machine.account(&desk.snapshot(), &request).unwrap();
        let role = account.assignment.map(|assignment| assignment.role);
        let staff =
            [AssignableRole::Administrator, AssignableRole::SupportAgent].map(AssignableRole::to_wire);
        account.state == AccountState::Active.to_wire() && role.is_some_and(|role| staff.contains(&role))
    };
    people.iter().filter(is_staff).collect()
}
