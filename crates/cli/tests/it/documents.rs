//! Documents by the client's own API against a real node: edits that meet, who reads what, and whom an administrator appointed.

use sealdesk_client::Error;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::desk::Desk;
use sealdesk_client::documents::{DocumentBody, DocumentContent, merge, set, values};
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use sealdesk_protocol::messages::AssignableRole;
use serde_json::json;
use tonic::transport::Channel;

use crate::client_over_node::{Running, running};

fn replies() -> DocumentPlace {
    DocumentPlace { shelf: Shelf::Staff, name: DocumentName::parse("replies").unwrap() }
}

fn entry(name: &str, value: &str) -> DocumentContent {
    let mut content = DocumentContent::new();
    set(&mut content, name, json!(value), 1_000);
    content
}

/// The entries as one reader sees them; `None` where it was sealed for others.
async fn read(desk: &Desk<Channel>, who: &Actor, place: &DocumentPlace) -> Option<Vec<String>> {
    let read = desk.document(Some(who), place).await.unwrap().expect("there is one");
    assert!(read.warnings.is_empty());
    match read.body {
        DocumentBody::Sealed(content) => Some(values(&content).keys().cloned().collect()),
        DocumentBody::NotForYou => None,
        _ => panic!("it is neither opened nor somebody else's"),
    }
}

