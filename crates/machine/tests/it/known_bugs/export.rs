//! Export and import.

use sealdesk_testkit::files::{files, respond_with};
use sealdesk_testkit::scenario::respond_wire;

use super::*;

fn other() -> ChainId {
    ChainId::parse("desk-next").unwrap()
}

/// A desk with one of everything: bans, sequences, grants, revoked keys, a due ticket, a note.
fn full() -> Desk {
    let Cast { mut desk, admin, agent, customer } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![assign(&admin, 1, &agent)]);
    desk.must(&admin, vec![grant(&desk, &admin, 1, 0, &agent.fingerprint(0))]);
    desk.must(&agent, vec![note(&desk, &agent, 1, &[&admin, &agent])]);
    let message = respond_wire(&desk, &customer, 1, &[&admin, &agent, &customer], false);
    desk.must(&customer, vec![respond_with(message, files(&[9_000, 2 << 20]))]);
    desk.must(&agent, vec![resolve(&agent, 1)]);
    desk.must(&agent, vec![register(&agent, 1), revoke_key(&agent, agent.fingerprint(0))]);
    let banned = Person::new("banned");
    desk.must(&admin, vec![set_state(&admin, &banned, "suspended")]);
    let tx = desk.tx(&admin, vec![set_state(&admin, &banned, "terminated")]);
    assert_eq!(desk.block_at(desk.time + DAY_SECONDS, &tx).code, 0);
    desk
}

#[test]
fn bug_12_export_import_export_is_the_same_file_and_no_kind_of_record_is_missing() {
    let desk = full();
    let export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
    let state = &export.app_state;
    assert!(state.members.iter().any(|member| member.state == "terminated"), "bans");
    assert!(state.accounts.iter().all(|account| account.sequence > 0) && state.accounts.len() == 3);
    assert!(
        state.continues.is_some() && state.earlier.len() == 1 && state.circle.len() == 1,
        "what it continues"
    );
    assert!(state.keys.iter().flat_map(|list| &list.keys).any(|key| key.revoked_at != 0), "revoked keys");
    assert!(state.tickets[0].due_at != 0, "what is due");
    assert_eq!(state.tickets[0].payload.grants.len(), 1);
    assert!(state.tickets[0].responses[0].internal);
    assert_eq!(state.tickets[0].responses[1].attachments.len(), 2, "files");
    assert!(state.customers.iter().any(|customer| !customer.attached.is_empty()), "bytes of a day");
    let text = export.to_json().unwrap();
    let copy = Desk::from_genesis(&Genesis::from_json(&text).unwrap());
    let again = copy.machine.export(&copy.snapshot(), None).unwrap().to_json().unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), String::from_utf8(again).unwrap());
}

#[test]
fn bug_24_a_copy_never_has_the_name_of_the_original() {
    let desk = full();
    assert!(desk.machine.export(&desk.snapshot(), None).is_err());
    assert!(desk.machine.export(&desk.snapshot(), Some(desk.machine.chain_id())).is_err());
    let mut export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
    export.chain_id = desk.machine.chain_id().to_string();
    assert!(export.check().is_err(), "its envelopes name that ledger");
}

#[test]
fn what_an_import_holds_goes_on_living() {
    let desk = full();
    let export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
    let mut copy = Desk::from_genesis(&export);
    let closed = copy.pass_to(copy.time + 7 * DAY_SECONDS + 10);
    assert_eq!(closed.len(), 1, "the resolved ticket closes by itself");
    assert_eq!(copy.machine.account_sequence(&copy.snapshot(), &Person::new("admin").address).unwrap(), 5);
}

#[test]
fn an_unknown_field_a_newer_schema_and_a_wrong_count_are_refused_with_their_place() {
    let desk = full();
    let export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
    let text = String::from_utf8(export.to_json().unwrap()).unwrap();
    let unknown = text.replacen("\"schema\": 1", "\"schema\": 1, \"surprise\": 2", 1);
    assert!(matches!(Genesis::from_json(unknown.as_bytes()), Err(GenesisError::Json(_))));
    let newer = text.replacen("\"schema\": 1", "\"schema\": 2, \"surprise\": 2", 1);
    let refused = Genesis::from_json(newer.as_bytes());
    assert!(matches!(refused, Err(GenesisError::NewerSchema { found: 2, supported: 1 })));
    let wrong = text.replacen("\"open_tickets\": 1", "\"open_tickets\": 2", 1);
    let refused = Genesis::from_json(wrong.as_bytes()).unwrap().check().unwrap_err();
    assert!(refused.to_string().starts_with("app_state.customers[0].open_tickets: "), "{refused}");
    let mut flipped = export;
    flipped.app_state.tickets[0].payload.ciphertext[40] ^= 1;
    let refused = flipped.check().unwrap_err();
    assert!(refused.to_string().starts_with("app_state.tickets[0].payload: "), "{refused}");
}
