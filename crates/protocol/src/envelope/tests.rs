use serde_json::Value;

use super::*;
use crate::keys::{EncryptionKey, VerifyKey};
use crate::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};

const ENVELOPES: &str = include_str!("../../../../vectors/envelope/envelope.json");
const ATTACKS: &str = include_str!("../../../../vectors/envelope/attacks-sample.json");

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn context(value: &Value) -> Context {
    Context {
        chain_id: text(&value["chain_id"]),
        ticket_id: text(&value["ticket_id"]),
        kind: Kind::from_number(number(&value["kind"])).unwrap(),
        sender: text(&value["sender"]),
        sequence: value["sequence"].as_u64().unwrap(),
        index: number(&value["index"]),
    }
}

fn entry(value: &Value) -> WrappedKeyEntry {
    WrappedKeyEntry {
        recipient_id: text(&value["recipient_id"]),
        wrapped_key: bytes(&value["wrapped_key"]),
        algorithm: text(&value["algorithm"]),
        ephemeral_pub_key: bytes(&value["ephemeral_pub_key"]),
    }
}

fn wire(value: &Value) -> MultiRecipientEnvelope {
    MultiRecipientEnvelope {
        version: number(&value["version"]),
        algorithm_id: text(&value["algorithm_id"]),
        algorithm_version: number(&value["algorithm_version"]),
        recipient_mode: i32::try_from(value["recipient_mode"].as_i64().unwrap()).unwrap(),
        payload_ciphertext: bytes(&value["payload_ciphertext"]),
        payload_nonce: bytes(&value["payload_nonce"]),
        wrapped_keys: value["wrapped_keys"].as_array().unwrap().iter().map(entry).collect(),
        client_signature: bytes(&value["client_signature"]),
        client_id: text(&value["client_id"]),
        user_signature: bytes(&value["user_signature"]),
        user_pub_key: bytes(&value["user_pub_key"]),
        metadata: Default::default(),
        committee_epoch: value["committee_epoch"].as_u64().unwrap(),
    }
}

fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(ENVELOPES).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

/// The second vector: three readers and both signatures.
fn sample() -> (MultiRecipientEnvelope, Context, VerifyKey, [u8; 33]) {
    let vector = &vectors()[1];
    let wire = wire(&vector["envelope"]);
    let user = wire.user_pub_key.clone().try_into().unwrap();
    (wire, context(&vector["context"]), client_key(vector), user)
}

fn client_key(vector: &Value) -> VerifyKey {
    let seed: [u8; 32] = bytes(&vector["client_secret"]).try_into().unwrap();
    VerifyKey::parse(ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key().as_bytes()).unwrap()
}

fn parse(wire: &MultiRecipientEnvelope) -> Result<Envelope, EnvelopeError> {
    Envelope::from_wire(wire, EnvelopeLimits::WIDEST)
}

