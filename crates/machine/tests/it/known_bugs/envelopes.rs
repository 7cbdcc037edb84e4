//! Sealed payloads, keys and grants.

use super::*;

fn refused_create(
    desk: &mut Desk,
    customer: &Person,
    change: impl Fn(&mut encryption::MultiRecipientEnvelope),
    expected: u32,
) {
    let admin = Person::new("admin");
    let mut message = create_at(desk, customer, &[&admin, customer], 0);
    change(message.encrypted_payload.as_mut().unwrap());
    desk.refuse(customer, vec![to_any(&message)], "support", expected);
}

#[test]
fn bug_31_an_envelope_with_any_part_changed_after_signing_is_refused() {
    let Cast { mut desk, customer, .. } = cast();
    refused_create(&mut desk, &customer, |e| e.payload_ciphertext[100] ^= 1, 11);
    refused_create(&mut desk, &customer, |e| e.payload_nonce[0] ^= 1, 11);
    refused_create(&mut desk, &customer, |e| e.wrapped_keys[0].wrapped_key[0] ^= 1, 11);
    refused_create(&mut desk, &customer, |e| e.wrapped_keys[1].ephemeral_pub_key[0] ^= 1, 11);
    refused_create(&mut desk, &customer, |e| e.client_id = "other".to_owned(), 11);
    refused_create(&mut desk, &customer, |e| e.client_signature[0] ^= 1, 11);
}

#[test]
fn bug_32_an_envelope_fits_one_place_of_one_sender_on_one_chain() {
    let mut cast = cast();
    let (first, second) = (cast.ticket(), cast.ticket());
    let Cast { mut desk, admin, customer, .. } = cast;
    let all = [&admin, &customer];
    // Of another ticket.
    let mut copied = respond_wire(&desk, &customer, first, &all, false);
    copied.ticket_id = ticket_id(second);
    desk.refuse(&customer, vec![to_any(&copied)], "support", 11);
    // Of another sender.
    let mut copied = respond_wire(&desk, &customer, first, &all, false);
    copied.responder = admin.address.to_string();
    desk.refuse(&admin, vec![to_any(&copied)], "support", 11);
    // Of another kind.
    let mut copied = respond_wire(&desk, &admin, first, &[&admin], true);
    copied.internal = false;
    desk.refuse(&admin, vec![to_any(&copied)], "support", 42);
    let mut copied = respond_wire(&desk, &admin, first, &all, false);
    copied.internal = true;
    desk.refuse(&admin, vec![to_any(&copied)], "support", 43);
    // Of another place in the transaction, and of the transaction before.
    let message = respond_wire(&desk, &customer, first, &all, false);
    desk.refuse(&customer, vec![close(&customer, second), to_any(&message)], "support", 11);
    desk.refuse(&customer, vec![to_any(&message)], "support", 11);
    // Of another chain.
    let place = Place {
        ticket_id: ticket_id(first),
        kind: Kind::Response,
        sequence: desk.sequence(&customer),
        index: 0,
    };
    let mut message = respond_wire(&desk, &customer, first, &all, false);
    let envelope = message.encrypted_payload.as_mut().unwrap();
    let parsed = sealdesk_protocol::envelope::Envelope::from_wire(
        envelope,
        sealdesk_protocol::envelope::EnvelopeLimits::WIDEST,
    )
    .unwrap();
    let elsewhere = forge::context(&ChainId::parse("elsewhere").unwrap(), &customer, &place);
    let digest = parsed.digests(&elsewhere).envelope;
    envelope.client_signature = customer.key(0).sign(&sealdesk_protocol::envelope::client_message(&digest));
    desk.refuse(&customer, vec![to_any(&message)], "support", 11);
}

#[test]
fn bug_33_readers_are_distinct_ascending_at_least_one_and_at_most_thirty_two() {
    let Cast { mut desk, customer, .. } = cast();
    refused_create(&mut desk, &customer, |e| e.wrapped_keys.clear(), 11);
    refused_create(&mut desk, &customer, |e| e.wrapped_keys.push(e.wrapped_keys[1].clone()), 11);
    refused_create(&mut desk, &customer, |e| e.wrapped_keys.reverse(), 11);
    refused_create(&mut desk, &customer, |e| e.wrapped_keys[0].recipient_id.make_ascii_uppercase(), 11);
    refused_create(
        &mut desk,
        &customer,
        |e| e.wrapped_keys = (0..33).map(|n| forge::entry(&format!("{n:040x}"), 1)).collect(),
        11,
    );
}

