//! Envelopes as a reader meets them: from anyone, and from a sender who means harm.

use prost::Message as _;
use sealdesk_envelope::{Expected, Received};
use sealdesk_protocol::envelope::{
    AccountKey, Envelope, EnvelopeLimits, client_message, padded_len, user_digest,
};
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};

use crate::people::{administrator, agent, customer, sealed, ticket_context};
use crate::{Outcome, Target};

const BYTES_MAX: usize = 8_192;
const PLAINTEXT: &[u8] = br#"{"v":1,"subject":"Printer on fire","description":"It is."}"#;

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run| Target { name, bytes_max: BYTES_MAX, run, seeds, contains_panics: false };
    vec![target("envelope_form", form), target("envelope_open", open), target("envelope_resigned", resigned)]
}

fn form(data: &[u8]) -> Outcome {
    let Ok(wire) = MultiRecipientEnvelope::decode(data) else { return Outcome::Refused };
    let envelope = Envelope::from_wire(&wire, EnvelopeLimits::WIDEST);
    if let Ok(envelope) = &envelope {
        assert!(envelope.to_wire() == wire, "what was read is written otherwise");
        assert!((1..=32).contains(&envelope.wrapped_keys().len()));
        let padded = envelope.payload_ciphertext().len() - 48;
        assert_eq!(padded_len(padded), Some(padded));
        let _ = envelope.digests(&ticket_context(1));
    }
    Outcome::from(&envelope)
}

/// The one envelope that the customer sealed for the administrator and himself.
fn genuine() -> MultiRecipientEnvelope {
    static GENUINE: std::sync::OnceLock<MultiRecipientEnvelope> = std::sync::OnceLock::new();
    let seal = || {
        let readers = [*administrator().encryption.public(), *customer().encryption.public()];
        sealed(&ticket_context(1), customer(), &readers, PLAINTEXT)
    };
    GENUINE.get_or_init(seal).clone()
}

/// Opens with the administrator's key what is expected from the customer. Only the genuine envelope may open.
fn open(data: &[u8]) -> Outcome {
    let Ok(wire) = MultiRecipientEnvelope::decode(data) else { return Outcome::Refused };
    let (context, sender) = (ticket_context(1), customer());
    let expected =
        Expected { context: &context, signing_key: sender.signing.public(), account: AccountKey::OfSender };
    let Ok(received) = Received::verify(&wire, &expected) else { return Outcome::Refused };
    let opened = received.open(&administrator().encryption, &[]);
    if let Ok(opened) = &opened {
        assert!(wire == genuine(), "a forged envelope opens");
        assert!(opened.plaintext() == PLAINTEXT);
    }
    assert!(received.open(&agent().encryption, &[]).is_err(), "an envelope opens for a stranger");
    Outcome::from(&opened)
}

/// The same, but the sender signs whatever the envelope has become, and a thief grants himself its entries. It may open
/// for the administrator only while all that he uses of it is genuine, and for a stranger never.
fn resigned(data: &[u8]) -> Outcome {
    let Ok(wire) = MultiRecipientEnvelope::decode(data) else { return Outcome::Refused };
    let Ok(envelope) = Envelope::from_wire(&wire, EnvelopeLimits::WIDEST) else { return Outcome::Refused };
    let (context, sender) = (ticket_context(1), customer());
    let envelope = sign_again(envelope);
    let expected =
        Expected { context: &context, signing_key: sender.signing.public(), account: AccountKey::OfSender };
    let Ok(received) = Received::verify_shaped(envelope, &expected) else { return Outcome::Refused };
    let reader = administrator();
    let opened = received.open(&reader.encryption, &wire.wrapped_keys);
    if let Ok(opened) = &opened {
        let genuine = Envelope::from_wire(&genuine(), EnvelopeLimits::WIDEST).expect("it is genuine");
        let own = reader.encryption.fingerprint();
        assert!(received.envelope().payload_ciphertext() == genuine.payload_ciphertext());
        assert!(received.envelope().payload_nonce() == genuine.payload_nonce());
        assert!(received.envelope().entry(own) == genuine.entry(own), "a forged entry opens");
        assert!(opened.plaintext() == PLAINTEXT);
        let wrong =
            opened.entries_that_cannot_open(&[*reader.encryption.public(), *sender.encryption.public()]);
        assert!(!wrong.contains(own), "the entry that opened is said not to");
    }
    let thief = agent();
    let stolen: Vec<WrappedKeyEntry> = wire
        .wrapped_keys
        .iter()
        .map(|entry| WrappedKeyEntry {
            recipient_id: thief.encryption.fingerprint().to_string(),
            ..entry.clone()
        })
        .collect();
    assert!(received.open(&thief.encryption, &stolen).is_err(), "an envelope opens for a stranger");
    Outcome::from(&opened)
}

/// Signs as the customer, with the client's key and, where the envelope names an account, with the account's.
fn sign_again(envelope: Envelope) -> Envelope {
    let (context, sender) = (ticket_context(1), customer());
    let digest = envelope.digests(&context).envelope;
    let client = sender.pair.sign(&client_message(&digest)).try_into().expect("64 bytes");
    let account = sender.account.sign_digest(&user_digest(&digest, &client)).expect("RFC 6979 signs");
    envelope.with_client_signature(client).with_user_signature(account)
}

fn seeds() -> Vec<Vec<u8>> {
    let all = [administrator(), customer(), agent()].map(|person| *person.encryption.public());
    let other = sealed(&ticket_context(2), customer(), &all[1..], &[b'x'; 700]);
    let mut unsigned = genuine();
    (unsigned.user_signature, unsigned.user_pub_key) = (Vec::new(), Vec::new());
    [genuine(), other, unsigned].iter().map(prost::Message::encode_to_vec).collect()
}