#[test]
fn known_envelopes_have_their_header_digests_and_signatures() {
    let mut seen = 0;
    for vector in vectors().iter().filter(|vector| vector.get("envelope").is_some()) {
        let (wire, context) = (wire(&vector["envelope"]), context(&vector["context"]));
        let envelope = parse(&wire).unwrap();
        assert_eq!(envelope.to_wire(), wire);
        assert_eq!(context.header(envelope.payload_nonce()), bytes(&vector["header"]));
        let user: [u8; 33] = wire.user_pub_key.clone().try_into().unwrap_or([0; 33]);
        let digests =
            verify_signatures(&envelope, &context, &client_key(vector), AccountKey::Is(&user)).unwrap();
        assert_eq!(digests.content.to_vec(), bytes(&vector["content"]));
        assert_eq!(digests.envelope.to_vec(), bytes(&vector["digest"]));
        for public in vector["reader_public"].as_array().unwrap() {
            let reader = EncryptionKey::parse(&bytes(public)).unwrap().fingerprint();
            assert_eq!(envelope.entry(&reader).unwrap().recipient, reader);
        }
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn a_known_grant_has_its_digest_and_signature() {
    let vectors = vectors();
    let grant = vectors.last().unwrap();
    let of = vectors.iter().find(|vector| vector["name"] == grant["of"]).unwrap();
    let content = parse(&wire(&of["envelope"])).unwrap().content_digest(&context(&of["context"]));
    let granted = WrappedKey::from_wire(&entry(&grant["entry"]), 0).unwrap();
    let granter = text(&grant["granter"]);
    assert_eq!(grant_digest(&content, &granter, &granted).to_vec(), bytes(&grant["grant_digest"]));
    let seed: [u8; 32] = bytes(&grant["granter_secret"]).try_into().unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    let key = VerifyKey::parse(key.as_bytes()).unwrap();
    let signature = bytes(&grant["grant_signature"]);
    assert_eq!(verify_grant(&content, &granter, &granted, &key, &signature), Ok(()));
    let refused = Err(EnvelopeError::GrantSignature);
    assert_eq!(verify_grant(&[0; 32], &granter, &granted, &key, &signature), refused);
    assert_eq!(verify_grant(&content, "another", &granted, &key, &signature), refused);
    assert_eq!(verify_grant(&content, &granter, &granted, &key, &[]), refused);
    let mut other = granted.clone();
    other.wrapped_key[0] ^= 1;
    assert_eq!(verify_grant(&content, &granter, &other, &key, &signature), refused);

    // What is known to be good is just that: nothing beside it is taken for good.
    let mut known = KnownSignatures::default();
    let signed = |content, granter, entry, signature| SignedGrant { content, granter, entry, signature };
    assert_eq!(known.learn_grant(&signed(&content, &granter, &other, &signature), &key), refused);
    assert_eq!(known, KnownSignatures::default());
    known.learn_grant(&signed(&content, &granter, &granted, &signature), &key).unwrap();
    let another_key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key();
    let another_key = VerifyKey::parse(another_key.as_bytes()).unwrap();
    let mut forged = signature.clone();
    forged[3] ^= 1;
    let verify = |content, granter, entry, key, signature: &[u8]| {
        known.verify_grant(&SignedGrant { content, granter, entry, signature }, key)
    };
    assert_eq!(verify(&content, &granter, &granted, &key, &signature), Ok(()));
    assert_eq!(verify(&[0; 32], &granter, &granted, &key, &signature), refused);
    assert_eq!(verify(&content, "another", &granted, &key, &signature), refused);
    assert_eq!(verify(&content, &granter, &other, &key, &signature), refused);
    assert_eq!(verify(&content, &granter, &granted, &another_key, &signature), refused);
    assert_eq!(verify(&content, &granter, &granted, &key, &forged), refused);
}

#[test]
fn sample_attacks_on_form_or_signature_are_refused_for_their_reason() {
    let file: Value = serde_json::from_str(ATTACKS).unwrap();
    let mut seen = 0;
    for attack in file["attacks"].as_array().unwrap() {
        let expected = match attack["why"].as_str().unwrap() {
            "client signature" => EnvelopeError::ClientSignature,
            "algorithm" => EnvelopeError::Version { actual: 2 },
            _ => continue,
        };
        let client = VerifyKey::parse(&bytes(&attack["client_public"])).unwrap();
        let user: [u8; 33] = bytes(&attack["user_pub_key"]).try_into().unwrap();
        let judged = parse(&wire(&attack["envelope"])).and_then(|envelope| {
            verify_signatures(&envelope, &context(&attack["context"]), &client, AccountKey::Is(&user))
        });
        assert_eq!(judged, Err(expected), "{}", attack["name"]);
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn an_envelope_fits_one_place_on_one_chain_only() {
    // Bug 32 of docs/known-bugs.md: copied to another chain, ticket, kind, sender, sequence or index.
    let (wire, context, client, user) = sample();
    let envelope = parse(&wire).unwrap();
    let judge = |context: &Context| verify_signatures(&envelope, context, &client, AccountKey::Is(&user));
    assert!(judge(&context).is_ok());
    let elsewhere = [
        Context { chain_id: "desk-0".into(), ..context.clone() },
        Context { ticket_id: "TKT-00000001".into(), ..context.clone() },
        Context { kind: Kind::Note, ..context.clone() },
        Context { sender: "virtengine16nctck3fmcrt2y8e4fpg78hdh2fxqy44u084n4".into(), ..context.clone() },
        Context { sequence: context.sequence + 1, ..context.clone() },
        Context { index: context.index + 1, ..context.clone() },
    ];
    for place in elsewhere {
        assert_eq!(judge(&place), Err(EnvelopeError::ClientSignature), "{place:?}");
    }
}

#[test]
fn the_account_signature_is_the_senders_and_over_the_clients() {
    let (wire, context, client, user) = sample();
    let envelope = parse(&wire).unwrap();
    let mut other = user;
    other[0] ^= 1;
    let judged = verify_signatures(&envelope, &context, &client, AccountKey::Is(&other));
    assert_eq!(judged, Err(EnvelopeError::UserKeyNotSenders));
    // The vectors' account key is not the hash of their sender's address.
    let judged = verify_signatures(&envelope, &context, &client, AccountKey::OfSender);
    assert_eq!(judged, Err(EnvelopeError::UserKeyNotSenders));
    let mut twin = envelope.user().unwrap().signature;
    twin[40] ^= 1;
    let forged = envelope.with_user_signature(twin);
    let judged = verify_signatures(&forged, &context, &client, AccountKey::Is(&user));
    assert_eq!(judged, Err(EnvelopeError::UserSignature));
}

#[test]
fn versions_one_and_two_are_refused_because_anyone_can_open_them() {
    // Bug 30 of docs/known-bugs.md: their payload key is X25519 with an all-zero peer key, a public constant.
    let (mut wire, ..) = sample();
    for actual in [0, 1, 2, 4, u32::MAX] {
        wire.version = actual;
        assert_eq!(parse(&wire), Err(EnvelopeError::Version { actual }));
    }
}

#[test]
fn no_recipient_and_one_too_many_are_refused() {
    // Bug 33 of docs/known-bugs.md, the counts.
    let vector = &vectors()[7];
    let full = wire(&vector["envelope"]);
    assert_eq!(full.wrapped_keys.len(), 32);
    assert!(parse(&full).is_ok());
    let mut more = full.clone();
    more.wrapped_keys.push(WrappedKeyEntry { recipient_id: "f".repeat(40), ..full.wrapped_keys[0].clone() });
    let usual = EnvelopeLimits { recipients_max: 32, ..EnvelopeLimits::WIDEST };
    let judged = Envelope::from_wire(&more, usual);
    assert_eq!(judged, Err(EnvelopeError::RecipientCount { actual: 33, max: 32 }));
    let three = EnvelopeLimits { recipients_max: 3, ..EnvelopeLimits::WIDEST };
    let judged = Envelope::from_wire(&full, three);
    assert_eq!(judged, Err(EnvelopeError::RecipientCount { actual: 32, max: 3 }));
    more.wrapped_keys.clear();
    let widest = EnvelopeLimits::WIDEST.recipients_max;
    assert_eq!(parse(&more), Err(EnvelopeError::RecipientCount { actual: 0, max: widest }));
    for number in 0..=widest {
        let recipient_id = format!("{number:040x}");
        more.wrapped_keys.push(WrappedKeyEntry { recipient_id, ..full.wrapped_keys[0].clone() });
    }
    assert_eq!(parse(&more), Err(EnvelopeError::RecipientCount { actual: widest + 1, max: widest }));
}

#[test]
fn duplicate_reordered_swapped_and_aliased_recipients_are_refused() {
    // Bug 33 of docs/known-bugs.md: a second way to write a reader would be a second reader.
    let (wire, ..) = sample();
    let mut duplicate = wire.clone();
    duplicate.wrapped_keys[1] = duplicate.wrapped_keys[0].clone();
    assert_eq!(parse(&duplicate), Err(EnvelopeError::RecipientOrder { index: 1 }));
    let mut swapped = wire.clone();
    swapped.wrapped_keys.swap(1, 2);
    assert_eq!(parse(&swapped), Err(EnvelopeError::RecipientOrder { index: 2 }));
    let alias = |to: String| {
        let mut wire = wire.clone();
        wire.wrapped_keys[2].recipient_id = to;
        parse(&wire)
    };
    let own = wire.wrapped_keys[2].recipient_id.clone();
    let aliases =
        [own.to_uppercase(), format!("0x{own}"), format!("{own} "), own[..39].into(), "é".repeat(20)];
    for text in aliases {
        assert_eq!(alias(text.clone()), Err(EnvelopeError::RecipientId { index: 2 }), "{text}");
    }
}

#[test]
fn dropping_or_exchanging_a_wrapped_key_breaks_the_client_signature() {
    // Bug 31 of docs/known-bugs.md: wrapped keys were not signed.
    let (wire, context, client, user) = sample();
    let judge = |wire: &MultiRecipientEnvelope| {
        verify_signatures(&parse(wire).unwrap(), &context, &client, AccountKey::Is(&user))
    };
    let mut dropped = wire.clone();
    dropped.wrapped_keys.remove(1);
    let mut exchanged = wire.clone();
    exchanged.wrapped_keys[0].wrapped_key = wire.wrapped_keys[1].wrapped_key.clone();
    let mut other_point = wire.clone();
    other_point.wrapped_keys[0].ephemeral_pub_key[0] ^= 1;
    for wire in [dropped, exchanged, other_point] {
        assert_eq!(judge(&wire), Err(EnvelopeError::ClientSignature));
    }
}

#[test]
fn a_hash_of_public_data_is_no_signature() {
    // Bug 31 of docs/known-bugs.md: the original's signature was a digest that anyone could compute.
    let (wire, context, client, user) = sample();
    let envelope = parse(&wire).unwrap();
    let digest = envelope.digests(&context).envelope;
    let forged = envelope.with_client_signature([digest, digest].concat().try_into().unwrap());
    let judged = verify_signatures(&forged, &context, &client, AccountKey::Is(&user));
    assert_eq!(judged, Err(EnvelopeError::ClientSignature));
}

#[test]
fn constant_fields_are_held_to_their_constants() {
    let (wire, ..) = sample();
    let judge = |change: fn(&mut MultiRecipientEnvelope)| {
        let mut wire = wire.clone();
        change(&mut wire);
        parse(&wire)
    };
    assert_eq!(judge(|wire| wire.algorithm_id.push('2')), Err(EnvelopeError::Algorithm));
    assert_eq!(judge(|wire| wire.algorithm_version = 2), Err(EnvelopeError::Algorithm));
    assert_eq!(judge(|wire| wire.wrapped_keys[1].algorithm.clear()), Err(EnvelopeError::Algorithm));
    assert_eq!(judge(|wire| wire.recipient_mode = 1), Err(EnvelopeError::RecipientMode { actual: 1 }));
    assert_eq!(judge(|wire| wire.committee_epoch = 1), Err(EnvelopeError::CommitteeEpoch));
    let metadata = judge(|wire| drop(wire.metadata.insert("a".into(), "b".into())));
    assert_eq!(metadata, Err(EnvelopeError::Metadata));
    assert!(judge(|wire| wire.client_id = "c".repeat(64)).is_ok());
    let client_id = judge(|wire| wire.client_id = "c".repeat(65));
    assert_eq!(client_id, Err(EnvelopeError::ClientIdTooLong { actual: 65 }));
    assert_eq!(judge(|wire| wire.user_signature.clear()), Err(EnvelopeError::UserFieldsApart));
    assert_eq!(judge(|wire| wire.user_pub_key.clear()), Err(EnvelopeError::UserFieldsApart));
    assert_eq!(judge(|wire| wire.user_pub_key[0] = 4), Err(EnvelopeError::UserKey));
}

#[test]
fn fields_of_fixed_length_have_that_length() {
    let (wire, ..) = sample();
    type Field = fn(&mut MultiRecipientEnvelope) -> &mut Vec<u8>;
    let fields: [(&str, usize, Field); 6] = [
        ("payload_nonce", 24, |wire| &mut wire.payload_nonce),
        ("wrapped_key", 48, |wire| &mut wire.wrapped_keys[2].wrapped_key),
        ("ephemeral_pub_key", 32, |wire| &mut wire.wrapped_keys[0].ephemeral_pub_key),
        ("client_signature", 64, |wire| &mut wire.client_signature),
        ("user_pub_key", 33, |wire| &mut wire.user_pub_key),
        ("user_signature", 64, |wire| &mut wire.user_signature),
    ];
    for (field, expected, of) in fields {
        for actual in [expected - 1, expected + 1] {
            let mut wire = wire.clone();
            of(&mut wire).resize(actual, 0);
            assert_eq!(parse(&wire), Err(EnvelopeError::Length { field, expected, actual }));
        }
    }
}

#[test]
fn the_ciphertext_has_a_canonically_padded_length() {
    let (mut wire, ..) = sample();
    let mut lengths = Vec::new();
    for actual in 0..=1_100 {
        wire.payload_ciphertext = vec![0; actual];
        match parse(&wire) {
            Ok(_) => lengths.push(actual - 48),
            Err(error) => assert_eq!(error, EnvelopeError::CiphertextLength { actual }),
        }
    }
    let steps = |from: usize, to: usize, step: usize| (from..to).step_by(step);
    let expected: Vec<usize> = steps(256, 512, 16).chain(steps(512, 1024, 32)).chain([1024]).collect();
    assert_eq!(lengths, expected);
}

#[test]
fn the_encoded_length_is_held_to_the_limit_exactly() {
    let (wire, ..) = sample();
    let actual = prost::Message::encoded_len(&wire);
    let limited =
        |max| Envelope::from_wire(&wire, EnvelopeLimits { envelope_bytes_max: max, recipients_max: 32 });
    assert!(limited(actual).is_ok());
    assert_eq!(limited(actual - 1), Err(EnvelopeError::TooLarge { actual, max: actual - 1 }));
}

proptest::proptest! {
    #[test]
    fn padding_grows_never_shrinks_and_is_idempotent(len in 0usize..10_000_000) {
        let padded = padded_len(len).unwrap();
        proptest::prop_assert!(padded >= len.max(PADDED_BYTES_MIN));
        proptest::prop_assert!(padded <= len.max(PADDED_BYTES_MIN) * 112 / 100 + 16);
        proptest::prop_assert_eq!(padded_len(padded), Some(padded));
        proptest::prop_assert!(padded_len(len + 1).unwrap() >= padded);
    }
}

#[test]
fn padding_beyond_the_machines_lengths_is_refused_not_wrapped() {
    assert_eq!(padded_len(usize::MAX), None);
}

#[test]
fn what_is_known_of_signatures_is_what_verifying_them_gives_and_nothing_else() {
    let (wire, context, client, user) = sample();
    let envelope = parse(&wire).unwrap();
    let verified = verify_signatures(&envelope, &context, &client, AccountKey::Is(&user)).unwrap();
    let mut known = KnownSignatures::default();
    assert_eq!(known.find(&envelope, &context, client.as_bytes(), &user), None);
    known.learn(&envelope, &context, &client, &user).unwrap();
    assert_eq!(known.find(&envelope, &context, client.as_bytes(), &user), Some(verified));

    let elsewhere = [
        Context { chain_id: "other".to_owned(), ..context.clone() },
        Context { sequence: context.sequence + 1, ..context.clone() },
        Context { index: context.index + 1, ..context.clone() },
        Context { sender: "other".to_owned(), ..context.clone() },
    ];
    for other in elsewhere {
        assert_eq!(known.find(&envelope, &other, client.as_bytes(), &user), None, "{other:?}");
        assert!(known.learn(&envelope, &other, &client, &user).is_err());
        assert_eq!(known.find(&envelope, &other, client.as_bytes(), &user), None, "{other:?} was learned");
    }
    let mut account = user;
    account[32] ^= 1;
    assert_eq!(known.find(&envelope, &context, &[7; 32], &user), None);
    assert_eq!(known.find(&envelope, &context, client.as_bytes(), &account), None);
    let mut signature = *envelope.client_signature();
    signature[3] ^= 1;
    let forged = envelope.clone().with_client_signature(signature);
    assert_eq!(known.find(&forged, &context, client.as_bytes(), &user), None);
    let forged = envelope.with_user_signature(signature);
    assert_eq!(known.find(&forged, &context, client.as_bytes(), &user), None);
    assert_eq!(known.learn(&forged, &context, &client, &user), Err(EnvelopeError::UserSignature));
    assert_eq!(known.find(&forged, &context, client.as_bytes(), &user), None);
}
