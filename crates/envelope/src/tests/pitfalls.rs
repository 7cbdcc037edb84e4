//! The list of pitfalls of docs/spec/envelope.md, one named test each, against an attacker who may be the sender and signs
//! whatever he likes. (Form and signatures alone: the tests of `sealdesk_protocol::envelope`. Two data keys under one
//! ciphertext: `two_keys`. All-zero points: `backends`.)

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use sealdesk_protocol::envelope::{
    Context, Envelope, EnvelopeError, EnvelopeLimits, Kind, RECIPIENTS_MAX, WrappedKey, verify_grant,
};
use sealdesk_protocol::keys::EncryptionKey;

use super::scene::{DEK, NONCE, PLAINTEXT, Scene, reader, secret, signing};
use crate::backend::secretbox_seal;
use crate::open::Reason;
use crate::schedule;
use crate::seal::{Message, SealError, Signers, seal_with};
use crate::secret::Secret;
use crate::wrap::{Binding, Wrapper};
use crate::{PlaceUsedTwice, PlacesSeen, content};

#[test]
fn every_named_reader_opens_and_nobody_else_does() {
    let scene = Scene::new();
    let wire = scene.seal().to_wire();
    for reader in &scene.readers {
        assert_eq!(scene.open_as(&wire, reader, &[]).as_deref(), Ok(PLAINTEXT));
    }
    assert_eq!(scene.open_as(&wire, &reader(0x77), &[]), Err(Reason::NotARecipient));
}

#[test]
fn the_public_constant_of_the_original_code_opens_nothing() {
    // Bug 30 of docs/known-bugs.md: its payload key was X25519 of any secret with an all-zero key, that is: thirty-two zeroes, boxed.
    let scene = Scene::new();
    let envelope = scene.seal();
    let header = scene.context.header(&NONCE);
    let zero = Secret::take(&mut [0; 32]);
    let constants = [crate::backend::box_key(&zero), schedule::payload_key(&zero, &header), zero];
    for key in constants {
        for sealed in [&envelope.payload_ciphertext()[32..], envelope.payload_ciphertext()] {
            assert!(crate::backend::secretbox_open(&key, &NONCE, sealed).is_err());
        }
        assert_eq!(crate::open::open_payload(&key, &header, &envelope).err(), Some(Reason::Commitment));
    }
}

#[test]
fn versions_one_and_two_are_refused_even_by_one_of_their_readers() {
    let scene = Scene::new();
    for actual in [1, 2] {
        let mut wire = scene.seal().to_wire();
        wire.version = actual;
        assert_eq!(scene.open(&wire), Err(EnvelopeError::Version { actual }.into()));
    }
}

#[test]
fn a_replay_into_another_place_opens_nowhere_even_when_signed_again() {
    // Bug 32 of docs/known-bugs.md. The wrapped keys and the box are bound to the place themselves, beside the signatures.
    let scene = Scene::new();
    let wire = scene.seal().to_wire();
    let context = &scene.context;
    let elsewhere = [
        Context { chain_id: "desk-0".into(), ..context.clone() },
        Context { ticket_id: "TKT-00000001".into(), ..context.clone() },
        Context { kind: Kind::Response, ..context.clone() },
        Context { sender: "virtengine16nctck3fmcrt2y8e4fpg78hdh2fxqy44u084n4".into(), ..context.clone() },
        Context { sequence: 8, ..context.clone() },
        Context { index: 1, ..context.clone() },
    ];
    for place in elsewhere {
        assert!(scene.receive_in(&place, &wire).is_err());
        let received = scene.receive_in(&place, &scene.resign_in(&place, &wire)).unwrap();
        assert_eq!(received.open_by_own(&scene), Err(Reason::Unwrap), "{place:?}");
        let key = Secret::take(&mut DEK.clone());
        let opened = crate::open::open_payload(&key, &place.header(&NONCE), received.envelope());
        assert_eq!(opened.err(), Some(Reason::Commitment), "not even with the data key");
    }
}

