//! Documents as a node gives them that lies, with the validators' keys or without: what is shown is what the ledger proves, whose word the
//! rest is is said, and the staff's are sealed for whom a member appointed.

use std::collections::BTreeSet;

use sealdesk_client::actor::Actor;
use sealdesk_client::contacts::ContactName;
use sealdesk_client::desk::Desk;
use sealdesk_client::documents::{DocumentBody, DocumentContent, ReadDocument, set, values};
use sealdesk_client::view::Warning;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{DocumentWriter, KeyList};
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use serde_json::json;

use crate::adversary::{address, key_of, with_second};
use crate::queue::appoint;
use crate::world::people::key_record;
use crate::world::{FakeNode, Lie, NOW, Shared, add_key, people, read, write};

fn place(shelf: Shelf, name: &str) -> DocumentPlace {
    DocumentPlace { shelf, name: DocumentName::parse(name).unwrap() }
}

fn replies() -> DocumentPlace {
    place(Shelf::Staff, "replies")
}

fn entry(name: &str) -> DocumentContent {
    let mut content = DocumentContent::new();
    set(&mut content, name, json!("Hello"), 1_000);
    content
}

/// What a reader is shown: the entries of what opens, or in a word why there are none.
fn shown(read: Option<&ReadDocument>) -> Vec<String> {
    match read.map(|read| &read.body) {
        None => vec!["nothing".to_owned()],
        Some(DocumentBody::Public(body)) => vec![String::from_utf8(body.clone()).unwrap()],
        Some(DocumentBody::Sealed(content)) => values(content).keys().cloned().collect(),
        Some(DocumentBody::NotForYou) => vec!["not for you".to_owned()],
        Some(DocumentBody::CannotOpen) => vec!["cannot open".to_owned()],
        Some(DocumentBody::Withheld) => vec!["withheld".to_owned()],
    }
}

fn words(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

async fn told(desk: &Desk<FakeNode>, place: &DocumentPlace) -> (Vec<String>, Vec<String>) {
    let read = desk.document(Some(&people().admin), place).await.unwrap();
    (shown(read.as_ref()), read.map_or_else(Vec::new, |read| words(&read.warnings)))
}

fn given(shared: &Shared, place: &DocumentPlace) -> MultiRecipientEnvelope {
    shared.lock().documents[&place.to_string()].envelope.clone().unwrap()
}

fn give(shared: &Shared, place: &DocumentPlace, envelope: &MultiRecipientEnvelope) {
    shared.lock().documents.get_mut(&place.to_string()).unwrap().envelope = Some(envelope.clone());
}

fn readers(shared: &Shared, place: &DocumentPlace) -> BTreeSet<String> {
    given(shared, place).wrapped_keys.into_iter().map(|entry| entry.recipient_id).collect()
}

fn keys(actors: &[&Actor]) -> BTreeSet<String> {
    actors.iter().map(|actor| key_of(actor, 0)).collect()
}

/// Another person with a key.
fn with_key(shared: &Shared, number: usize) -> &'static Actor {
    let other = &people().others[number];
    shared.lock().change(|state| add_key(state, &address(other), key_record(other, 0)));
    other
}

