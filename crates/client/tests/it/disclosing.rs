//! One message for a third party, held against a receipt: of a ticket that was given to another, and of one from another system, too.

use sealdesk_client::desk::Desk;
use sealdesk_client::disclosure::DisclosureFault;
use sealdesk_client::messages::NewResponse;
use sealdesk_client::receipt::TicketReceipt;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::receipt::Trust;
use serde_json::Value;

use crate::adversary::{address, ticket};
use crate::imports::{desk_of_a_customer, imported};
use crate::transferred::give_to_friend;
use crate::world::{FakeNode, Shared, people};

async fn receipt(desk: &Desk<FakeNode>, id: TicketId) -> TicketReceipt {
    TicketReceipt::verify(&desk.receipt(id).await.unwrap(), &Trust::Unpinned).unwrap()
}

async fn disclosed(desk: &Desk<FakeNode>, id: TicketId, number: usize) -> Vec<u8> {
    desk.disclose(&people().admin, id, number).await.unwrap().file.to_vec()
}

/// The same file with one field changed.
fn with(file: &[u8], field: &str, value: Value) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(file).unwrap();
    file[field] = value;
    file.to_string().into_bytes()
}

#[tokio::test(start_paused = true)]
async fn who_wrote_a_ticket_that_was_given_to_another_stays_its_author() {
    let (shared, admin, customer) = (Shared::new(), &people().admin, &people().customer);
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::new("Since when?")).await.unwrap();
    give_to_friend(&shared, id);
    let receipt = receipt(&desk, id).await;
    let proven = receipt.disclosed(&disclosed(&desk, id, 1).await).unwrap();
    assert_eq!((proven.author, proven.index), (address(customer).to_string(), None));
    let proven = receipt.disclosed(&disclosed(&desk, id, 2).await).unwrap();
    assert_eq!((proven.author, proven.index), (address(admin).to_string(), Some(0)));
}

#[tokio::test(start_paused = true)]
async fn what_came_with_an_import_is_disclosed_as_the_importers() {
    let shared = desk_of_a_customer();
    let (id, desk) = (imported(&shared).await, shared.desk().await);
    let receipt = receipt(&desk, id).await;
    for (number, internal) in [(1, false), (2, false), (3, true)] {
        let proven = receipt.disclosed(&disclosed(&desk, id, number).await).unwrap();
        assert_eq!((proven.author, proven.internal), (address(&people().admin).to_string(), internal));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_names_another_place_is_refused_though_its_text_is_the_proven_one() {
    let (shared, customer) = (Shared::new(), &people().customer);
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    let receipt = receipt(&desk, id).await;
    let file = disclosed(&desk, id, 1).await;
    assert!(receipt.disclosed(&file).is_ok());
    let other = receipt.disclosed(&with(&file, "ticket_id", "TKT-00000002".into()));
    assert!(matches!(other, Err(DisclosureFault::OtherTicket { .. })));
    let other = receipt.disclosed(&with(&file, "chain_id", "desk-ffffffffffffffff".into()));
    assert!(matches!(other, Err(DisclosureFault::OtherLedger { .. })));
    let other = receipt.disclosed(&with(&file, "response_index", 0.into()));
    assert!(matches!(other, Err(DisclosureFault::NotYet { .. })));
    let content: Value = serde_json::from_slice(&file).unwrap();
    let text = format!("{} ", content["content"].as_str().unwrap());
    assert!(matches!(
        receipt.disclosed(&with(&file, "content", text.into())),
        Err(DisclosureFault::Differs { .. })
    ));
}
