//! The keys in one's own name: those of the phrase, and those that somebody else registered with the account's key.

use crate::adversary::{address, ticket};
use crate::world::people::copied_record;
use crate::world::{Shared, add_key, people};

#[tokio::test]
async fn a_key_in_ones_own_name_that_the_phrase_did_not_make_is_told_from_its_own() {
    let shared = Shared::new();
    let (desk, me, thief) = (shared.desk().await, &people().customer, &people().others[0]);
    desk.create_ticket(me, &ticket()).await.unwrap();
    let own = desk.own_keys(me).await.unwrap();
    assert!(!own.is_empty() && own.iter().all(|key| key.is_of_phrase), "{own:?}");
    let record = copied_record(me, thief, 0);
    shared.lock().change(|state| add_key(state, &address(me), record.clone()));
    let seen = desk.own_keys(me).await.unwrap();
    let foreign: Vec<_> = seen.iter().filter(|key| !key.is_of_phrase).collect();
    assert_eq!((seen.len(), foreign.len()), (own.len() + 1, 1));
    assert_eq!(foreign[0].fingerprint.to_string(), record.key_fingerprint);
    // What was never signed by the account is no key of it, and nothing is sealed to it.
    let unsigned = sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord {
        account_signature: Vec::new(),
        ..copied_record(me, thief, 1)
    };
    shared.lock().change(|state| add_key(state, &address(me), unsigned));
    assert_eq!(desk.own_keys(me).await.unwrap(), seen);
}