#[tokio::test(start_paused = true)]
async fn a_document_is_what_the_ledger_proves_whatever_the_node_gives() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let desk = shared.desk().await;
    let (public, macros) = (place(Shelf::Public, "desk"), place(Shelf::Staff, "macros"));
    desk.publish_document(admin, &public.name, 0, b"{\"name\":\"One\"}").await.unwrap();
    assert_eq!(told(&desk, &public).await.0, ["{\"name\":\"One\"}"]);
    shared.lock().documents.get_mut("public/desk").unwrap().body = b"{\"name\":\"Two\"}".to_vec();
    assert_eq!(told(&desk, &public).await.0, ["withheld"]);

    assert_eq!(told(&desk, &replies()).await.0, ["nothing"]);
    desk.put_document(admin, &macros, &entry("macro")).await.unwrap();
    desk.put_document(admin, &replies(), &entry("one")).await.unwrap();
    let old = given(&shared, &replies());
    desk.put_document(admin, &replies(), &entry("two")).await.unwrap();
    let new = given(&shared, &replies());
    assert_eq!(told(&desk, &replies()).await, (vec!["one".to_owned(), "two".to_owned()], Vec::new()));
    // What stood there before, and what stands elsewhere: each a text of the same author for the same readers.
    for other in [&old, &given(&shared, &macros)] {
        give(&shared, &replies(), other);
        assert_eq!(told(&desk, &replies()).await.0, ["withheld"]);
    }
    give(&shared, &replies(), &new);
    let was = shared.lock().documents.remove("staff/replies").unwrap();
    assert_eq!(told(&desk, &replies()).await.0, ["withheld"], "it is gone by the node's word alone");
    // Nobody writes over what they were not shown.
    assert!(desk.put_document(admin, &replies(), &entry("three")).await.is_err());
    shared.lock().documents.insert("staff/replies".to_owned(), was);
    assert_eq!(told(&desk, &replies()).await.0, ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_shelf_says_how_many_documents_the_node_leaves_out() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let desk = shared.desk().await;
    for name in ["a", "b", "c"] {
        desk.put_document(admin, &place(Shelf::Staff, name), &entry(name)).await.unwrap();
    }
    let listed = async || {
        let listing = desk.documents(&Shelf::Staff).await.unwrap();
        let names: Vec<String> =
            listing.documents.iter().map(|document| document.place.name.to_string()).collect();
        (names.concat(), listing.missing)
    };
    assert_eq!(listed().await, ("abc".to_owned(), 0));
    let mut hidden = shared.lock().documents.remove("staff/b").unwrap();
    assert_eq!(listed().await, ("ac".to_owned(), 1));
    // One that the node makes up is not among them, and takes no place of the one that it leaves out.
    hidden.head.as_mut().unwrap().name = "x".to_owned();
    shared.lock().documents.insert("staff/x".to_owned(), hidden);
    assert_eq!(listed().await, ("ac".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn a_shelf_that_never_ends_is_not_read_for_ever() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let desk = shared.desk().await;
    desk.put_document(admin, &replies(), &entry("one")).await.unwrap();
    shared.lock().lie = Some(Lie::EndlessShelf);
    let listing = desk.documents(&Shelf::Staff).await.unwrap();
    assert_eq!((listing.documents.len(), listing.missing), (1, 0));
    let asked = shared.lock().shelf_pages;
    assert!(asked <= 64, "{asked} pages for a shelf that has room for 64 documents");
}

/// A key's record is there, and its owner's signature is not theirs.
fn unsign(shared: &Shared, who: &Actor) {
    shared.lock().change(|state| {
        let mut list: KeyList = read(state, &tree::keys(&address(who)));
        list.keys[0].account_signature = vec![1; 64];
        write(state, &tree::keys(&address(who)), &list);
    });
}

#[tokio::test(start_paused = true)]
async fn who_wrote_a_document_is_not_the_ledgers_word_without_a_line() {
    let (shared, admin, agent) = (Shared::new(), &people().admin, &people().agent);
    let second = with_second(&shared);
    let desk = shared.desk().await;
    desk.put_document(agent, &replies(), &entry("one")).await.unwrap();
    let (text, warnings) = told(&desk, &replies()).await;
    assert_eq!((text, warnings.len()), (vec!["one".to_owned()], 1), "{warnings:?}");
    assert!(warnings[0].contains("that its author is staff is the ledger's word"), "{warnings:?}");
    shared.lock().change(|state| appoint(state, admin, agent));
    assert_eq!(told(&desk, &replies()).await, (vec!["one".to_owned()], Vec::new()));

    let macros = place(Shelf::Staff, "macros");
    desk.put_document(second, &macros, &entry("two")).await.unwrap();
    assert_eq!(told(&desk, &macros).await.1, Vec::<String>::new());
    // The validators put a key under a member's name. A home that knew the key would refuse it.
    unsign(&shared, second);
    let (text, warnings) = told(&shared.desk().await, &macros).await;
    assert_eq!((text, warnings.len()), (vec!["two".to_owned()], 1), "{warnings:?}");
    assert!(warnings[0].contains("did not sign the key"), "{warnings:?}");
}

#[tokio::test(start_paused = true)]
async fn names_are_taken_from_a_desk_book_that_an_administrator_wrote_and_no_other() {
    let (shared, admin, agent) = (Shared::new(), &people().admin, &people().agent);
    let second = with_second(&shared);
    shared.lock().change(|state| appoint(state, admin, agent));
    shared.lock().agents = vec![address(agent)];
    let desk = shared.desk().await;
    let (customer, name) = (address(&people().customer), ContactName::parse("Carol").unwrap());
    let names = async |desk: &Desk<FakeNode>| {
        let book = desk.desk_book(admin).await.unwrap()?;
        Some(book.into_iter().map(|entry| (entry.address, entry.name.to_string())).collect::<Vec<_>>())
    };
    assert_eq!(names(&desk).await, None);
    desk.name_in_desk_book(second, &customer, Some(&name)).await.unwrap().unwrap();
    assert_eq!(names(&desk).await, Some(vec![(customer.clone(), "Carol".to_owned())]));
    // Written by a key that is second's by the ledger's word alone.
    let before = shared.lock().state().clone();
    unsign(&shared, second);
    assert_eq!(names(&shared.desk().await).await, None);
    shared.lock().change(|state| *state = before);
    assert!(names(&desk).await.is_some());
    // Validators who let an agent write it: the agent is staff by a member's signature, and no administrator.
    desk.name_in_desk_book(agent, &address(agent), Some(&name)).await.unwrap().unwrap();
    assert_eq!(told(&desk, &place(Shelf::Staff, "admin.desk-book")).await.1, Vec::<String>::new());
    assert_eq!(names(&desk).await, None);
}

#[tokio::test(start_paused = true)]
async fn the_staffs_documents_are_sealed_for_appointed_members_and_ones_own_for_oneself() {
    let (shared, admin, agent) = (Shared::new(), &people().admin, &people().agent);
    let (appointed, joins) = (with_key(&shared, 1), with_key(&shared, 2));
    shared.lock().change(|state| appoint(state, admin, appointed));
    // The node lists an agent whom nobody appointed, and leaves out one whom a member did and whom this home knows.
    shared.lock().agents = vec![address(agent), address(appointed)];
    let desk = shared.desk().await;
    desk.put_document(admin, &replies(), &entry("one")).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin, appointed]));
    shared.lock().agents.clear();
    desk.put_document(admin, &replies(), &entry("two")).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin, appointed]));
    let own = place(Shelf::Own(address(admin)), "drafts");
    desk.put_document(admin, &own, &entry("draft")).await.unwrap();
    assert_eq!(readers(&shared, &own), keys(&[admin]));

    // Who joins reads what is written beside that, and who leaves does not.
    desk.assign_role(admin, &address(joins), AssignableRole::SupportAgent).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin, appointed, joins]));
    desk.revoke_role(admin, &address(appointed), AssignableRole::SupportAgent).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin]));
}