impl crate::open::Received {
    fn open_by_own(&self, scene: &Scene) -> Result<usize, Reason> {
        self.open(&scene.readers[0], &[]).map(|opened| opened.plaintext().len()).map_err(|error| error.0)
    }
}

#[test]
fn two_records_of_one_place_are_refused() {
    let scene = Scene::new();
    let mut seen = PlacesSeen::default();
    assert_eq!(seen.note(&scene.context), Ok(()));
    assert_eq!(seen.note(&Context { index: 1, ..scene.context.clone() }), Ok(()));
    let copy = Context { ticket_id: "TKT-00000002".into(), kind: Kind::Response, ..scene.context.clone() };
    let PlaceUsedTwice { sequence, index, .. } = seen.note(&copy).unwrap_err();
    assert_eq!((sequence, index), (7, 0));
}

#[test]
fn a_stranger_who_strips_the_signatures_and_signs_himself_gains_nothing() {
    // Bugs 31 and 32 of docs/known-bugs.md: the ciphertext of another, sent as one's own.
    let scene = Scene::new();
    let mut wire = scene.seal().to_wire();
    (wire.user_signature, wire.user_pub_key) = (Vec::new(), Vec::new());
    let thief = Scene { signing: signing(0x44), ..Scene::new() };
    let place = Context {
        sender: "virtengine16nctck3fmcrt2y8e4fpg78hdh2fxqy44u084n4".into(),
        ..scene.context.clone()
    };
    let stolen = thief.resign_in(&place, &wire);
    assert!(scene.receive_in(&place, &stolen).is_err(), "not under the victim's key");
    let received = thief.receive_in(&place, &stolen).unwrap();
    assert_eq!(received.open_by_own(&scene), Err(Reason::Unwrap));
}

#[test]
fn a_low_order_ephemeral_key_is_refused_even_when_signed() {
    let scene = Scene::new();
    for point in ["00", "01", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"] {
        let mut wire = scene.seal().to_wire();
        let mut bytes = hex::decode(point).unwrap();
        bytes.resize(32, 0);
        wire.wrapped_keys[0].ephemeral_pub_key = bytes;
        assert_eq!(scene.open(&scene.resign(&wire)), Err(Reason::Unwrap));
    }
}

#[test]
fn a_swapped_or_dropped_entry_that_is_signed_again_opens_nothing_for_its_reader() {
    let scene = Scene::new();
    let wire = scene.seal().to_wire();
    let mut swapped = wire.clone();
    swapped.wrapped_keys[0].wrapped_key = wire.wrapped_keys[1].wrapped_key.clone();
    assert_eq!(scene.open(&scene.resign(&swapped)), Err(Reason::Unwrap));
    let mut dropped = wire;
    dropped.wrapped_keys.remove(0);
    assert_eq!(scene.open(&scene.resign(&dropped)), Err(Reason::NotARecipient));
}

#[test]
fn any_reader_sees_whose_entry_cannot_open_and_reads_all_the_same() {
    let scene = Scene::new();
    let mut wire = scene.seal().to_wire();
    wire.wrapped_keys[2].wrapped_key[5] ^= 1;
    let received = scene.receive_in(&scene.context, &scene.resign(&wire)).unwrap();
    let opened = received.open(&scene.readers[0], &[]).unwrap();
    assert_eq!(opened.plaintext(), PLAINTEXT);
    let readers: Vec<EncryptionKey> = scene.publics().into_iter().chain([*reader(0x77).public()]).collect();
    assert_eq!(opened.entries_that_cannot_open(&readers), [*scene.readers[2].fingerprint()]);
    let honest = scene.receive_in(&scene.context, &scene.seal().to_wire()).unwrap();
    assert!(honest.open(&scene.readers[1], &[]).unwrap().entries_that_cannot_open(&readers).is_empty());
}

