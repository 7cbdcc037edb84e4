use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::envelope::{self, Envelope, EnvelopeLimits, Kind, client_message};
use crate::ids::{Address, ChainId, Prefix, TicketId};
use crate::keys::EncryptionKey;

const TIME: i64 = 1_700_000_000;

fn address(person: u8) -> Address {
    let key = k256::ecdsa::SigningKey::from_slice(&[person; 32]).unwrap();
    let public = key.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap();
    Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &public)
}

fn signing() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// A payload of the old ledger, signed for that place.
fn payload(kind: Kind, ticket: Option<TicketId>, sender: u8, sequence: u64) -> Payload {
    let context = envelope::Context {
        chain_id: "old-1".into(),
        ticket_id: ticket.map(|id| id.to_string()).unwrap_or_default(),
        kind,
        sender: address(sender).to_string(),
        sequence,
        index: 0,
    };
    let entry =
        Entry { recipient_id: "a".repeat(40), wrapped_key: vec![1; 48], ephemeral_pub_key: vec![1; 32] };
    let mut payload = Payload {
        context: Context { chain_id: "old-1".into(), height: 1, sequence, index: 0, signer_key_version: 1 },
        ciphertext: vec![1; 304],
        nonce: vec![1; 24],
        wrapped_keys: vec![entry],
        client_id: String::new(),
        client_signature: vec![0; 64],
        user: None,
        grants: Vec::new(),
        erased: None,
    };
    let wire = check::envelope_of(&payload);
    let digests = Envelope::from_wire(&wire, EnvelopeLimits::WIDEST).unwrap().digests(&context);
    payload.client_signature = signing().sign(&client_message(&digests.envelope)).to_bytes().to_vec();
    payload
}

fn keys(person: u8) -> Keys {
    let public_key = vec![9; 32];
    let key = Key {
        version: 1,
        fingerprint: EncryptionKey::parse(&public_key).unwrap().fingerprint().to_string(),
        public_key,
        signing_key: signing().verifying_key().as_bytes().to_vec(),
        label: String::new(),
        registered_at: TIME,
        revoked_at: 0,
        account_pub_key: Vec::new(),
        account_signature: Vec::new(),
        registered_on: String::new(),
    };
    Keys { address: address(person).to_string(), keys: vec![key] }
}

fn ticket(number: u64, sequence: u64) -> Ticket {
    let id = TicketId::new(number).unwrap();
    let response = |sequence| Response {
        responder_address: address(2).to_string(),
        is_agent: false,
        rating: false,
        internal: false,
        created_at: TIME,
        attachments: Vec::new(),
        payload: payload(Kind::Response, Some(id), 2, sequence),
    };
    Ticket {
        ticket_id: id.to_string(),
        customer_address: address(2).to_string(),
        previous_customers: Vec::new(),
        provider_address: String::new(),
        resource_ref: None,
        status: "open".into(),
        priority: "normal".into(),
        category: "other".into(),
        assigned_to: String::new(),
        collaborators: Vec::new(),
        created_at: TIME,
        updated_at: TIME,
        resolved_at: 0,
        due_at: 0,
        closed_at: 0,
        resolution_ref: String::new(),
        snoozed_until: 0,
        imported: None,
        links: Vec::new(),
        ratings: Vec::new(),
        attachments: Vec::new(),
        steps: Vec::new(),
        steps_dropped: 0,
        payload: payload(Kind::Ticket, None, 2, sequence),
        responses: vec![response(sequence + 1), response(sequence + 2)],
    }
}

/// A desk of one customer with two tickets, of two responses each.
fn desk() -> Genesis {
    let chain_id = ChainId::parse("new-1").unwrap();
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let validator = GenesisValidator::new(signing().verifying_key().as_bytes(), 1, "solo");
    let mut genesis = Genesis::new(&chain_id, &prefix, TIME, &[address(1)], validator).unwrap();
    let customer = address(2).to_string();
    genesis.app_state.keys = vec![keys(2)];
    genesis.app_state.customers = vec![Customer {
        address: customer,
        open_tickets: 2,
        last_created_at: TIME,
        created_at: vec![TIME, TIME],
        attached: Vec::new(),
    }];
    genesis.app_state.ticket_count = 2;
    genesis.app_state.tickets = vec![ticket(1, 10), ticket(2, 20)];
    genesis
}

fn refused_at(genesis: &Genesis) -> String {
    match genesis.check() {
        Err(GenesisError::Invalid { path, .. }) => path,
        other => panic!("{:?}", other.map(drop)),
    }
}