#[test]
fn bug_34_a_rotated_or_revoked_reader_never_blocks_a_ticket() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(0))]);
    desk.pass_to(desk.time + 61);
    let message = respond(&desk, &admin, number, &[&admin]);
    desk.must(&admin, vec![message]);
    desk.must(&customer, vec![register(&customer, 1)]);
    let message = respond(&desk, &admin, number, &[&admin]);
    desk.must(&admin, vec![message]);
    desk.pass_to(desk.time + 60);
    let message = respond(&desk, &admin, number, &[&admin]);
    desk.refuse(&admin, vec![message], "support", 42);
}

#[test]
fn bug_35_nobody_rotates_anybody_elses_key_but_an_administrator_an_agents() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let stranger = Person::new("stranger");
    desk.refuse(&stranger, vec![revoke_key(&stranger, customer.fingerprint(0))], "encryption", 6);
    desk.refuse(&agent, vec![revoke_key(&agent, admin.fingerprint(0))], "encryption", 6);
    desk.refuse(&admin, vec![revoke_key(&admin, customer.fingerprint(0))], "encryption", 6);
    desk.must(&admin, vec![revoke_key(&admin, agent.fingerprint(0))]);
    desk.refuse(&agent, vec![register(&agent, 0)], "encryption", 5);
    let second = Person::new("second administrator");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.refuse(&second, vec![revoke_key(&second, admin.fingerprint(0))], "encryption", 6);
}

#[test]
fn bug_36_registering_a_strangers_public_key_gains_nothing_and_stops_nobody() {
    let Cast { mut desk, admin, agent, customer } = cast();
    let squatter = Person::new("squatter");
    // He can make a proof for the X25519 key of someone else with a signing key of his own.
    let (theirs, own) = (agent.encryption_key(0), squatter.verify_key(0));
    let message = sealdesk_protocol::keys::key_proof_message(
        sealdesk_testkit::CHAIN_ID,
        squatter.address.as_str(),
        &theirs,
        &own,
    );
    let registration = encryption::MsgRegisterRecipientKey {
        public_key: theirs.as_bytes().to_vec(),
        proof: squatter.key(0).sign(&message),
        ..squatter.registration(0)
    };
    desk.must(&squatter, vec![to_any(&registration)]);
    let request = encryption::QueryKeysByFingerprintRequest {
        key_fingerprint: agent.fingerprint(0),
        ..Default::default()
    };
    let owners = desk.machine.keys_by_fingerprint(&desk.snapshot(), &request).unwrap().keys;
    assert_eq!(owners.len(), 2);
    // The agent's key stays the agent's: wanted where he is, revoked by an administrator for him alone.
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![assign(&admin, 1, &agent)]);
    let message = respond(&desk, &admin, 1, &[&admin, &agent, &customer]);
    desk.must(&admin, vec![message]);
    desk.must(&admin, vec![revoke_key(&admin, agent.fingerprint(0))]);
    let owners = desk.machine.keys_by_fingerprint(&desk.snapshot(), &request).unwrap().keys;
    let active: Vec<_> =
        owners.iter().filter(|key| key.revoked_at == 0).map(|key| key.address.as_str()).collect();
    assert_eq!(active, [squatter.address.as_str()]);
    // And a proof of somebody else does not fit his address.
    let mut stolen = agent.registration(2);
    stolen.sender = squatter.address.to_string();
    desk.refuse(&squatter, vec![to_any(&stolen)], "encryption", 3);
    // Nor does the agent's own signature.
    let signed = desk.complete(&agent, to_any(&agent.registration(2)));
    let signed = encryption::MsgRegisterRecipientKey::decode(signed.value.as_slice()).unwrap();
    let key = squatter.key(2);
    let mut copied = sealdesk_testkit::sealing::registration(sealdesk_testkit::CHAIN_ID, &squatter, &key, "");
    copied.account_signature = signed.account_signature;
    desk.refuse(&squatter, vec![to_any(&copied)], "encryption", 11);
}

#[test]
fn bug_37_no_event_carries_a_payload() {
    let Cast { mut desk, admin, customer, .. } = cast();
    let message = create_at(&desk, &customer, &[&admin, &customer], 0);
    let sealed = message.encrypted_payload.clone().unwrap().payload_ciphertext;
    let executed = desk.must(&customer, vec![to_any(&message)]);
    for emitted in &executed.events {
        let value = emitted.event.encode();
        assert!(value.len() < 400 && !value.windows(16).any(|window| *window == sealed[..16]));
    }
}