#[test]
fn a_flipped_bit_in_any_field_is_refused_and_signed_again_opens_nothing() {
    let scene = Scene::new();
    let wire = scene.seal().to_wire();
    for at in 0..wire.payload_ciphertext.len() * 8 {
        let mut flipped = wire.clone();
        flipped.payload_ciphertext[at / 8] ^= 1 << (at % 8);
        let expected = if at / 8 < 32 { Reason::Unwrap } else { Reason::Payload };
        assert_eq!(scene.open(&scene.resign(&flipped)), Err(expected), "bit {at}");
        if at % 64 == 0 {
            assert_eq!(scene.open(&flipped), Err(EnvelopeError::ClientSignature.into()));
        }
    }
    for at in 0..48 * 8 {
        let mut flipped = wire.clone();
        flipped.wrapped_keys[0].wrapped_key[at / 8] ^= 1 << (at % 8);
        assert_eq!(scene.open(&scene.resign(&flipped)), Err(Reason::Unwrap), "bit {at}");
    }
    for at in 0..24 * 8 {
        let mut flipped = wire.clone();
        flipped.payload_nonce[at / 8] ^= 1 << (at % 8);
        assert_eq!(scene.open(&scene.resign(&flipped)), Err(Reason::Unwrap), "bit {at}");
    }
}

#[test]
fn a_later_reader_opens_by_a_grant_and_the_ledger_verifies_it() {
    let scene = Scene::new();
    let wire = scene.seal().to_wire();
    let (late, granter) = (reader(0x77), signing(0x44));
    let received = scene.receive_in(&scene.context, &wire).unwrap();
    let opened = received.open(&scene.readers[1], &[]).unwrap();
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let grant = opened.grant(late.public(), "virtengine1granter", &granter, &mut rng).unwrap();
    let content = received.digests().content;
    let judge = |who| verify_grant(&content, who, &grant.entry, granter.public(), &grant.signature);
    assert_eq!(judge("virtengine1granter"), Ok(()));
    assert_eq!(judge("virtengine1other"), Err(EnvelopeError::GrantSignature));
    let entry = grant.entry.to_wire();
    assert_eq!(scene.open_as(&wire, &late, std::slice::from_ref(&entry)).as_deref(), Ok(PLAINTEXT));
    let again = opened.grant(late.public(), "virtengine1granter", &granter, &mut rng).unwrap();
    assert_ne!(again.entry.ephemeral_key, grant.entry.ephemeral_key, "fresh for every grant");
    // Bug 34 of docs/known-bugs.md: a rotated reader is granted its new key; broken or foreign grants before it do no harm.
    let mut broken = entry.clone();
    broken.wrapped_key[0] ^= 1;
    let mut malformed = entry.clone();
    malformed.ephemeral_pub_key.clear();
    let grants = [malformed, broken, wire.wrapped_keys[0].clone(), entry];
    assert_eq!(scene.open_as(&wire, &late, &grants).as_deref(), Ok(PLAINTEXT));
    assert_eq!(scene.open_as(&wire, &late, &grants[..3]), Err(Reason::Unwrap));
}

#[test]
fn a_grant_with_a_different_data_key_opens_nothing() {
    let scene = Scene::new();
    let envelope = scene.seal();
    let late = reader(0x77);
    let header = scene.context.header(&NONCE);
    let binding = Binding { header: &header, commitment: envelope.commitment() };
    let entry = Wrapper::new(binding, secret(0x12)).wrap(&secret(0x13), late.public()).unwrap();
    assert_eq!(scene.open_as(&envelope.to_wire(), &late, &[entry.to_wire()]), Err(Reason::Commitment));
}

#[test]
fn a_revoked_or_missing_reader_never_blocks_the_others() {
    // Bug 34 of docs/known-bugs.md: in the original a reader who rotated made the ticket unreadable for ever. Here every entry stands
    // alone, and a client that leaves one out seals for the rest.
    let scene = Scene::new();
    let remaining = &scene.publics()[1..];
    let signers = Signers { signing: &scene.signing, account: None };
    let key = Secret::take(&mut DEK.clone());
    let envelope = seal_with(&scene.message(PLAINTEXT, remaining), &signers, &key, NONCE).unwrap();
    for reader in &scene.readers[1..] {
        assert_eq!(scene.open_as(&envelope.to_wire(), reader, &[]).as_deref(), Ok(PLAINTEXT));
    }
}

