//! A node that is asked to erase a ticket is not believed by its word that it did.

use sealdesk_client::Error;
use sealdesk_client::erase::EraseError;
use sealdesk_client::messages::NewResponse;

use crate::adversary::ticket;
use crate::world::{Lie, Shared, people};

#[tokio::test(start_paused = true)]
async fn a_node_that_still_gives_a_text_has_not_erased_it() {
    let (shared, admin, customer) = (Shared::new(), &people().admin, &people().customer);
    let desk = shared.desk().await;
    let id = desk.create_ticket(customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.respond(admin, id, &NewResponse::new("Since when?")).await.unwrap();
    shared.lock().lie = Some(Lie::NothingErased);
    let is_there = |error| matches!(error, Error::Erase(EraseError::StillThere(still)) if still == id);
    assert!(is_there(desk.erase(admin, id).await.unwrap_err()));
    // The ticket's own text is gone, and an answer is not.
    shared.lock().envelopes.remove(&(id.number(), 0));
    assert!(is_there(desk.erase(admin, id).await.unwrap_err()));
    shared.lock().lie = None;
    assert_eq!(desk.erase(admin, id).await.unwrap().texts, 2);
}