#[tokio::test(start_paused = true)]
async fn that_a_document_stands_there_is_proven_by_its_own_digest() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let desk = shared.desk().await;
    let public = place(Shelf::Public, "desk");
    assert!(desk.put_document(admin, &replies(), &entry("one")).await.unwrap().proven);
    assert!(desk.publish_document(admin, &public.name, 0, b"{\"name\":\"One\"}").await.unwrap().proven);
    // The sequence passes by another transaction, and the node says that this one did it: another text stands there.
    let height = shared.lock().height();
    shared.lock().lie = Some(Lie::InventedVote(height));
    assert!(!desk.put_document(admin, &replies(), &entry("two")).await.unwrap().proven);
    let version = desk.documents(&Shelf::Public).await.unwrap().documents[0].version;
    let body = b"{\"name\":\"Two\"}";
    assert!(!desk.publish_document(admin, &public.name, version, body).await.unwrap().proven);
    assert!(!desk.remove_document(admin, &public, version).await.unwrap().proven);
}

#[tokio::test(start_paused = true)]
async fn whose_documents_a_new_agent_lacks_is_told_by_what_is_proven() {
    let (shared, admin, agent) = (Shared::new(), &people().admin, &people().agent);
    shared.lock().change(|state| appoint(state, admin, agent));
    shared.lock().agents = vec![address(agent)];
    let desk = shared.desk().await;
    desk.put_document(admin, &replies(), &entry("one")).await.unwrap();
    let for_both = given(&shared, &replies());
    assert_eq!(desk.staff_documents_without(&address(agent)).await.unwrap(), []);
    // Sealed without the agent, as after they left, and shown as it was when they were among its readers.
    desk.revoke_role(admin, &address(agent), AssignableRole::SupportAgent).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin]));
    assert_eq!(desk.staff_documents_without(&address(agent)).await.unwrap(), [replies()]);
    give(&shared, &replies(), &for_both);
    assert_eq!(desk.staff_documents_without(&address(agent)).await.unwrap(), [replies()]);
}