#[test]
fn a_note_is_kept_from_the_tickets_customer_even_where_he_is_staff_by_now() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    desk.must(&admin, vec![assign_role(&admin, &customer, "administrator")]);
    let message = note(&desk, &admin, number, &[&admin, &customer]);
    desk.refuse(&admin, vec![message], "support", 43);
    let message = note(&desk, &admin, number, &[&admin]);
    desk.must(&admin, vec![message]);
    let message = note(&desk, &customer, number, &[&admin]);
    desk.refuse(&customer, vec![message], "support", 7);
    let message = grant(&desk, &admin, number, 1, &customer.fingerprint(0));
    desk.refuse(&admin, vec![message], "support", 43);
}

#[test]
fn the_last_grants_of_a_target_are_kept_for_administrators() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, agent, .. } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    // Thirty-one administrators would be too many readers; one administrator's keys over a week will do.
    let mut granted = 0;
    let mut n = 1;
    while granted < 32 {
        desk.pass_to(desk.time + DAY_SECONDS);
        for _ in 0..4 {
            desk.must(&customer, vec![register(&customer, n)]);
            let message = grant(&desk, &admin, number, 0, &customer.fingerprint(n));
            desk.must(&admin, vec![message]);
            desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(n))]);
            (granted, n) = (granted + 1, n + 1);
        }
    }
    let message = grant(&desk, &admin, number, 0, &agent.fingerprint(0));
    desk.refuse(&admin, vec![message], "support", 44);
    let message = grant(&desk, &admin, number, 0, &admin.fingerprint(0));
    desk.must(&admin, vec![message]);
    assert_eq!(status_of(&desk, number).grants.len(), 33);
}

#[test]
fn a_customer_who_rotates_their_keys_keeps_no_assignee_or_administrator_out() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, agent, .. } = cast;
    let mut to_themselves = 0;
    for n in 1..=20 {
        if n % 4 == 1 {
            desk.pass_to(desk.time + DAY_SECONDS);
        }
        desk.must(&customer, vec![register(&customer, n)]);
        let message = grant(&desk, &customer, number, 0, &customer.fingerprint(n));
        if n <= 16 {
            desk.must(&customer, vec![message]);
            to_themselves += 1;
        } else {
            desk.refuse(&customer, vec![message], "support", 44);
        }
        if n < 20 {
            desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(n))]);
        }
    }
    assert_eq!(to_themselves, 16, "the other places are for members' grants");
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    desk.must(&admin, vec![grant(&desk, &admin, number, 0, &agent.fingerprint(0))]);
    // Nor does the administrators' own half become full of grants that were made not to open.
    for n in 1..=20 {
        if n % 4 == 1 {
            desk.pass_to(desk.time + DAY_SECONDS);
        }
        desk.must(&admin, vec![register(&admin, n)]);
        let message = grant(&desk, &customer, number, 0, &admin.fingerprint(n));
        if n <= 16 {
            desk.must(&customer, vec![message]);
        } else {
            desk.refuse(&customer, vec![message], "support", 44);
        }
        if n < 20 {
            desk.must(&admin, vec![revoke_key(&admin, admin.fingerprint(n))]);
        }
    }
    desk.must(&admin, vec![grant(&desk, &admin, number, 0, &admin.fingerprint(20))]);
    assert_eq!(status_of(&desk, number).grants.len(), 34);
}

#[test]
fn former_administrators_grants_are_not_the_customers_part() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    let former = Person::new("former");
    desk.must(&admin, vec![assign_role(&admin, &former, "administrator")]);
    desk.must(&former, vec![register(&former, 0)]);
    let grants = |desk: &mut Desk, granter: &Person, n: usize| {
        if n % 4 == 1 {
            desk.pass_to(desk.time + DAY_SECONDS);
        }
        desk.must(&customer, vec![register(&customer, n)]);
        let message = grant(desk, granter, number, 0, &customer.fingerprint(n));
        desk.must(granter, vec![message]);
        desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(n))]);
    };
    (1..=16).for_each(|n| grants(&mut desk, &former, n));
    desk.must(&former, vec![revoke_role(&former, &former, "administrator")]);
    // The customer has a part of their own beside these.
    (17..=32).for_each(|n| grants(&mut desk, &customer, n));
    assert_eq!(status_of(&desk, number).grants.len(), 32);
}