async fn appoint(desk: &Desk<Channel>, admin: &Actor, agent: &Actor) {
    desk.register_key(agent, "").await.unwrap();
    desk.assign_role(admin, &desk.address_of(agent), AssignableRole::SupportAgent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_write_one_document_at_once_lose_nothing_of_one_another() {
    let (running, desk) = running().await;
    let Running { admin, agent, .. } = &running;
    desk.register_key(admin, "").await.unwrap();
    appoint(&desk, admin, agent).await;
    let place = replies();
    let mut expected = Vec::new();
    for round in 0..4 {
        let (by_admin, by_agent) = (format!("admin-{round}"), format!("agent-{round}"));
        let (one, other) = (entry(&by_admin, "Hello"), entry(&by_agent, "Good day"));
        let both =
            tokio::join!(desk.put_document(admin, &place, &one), desk.put_document(agent, &place, &other),);
        assert!(
            both.0.unwrap().proven || both.1.unwrap().proven,
            "of the last one the ledger shows that it stands"
        );
        expected.extend([by_admin, by_agent]);
    }
    expected.sort();
    assert_eq!(read(&desk, admin, &place).await.unwrap(), expected);
    assert_eq!(read(&desk, agent, &place).await.unwrap(), expected);
    let listing = desk.documents(&Shelf::Staff).await.unwrap();
    assert_eq!((listing.documents.len(), listing.missing), (1, 0));
    running.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_reads_the_staffs_documents_and_who_leaves_none_that_come_later() {
    let (running, desk) = running().await;
    let Running { admin, agent, customer: newcomer, .. } = &running;
    desk.register_key(admin, "").await.unwrap();
    appoint(&desk, admin, agent).await;
    let place = replies();
    desk.put_document(agent, &place, &entry("hello", "Hello")).await.unwrap();
    assert_eq!(read(&desk, newcomer, &place).await, None);
    appoint(&desk, admin, newcomer).await;
    assert_eq!(read(&desk, newcomer, &place).await.unwrap(), ["hello"]);
    assert_eq!(desk.documents(&Shelf::Staff).await.unwrap().documents[0].version, 2, "once, beside the role");
    desk.revoke_role(admin, &desk.address_of(agent), AssignableRole::SupportAgent).await.unwrap();
    assert_eq!(read(&desk, agent, &place).await, None);
    assert_eq!(read(&desk, newcomer, &place).await.unwrap(), ["hello"]);
    let refused = desk.put_document(agent, &place, &entry("bye", "Bye")).await.unwrap_err();
    assert!(matches!(refused, Error::Compose(ComposeError::CannotMerge(_))), "{refused}");
    running.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_appointer_left_is_sealed_for_again_once_they_are_appointed_anew() {
    let (running, desk) = running().await;
    let Running { admin, agent, customer: second, .. } = &running;
    desk.register_key(admin, "").await.unwrap();
    desk.register_key(second, "").await.unwrap();
    let (address, agents) = (desk.address_of(second), desk.address_of(agent));
    desk.assign_role(admin, &address, AssignableRole::Administrator).await.unwrap();
    appoint(&desk, second, agent).await;
    let place = replies();
    desk.put_document(admin, &place, &entry("hello", "Hello")).await.unwrap();
    assert!(read(&desk, agent, &place).await.is_some());
    // Of two, the longer-serving one removes; with them goes what they signed.
    desk.revoke_role(admin, &address, AssignableRole::Administrator).await.unwrap();
    assert_eq!(read(&desk, agent, &place).await, None);
    assert_eq!(read(&desk, second, &place).await, None);
    let notes = desk.memory().take_notes().join("\n");
    assert!(notes.contains(&format!("{agents} is an agent only by the ledger's claim")), "{notes}");
    desk.assign_role(admin, &agents, AssignableRole::SupportAgent).await.unwrap();
    assert!(read(&desk, agent, &place).await.is_some());
    let again = desk.assign_role(admin, &agents, AssignableRole::SupportAgent).await.unwrap_err();
    assert_eq!(again.refusal().map(|outcome| outcome.code), Some(7), "{again}");
    running.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_document_is_for_its_owner_and_a_public_one_is_replaced_as_a_whole() {
    let (running, desk) = running().await;
    let Running { admin, customer, .. } = &running;
    let own = DocumentPlace {
        shelf: Shelf::Own(desk.address_of(customer)),
        name: DocumentName::parse("read-marks").unwrap(),
    };
    // The key rides in the same transaction.
    let put = desk.put_document(customer, &own, &entry("TKT-00000001", "3")).await.unwrap();
    assert!(put.registered_key.is_some() && put.proven);
    desk.register_key(admin, "").await.unwrap();
    assert_eq!(read(&desk, admin, &own).await, None);
    let stands = desk.document(Some(customer), &own).await.unwrap().unwrap();
    let merged = merge(stands.content().unwrap(), &entry("TKT-00000002", "1"));
    desk.put_document(customer, &own, &merged).await.unwrap();
    assert_eq!(read(&desk, customer, &own).await.unwrap(), ["TKT-00000001", "TKT-00000002"]);
    desk.remove_document(customer, &own, 2).await.unwrap();
    assert!(desk.document(Some(customer), &own).await.unwrap().is_none());

    let hours = DocumentName::parse("hours").unwrap();
    desk.publish_document(admin, &hours, 0, b"{\"open\":9}").await.unwrap();
    let changed = desk.publish_document(admin, &hours, 0, b"{\"open\":8}").await.unwrap_err();
    assert!(matches!(changed, Error::Compose(ComposeError::DocumentChanged { found: 1, .. })), "{changed}");
    desk.publish_document(admin, &hours, 1, b"{\"open\":8}").await.unwrap();
    let place = DocumentPlace { shelf: Shelf::Public, name: hours.clone() };
    let shown = desk.document(None, &place).await.unwrap().unwrap();
    assert!(matches!(shown.body, DocumentBody::Public(body) if body == b"{\"open\":8}"));
    let refused = desk.publish_document(customer, &hours, 2, b"{}").await.unwrap_err();
    assert_eq!(refused.refusal().map(|outcome| outcome.code), Some(7), "{refused}");
    let plain = desk.publish_document(admin, &hours, 2, b"[]").await.unwrap_err();
    assert!(matches!(plain, Error::Compose(ComposeError::Document(_))), "{plain}");
    running.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_lists_customers_and_is_not_staff() {
    let (running, desk) = running().await;
    let Running { admin, agent: gateway, customer, .. } = &running;
    desk.assign_role(admin, &desk.address_of(gateway), AssignableRole::Gateway).await.unwrap();
    let address = desk.address_of(customer);
    desk.assign_role(gateway, &address, AssignableRole::Customer).await.unwrap();
    desk.revoke_role(gateway, &address, AssignableRole::Customer).await.unwrap();
    let refused = desk.assign_role(gateway, &address, AssignableRole::SupportAgent).await.unwrap_err();
    assert_eq!(refused.refusal().map(|outcome| outcome.code), Some(4), "{refused}");
    let refused = desk.put_document(gateway, &replies(), &entry("hello", "Hello")).await.unwrap_err();
    assert_eq!(refused.refusal().map(|outcome| outcome.code), Some(7), "{refused}");
    running.node.stop().await.unwrap();
}