#[test]
fn padding_has_one_form_only() {
    let scene = Scene::new();
    let key = Secret::take(&mut DEK.clone());
    let header = scene.context.header(&NONCE);
    let with_padded = |padded: &[u8]| {
        let mut wire = scene.seal().to_wire();
        let sealed = secretbox_seal(&schedule::payload_key(&key, &header), &NONCE, padded);
        wire.payload_ciphertext.truncate(32);
        wire.payload_ciphertext.extend_from_slice(&sealed);
        scene.open(&scene.resign(&wire))
    };
    let mut padded = vec![0; 256];
    (padded[0], padded[1]) = (b'm', 0x80);
    assert_eq!(with_padded(&padded).as_deref(), Ok(&b"m"[..]));
    assert_eq!(with_padded(&[0; 256]), Err(Reason::Padding), "no mark");
    padded.resize(272, 0);
    assert_eq!(with_padded(&padded), Err(Reason::Padding), "more than Padmé gives");
    padded.truncate(256);
    for mark in [0x00, 0x01, 0x7f, 0x81, 0xff] {
        padded[1] = mark;
        assert_eq!(with_padded(&padded), Err(Reason::Padding), "mark {mark:#x}");
    }
    padded[1] = 0x80;
    padded[255] = 1;
    assert_eq!(with_padded(&padded), Err(Reason::Padding), "something after the mark");
}

#[test]
fn no_reader_two_of_one_key_and_one_too_many_cannot_be_sealed() {
    // Bug 33 of docs/known-bugs.md, from the sealer's side.
    let scene = Scene::new();
    let too_many = u8::try_from(RECIPIENTS_MAX).unwrap() + 1;
    let many: Vec<EncryptionKey> = (0..too_many).map(|n| *reader(n + 8).public()).collect();
    let seal = |readers: &[EncryptionKey]| {
        let signers = Signers { signing: &scene.signing, account: None };
        seal_with(&scene.message(PLAINTEXT, readers), &signers, &secret(1), NONCE)
    };
    let count =
        |actual| Err(SealError::Envelope(EnvelopeError::RecipientCount { actual, max: RECIPIENTS_MAX }));
    assert!(seal(&many[..RECIPIENTS_MAX]).is_ok());
    assert_eq!(seal(&many), count(RECIPIENTS_MAX + 1));
    assert_eq!(seal(&[]), count(0));
    assert_eq!(seal(&[many[0], many[1], many[0]]), Err(SealError::DuplicateReader));
}

#[test]
fn empty_content_is_sealed_and_oversized_content_is_not() {
    let scene = Scene::new();
    let key = Secret::take(&mut DEK.clone());
    assert_eq!(scene.open(&scene.seal_under(&key, b"").to_wire()).as_deref(), Ok(&b""[..]));
    let plaintext = vec![b'x'; content::CONTENT_BYTES_MAX];
    let publics = scene.publics();
    let limits = EnvelopeLimits { envelope_bytes_max: 65_536, recipients_max: 32 };
    let message = Message { limits, ..scene.message(&plaintext, &publics) };
    let signers = Signers { signing: &scene.signing, account: None };
    let refused = seal_with(&message, &signers, &key, NONCE).unwrap_err();
    assert!(matches!(refused, SealError::Envelope(EnvelopeError::TooLarge { max: 65_536, .. })));
}

#[test]
fn the_readers_order_and_the_callers_numbers_do_not_change_the_envelope() {
    let scene = Scene::new();
    let mut publics = scene.publics();
    publics.reverse();
    let signers = Signers { signing: &scene.signing, account: Some(&scene.account) };
    let key = Secret::take(&mut DEK.clone());
    let envelope = seal_with(&scene.message(PLAINTEXT, &publics), &signers, &key, NONCE).unwrap();
    assert_eq!(envelope, scene.seal());
    let again = Envelope::from_wire(&envelope.to_wire(), EnvelopeLimits::WIDEST).unwrap();
    assert_eq!(again, envelope);
    assert!(again.wrapped_keys().iter().map(|entry: &WrappedKey| entry.recipient).is_sorted());
}