#[test]
fn no_two_records_are_of_one_message() {
    // Bug 32 of docs/known-bugs.md: a ticket's envelope names no ticket, so a second ticket could hold a copy of it.
    desk().check().unwrap();
    let mut copied = desk();
    copied.app_state.tickets[1].payload = copied.app_state.tickets[0].payload.clone();
    assert_eq!(refused_at(&copied), "app_state.tickets[1].payload.context");
    let mut copied = desk();
    copied.app_state.tickets[1].responses[1] = copied.app_state.tickets[1].responses[0].clone();
    assert_eq!(refused_at(&copied), "app_state.tickets[1].responses[1].payload.context");
    let mut signed_twice = desk();
    signed_twice.app_state.tickets[1] = ticket(2, 12);
    assert_eq!(refused_at(&signed_twice), "app_state.tickets[1].payload.context");
}

#[test]
fn a_payload_is_good_in_its_own_record_only() {
    let mut elsewhere = desk();
    elsewhere.app_state.tickets[0].responses[0].payload =
        elsewhere.app_state.tickets[1].responses[0].payload.clone();
    assert_eq!(refused_at(&elsewhere), "app_state.tickets[0].responses[0].payload");
    let mut new_name = desk();
    new_name.app_state.tickets[0].payload.context.chain_id = "new-1".into();
    assert_eq!(refused_at(&new_name), "app_state.tickets[0].payload.context");
    let mut unsigned = desk();
    unsigned.app_state.tickets[0].payload.client_signature[3] ^= 1;
    assert_eq!(refused_at(&unsigned), "app_state.tickets[0].payload");
}

#[test]
fn a_name_that_cometbft_or_wallets_refuse_names_no_ledger() {
    let long = "x".repeat(51);
    for name in ["", " ", "a b", "a/b", "../a", "a\n", "a\0", "désk-1", "a\u{202e}b", "a'b", "a%20b", &long]
    {
        let mut genesis = desk();
        genesis.chain_id = name.into();
        assert_eq!(refused_at(&genesis), "chain_id", "{name:?}");
        let mut genesis = desk();
        genesis.app_state.tickets[1].responses[0].payload.context.chain_id = name.into();
        assert_eq!(refused_at(&genesis), "app_state.tickets[1].responses[0].payload.context", "{name:?}");
        let mut genesis = desk();
        let (circle, validators_hash) = (Vec::new(), "00".repeat(32));
        let earlier = Beginning { chain_id: name.into(), circle, validators_hash, continues: None };
        genesis.app_state.earlier = vec![earlier];
        assert_eq!(refused_at(&genesis), "app_state.earlier[0].chain_id", "{name:?}");
    }
    // CometBFT's own bound.
    let mut longest = desk();
    longest.chain_id = "x".repeat(50);
    assert!(longest.check().is_ok());
}

#[test]
fn a_validator_that_the_check_accepts_can_sign() {
    for (power, fits) in
        [("1", true), ("4294967295", true), ("4294967296", false), ("0", false), ("+1", false)]
    {
        let mut genesis = desk();
        genesis.validators[0].power = power.into();
        assert_eq!(genesis.check().is_ok(), fits, "{power}");
        if fits {
            validators_of(&genesis).unwrap();
        }
    }
    let mut hidden = desk();
    hidden.validators[0].name = "a\u{202e}b".into();
    assert_eq!(refused_at(&hidden), "validators[0].name");
}