#[tokio::test(start_paused = true)]
async fn no_more_is_sealed_again_than_may_be_written_in_an_hour() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let joins = with_key(&shared, 2);
    let desk = shared.desk().await;
    desk.put_document(admin, &replies(), &entry("one")).await.unwrap();
    // The ledger would refuse the sixty-first, and the role with it.
    let of_this_hour = DocumentWriter { staff: vec![NOW; 60], ..DocumentWriter::default() };
    shared.lock().change(|state| write(state, &tree::document_writer(&address(admin)), &of_this_hour));
    desk.assign_role(admin, &address(joins), AssignableRole::SupportAgent).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin]));
    // Those of an hour ago count no more.
    let of_before = DocumentWriter { staff: vec![NOW - 3_600; 60], ..DocumentWriter::default() };
    shared.lock().change(|state| write(state, &tree::document_writer(&address(admin)), &of_before));
    desk.assign_role(admin, &address(joins), AssignableRole::SupportAgent).await.unwrap();
    assert_eq!(readers(&shared, &replies()), keys(&[admin, joins]));
}

#[tokio::test(start_paused = true)]
async fn that_documents_are_sealed_again_is_the_nodes_word_until_it_is_proven() {
    let (shared, admin) = (Shared::new(), &people().admin);
    let joins = with_key(&shared, 2);
    let desk = shared.desk().await;
    // More than fit beside a role: the rest follows in a transaction of its own.
    for name in ["a", "b", "c", "d", "e", "f"] {
        desk.put_document(admin, &place(Shelf::Staff, name), &entry(name)).await.unwrap();
    }
    let said = || desk.memory().take_notes().into_iter().collect::<Vec<String>>().join("\n");
    said();
    let honest = desk.renew_documents(admin).await.unwrap();
    assert_eq!((honest.done.len(), honest.unproven.len(), honest.unopened.len()), (6, 0, 0));
    shared.lock().lie = Some(Lie::Invented);
    let invented = desk.renew_documents(admin).await.unwrap();
    assert_eq!((invented.done.len(), invented.unproven.len(), invented.unopened.len()), (0, 6, 0));
    // Beside a change of the staff it is a note, and that one does not claim it either.
    for joining in [true, false] {
        let (who, agent) = (address(joins), AssignableRole::SupportAgent);
        let outcome = match joining {
            true => desk.assign_role(admin, &who, agent).await.unwrap(),
            false => desk.revoke_role(admin, &who, agent).await.unwrap(),
        };
        let told = said();
        assert!(!outcome.proven && !told.contains("documents sealed again"), "{told}");
        assert_eq!(told.matches("the node claims this, not proven: staff/").count(), 6, "{told}");
    }
    // Of an honest node it is told as done; a vote that was needed no more changes nothing.
    shared.lock().lie = None;
    let second = with_second(&shared);
    desk.revoke_role(admin, &address(second), AssignableRole::Administrator).await.unwrap();
    let told = said();
    assert!(
        told.contains("6 of the staff's documents sealed again") && !told.contains("not proven"),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_administrator_who_leaves_is_told_that_another_one_seals_the_documents_again() {
    let shared = Shared::new();
    let second = with_second(&shared);
    let desk = shared.desk().await;
    desk.put_document(&people().admin, &replies(), &entry("one")).await.unwrap();
    desk.memory().take_notes();
    desk.revoke_role(second, &address(second), AssignableRole::Administrator).await.unwrap();
    let told = desk.memory().take_notes().into_iter().collect::<Vec<String>>().join("\n");
    assert!(told.contains("another administrator does it with `sealdesk documents renew`"), "{told}");
    assert!(!told.contains("documents renew` again"), "whoever has left may not: {told}");
}
