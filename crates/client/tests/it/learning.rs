//! What a home comes to know of a ledger, and what it refuses by that.

use sealdesk_client::Error;
use sealdesk_client::desk::{Desk, Memory};
use sealdesk_client::trust::{Pin, Trust};
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::circle::{Change, Circle};
use sealdesk_protocol::state::tree;

use crate::adversary::{address, ticket};
use crate::world::{Shared, add_administrator, change_circle, circle, people, put_circle};

#[tokio::test(start_paused = true)]
async fn a_receipt_of_another_history_is_refused() {
    let shared = Shared::new();
    let desk = shared.desk().await;
    let id = desk.create_ticket(&people().customer, &ticket()).await.unwrap().ticket_id.unwrap();
    desk.receipt(id).await.unwrap();
    // Newer by its height, and older by its time.
    shared.lock().behind = 100;
    shared.lock().change(|_| {});
    let error = desk.receipt(id).await.unwrap_err();
    assert!(matches!(error, Error::Verify(VerifyError::TwoHistories { .. })), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_is_remembered_where_the_administrators_lead_nowhere() {
    let shared = Shared::new();
    let pin = shared.desk().await.pin();
    let (admin, other) = (&people().admin, address(&people().others[0]));
    shared.lock().change(|state| {
        for _ in 0..65 {
            add_administrator(state, &other);
            change_circle(state, &[admin, &people().others[0]], &Change::Remove(other.clone()));
        }
        state.remove(&tree::circle_change(130));
    });
    let mut memory: Option<Memory> = None;
    let trust = Trust::Pinned(Box::new(pin.clone()));
    let opened = Desk::open_keeping(shared.node(), trust, |kept| memory = Some(kept)).await;
    assert!(matches!(opened.err().unwrap(), Error::Verify(VerifyError::Missing(_))));
    let seen = memory.unwrap().pin();
    assert!(seen.height > pin.height, "the newer header");
    assert_eq!(seen.circle.position(), 128, "the changes that were followed");
}

#[tokio::test(start_paused = true)]
async fn changes_without_end_are_not_followed_at_a_first_meeting() {
    let shared = Shared::new();
    let pin = shared.desk().await.pin();
    shared.lock().change(|state| {
        let members = circle(state).members().to_vec();
        put_circle(state, &Circle::new(1_025, members).unwrap());
    });
    let error = shared.open(Trust::FirstUse).await.err().unwrap();
    assert!(error.to_string().contains("nobody has agreed to"), "{error}");
    // Who agreed to it follows them, as far as there are votes.
    let agreed = Trust::Pinned(Box::new(Pin { agreed: true, ..pin }));
    let error = shared.open(agreed).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::Missing(_))), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_history_that_is_trusted_anew_is_of_the_validators_that_the_identity_names() {
    let shared = Shared::new();
    let pin = shared.desk().await.pin();
    // What was seen last was signed by others, to whom nobody handed over in the history that is shown now.
    let pin = Pin { validators_hash: [5; 32], height: 99, ..pin };
    let known = Trust::Pinned(Box::new(pin.clone()));
    let error = shared.open(known).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::ValidatorsChanged { .. })), "{error}");
    let anew = Pin { height: 0, time: 0, ..pin };
    let desk = shared.open(Trust::Pinned(Box::new(anew.clone()))).await.unwrap();
    assert!(desk.pin().validators_hash != [5; 32] && desk.pin().height > 0);
    // Others than those are not believed anew either.
    shared.lock().usurped = true;
    let error = shared.open(Trust::Pinned(Box::new(anew))).await.err().unwrap();
    assert!(matches!(error, Error::Verify(VerifyError::ValidatorsChanged { .. })), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_pin_whose_changes_were_not_kept_is_followed_from_the_beginning_once_more() {
    let shared = Shared::new();
    let (admin, other) = (&people().admin, address(&people().others[0]));
    shared.lock().change(|state| add_administrator(state, &other));
    let whole = shared.desk().await.pin();
    assert_eq!(whole.changes.len(), 1);
    // As a home keeps it that has not agreed yet.
    let bare = Pin { changes: Vec::new(), ..whole.clone() };
    let desk = shared.open(Trust::Pinned(Box::new(bare.clone()))).await.unwrap();
    assert_eq!((desk.pin().circle, desk.pin().changes), (whole.circle.clone(), whole.changes.clone()));
    // One whose circle those changes do not lead to is believed no more than the ledger.
    let elsewhere = circle(shared.lock().state()).after(&Change::Remove(address(admin))).unwrap();
    let forged = Pin { circle: elsewhere, ..bare };
    assert!(shared.open(Trust::Pinned(Box::new(forged))).await.is_err());
}