#[test]
fn a_document_has_one_text_and_unknown_fields_are_refused() {
    let text = desk().to_json().unwrap();
    let read = Genesis::from_json(&text).unwrap();
    assert_eq!(read.to_json().unwrap(), text);
    let changed = |from: &str, to: &str| {
        let text = String::from_utf8(text.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        Genesis::from_json(text.replacen(from, to, 1).as_bytes())
    };
    let twice = changed("\"schema\": 1", "\"schema\": 1, \"schema\": 1");
    let unknown = changed("\"schema\": 1", "\"schema\": 1, \"owner\": 1");
    let time = changed(
        "\"registered_at\": \"2023-11-14T22:13:20Z\"",
        "\"registered_at\": \"2023-11-14T23:13:20+01:00\"",
    );
    let base64 = changed("AQE=\"", "AQF=\"");
    for refused in [twice, unknown, time, base64] {
        assert!(matches!(refused, Err(GenesisError::Json(_))), "{refused:?}");
    }
    let newer = changed("\"schema\": 1", "\"schema\": 2");
    assert_eq!(newer, Err(GenesisError::NewerSchema { found: 2, supported: 1 }));
}

#[test]
fn a_document_without_validators_is_read_and_checked_but_nobody_signs_its_blocks() {
    let mut export = desk();
    export.validators.clear();
    let read = Genesis::from_json(&export.to_json().unwrap()).unwrap();
    read.check().unwrap();
    assert_eq!(validators_of(&read), Err(crate::block::ValidatorError::None));
}

#[test]
fn bug_95_what_a_clock_that_was_ahead_wrote_is_set_back_to_when_the_ledger_begins() {
    const YEARS: i64 = 10 * 365 * 86_400;
    let mut ahead = desk();
    let state = &mut ahead.app_state;
    let suspended = Member {
        address: address(3).to_string(),
        role: String::new(),
        state: "suspended".into(),
        assigned_by: String::new(),
        assigned_at: 0,
        suspended_at: TIME + YEARS,
        appointment: None,
        was_staff: false,
        last_appointed_at: 0,
    };
    state.members.push(suspended);
    state.members.sort_by(|a, b| a.address.cmp(&b.address));
    state.keys[0].keys[0].revoked_at = TIME + YEARS;
    state.customers[0].last_created_at = TIME + YEARS;
    state.customers[0].created_at = vec![TIME + YEARS - 5, TIME + YEARS];
    let hour = TIME - TIME.rem_euclid(3_600);
    let far = TIME + YEARS - (TIME + YEARS).rem_euclid(3_600);
    state.customers[0].attached = [(hour - 3_600, 1), (far - 3_600, 2), (far, 4)]
        .map(|(from, bytes)| crate::genesis::AttachedHour { from, bytes })
        .to_vec();
    let ticket = &mut state.tickets[1];
    ticket.status = "resolved".into();
    (ticket.updated_at, ticket.resolved_at) = (TIME + YEARS, TIME + YEARS);
    ticket.due_at = TIME + YEARS + 7 * 86_400;
    ticket.responses[1].created_at = TIME + YEARS;
    assert!(ahead.check().is_err(), "it lies after genesis_time");
    ahead.set_time(TIME + YEARS).unwrap();
    ahead.check().unwrap();
    let mut back = ahead.clone();
    back.begin_at(TIME + 60).unwrap();
    let checked = back.check().unwrap();
    assert_eq!(checked.time, TIME + 60);
    assert_eq!(checked.tickets[1].due_at, Some(TIME + 60 + 7 * 86_400));
    let text = String::from_utf8(back.to_json().unwrap()).unwrap();
    assert!(!text.contains("2033-"), "nothing lies ahead any more");
    // What was in time stays when it was.
    assert_eq!(back.app_state.tickets[0], ahead.app_state.tickets[0]);
    assert_eq!(back.app_state.customers[0].created_at, [TIME + 60, TIME + 60]);
    let hours: Vec<(i64, u64)> =
        back.app_state.customers[0].attached.iter().map(|hour| (hour.from, hour.bytes)).collect();
    let now = TIME + 60 - (TIME + 60).rem_euclid(3_600);
    assert_eq!(hours, [(hour - 3_600, 1), (now, 6)]);
    assert!(back.begin_at(i64::MAX).is_err());
}

#[test]
fn attached_files_are_what_a_message_could_have_said_of_them() {
    use crate::attachment::{Attachment, Layout};
    use crate::genesis::AttachedHour;

    let layout = Layout::of_file(2 << 20).unwrap();
    let file = Attachment::new(layout, (0..layout.chunks()).map(|_| [7; 32]).collect()).unwrap();
    let good = crate::genesis::Attachment::from(&file.to_wire());
    let mut genesis = desk();
    genesis.app_state.tickets[0].attachments.push(good.clone());
    genesis.app_state.tickets[1].responses[1].attachments.push(good.clone());
    let hour = TIME - TIME % 3_600;
    let hours = vec![AttachedHour { from: hour - 3_600, bytes: 1 }, AttachedHour { from: hour, bytes: 2 }];
    genesis.app_state.customers[0].attached = hours;
    let checked = genesis.check().unwrap();
    assert_eq!(checked.tickets[0].ticket.attachments, std::slice::from_ref(&file));
    assert_eq!(checked.tickets[1].responses[1].0.attachments, [file.to_wire()]);
    let again = Genesis::from_json(&genesis.to_json().unwrap()).unwrap();
    assert_eq!(again, genesis);
    let judge = |change: &dyn Fn(&mut Genesis)| {
        let mut changed = genesis.clone();
        change(&mut changed);
        refused_at(&changed)
    };
    let upper = good.root.to_uppercase();
    assert_eq!(
        judge(&|g| g.app_state.tickets[0].attachments[0].root.clone_from(&upper)),
        "app_state.tickets[0].attachments"
    );
    assert_eq!(
        judge(&|g| drop(g.app_state.tickets[1].responses[1].attachments[0].blobs.pop())),
        "app_state.tickets[1].responses[1].attachments"
    );
    for change in [
        (|hours: &mut Vec<AttachedHour>| hours.reverse()) as fn(&mut Vec<AttachedHour>),
        |hours| hours[0].from += 1,
        |hours| hours[1].bytes = 0,
        |hours| hours[1].from += 3_600,
        |hours| *hours = (0..26).map(|n| AttachedHour { from: n * 3_600, bytes: 1 }).collect(),
    ] {
        let place = "app_state.customers[0].attached";
        assert_eq!(judge(&|g| change(&mut g.app_state.customers[0].attached)), place);
    }
}
