//! Hostile envelopes and grants. The signature is made last, over the changed envelope where that has a digest at all, so
//! that each is refused for its own reason.

use prost_types::Any;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_testkit::forge::{self, Place};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{create_at, readers, respond_wire, targeted, ticket_id};

use super::Builder;

pub(super) fn build(b: &mut Builder<'_>) {
    forms(b);
    signatures(b);
    named_readers(b);
    replays(b);
    grants(b);
}

/// A create by the other customer whose envelope was changed before it was signed.
fn create(b: &Builder<'_>, change: impl Fn(&mut MultiRecipientEnvelope)) -> Any {
    let (who, admin) = (&b.stage.other, &b.stage.admin);
    let mut message = create_at(&b.stage.desk, who, &[admin, who], 0);
    let mut envelope = forge::unsigned(&readers(&[admin, who]), 5);
    change(&mut envelope);
    let place = Place {
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sequence: b.stage.desk.sequence(who),
        index: 0,
    };
    message.encrypted_payload = Some(forge::signed(envelope, who, 0, &place));
    to_any(&message)
}

pub(super) fn forms(b: &mut Builder<'_>) {
    type Change = fn(&mut MultiRecipientEnvelope);
    let changes: [(&str, Change); 36] = [
        ("version 0", |e| e.version = 0),
        ("version 1, whose key is a public constant", |e| e.version = 1),
        ("version 2, whose key is a public constant", |e| e.version = 2),
        ("version 4", |e| e.version = 4),
        ("no algorithm", |e| e.algorithm_id.clear()),
        ("another algorithm", |e| e.algorithm_id = "AES-256-GCM".to_owned()),
        ("algorithm version 0", |e| e.algorithm_version = 0),
        ("algorithm version 2", |e| e.algorithm_version = 2),
        ("no recipient mode", |e| e.recipient_mode = 0),
        ("recipient mode full validator set", |e| e.recipient_mode = 1),
        ("recipient mode 77", |e| e.recipient_mode = 77),
        ("no nonce", |e| e.payload_nonce.clear()),
        ("a nonce of 23 bytes", |e| e.payload_nonce.truncate(23)),
        ("a nonce of 25 bytes", |e| e.payload_nonce.push(0)),
        ("no ciphertext", |e| e.payload_ciphertext.clear()),
        ("a ciphertext of 303 bytes", |e| e.payload_ciphertext.truncate(303)),
        ("a ciphertext of 305 bytes", |e| e.payload_ciphertext.push(0)),
        ("a ciphertext of 48 bytes", |e| e.payload_ciphertext.truncate(48)),
        ("no readers", |e| e.wrapped_keys.clear()),
        ("33 readers", |e| e.wrapped_keys = (0..33).map(|n| forge::entry(&format!("{n:040x}"), 1)).collect()),
        ("readers out of order", |e| e.wrapped_keys.reverse()),
        ("a reader twice", |e| e.wrapped_keys.insert(0, e.wrapped_keys[0].clone())),
        ("a reader in capitals", |e| e.wrapped_keys[0].recipient_id.make_ascii_uppercase()),
        ("a reader of 39 digits", |e| e.wrapped_keys[0].recipient_id.truncate(39)),
        ("a reader without name", |e| e.wrapped_keys[0].recipient_id.clear()),
        ("a wrapped key of 47 bytes", |e| e.wrapped_keys[0].wrapped_key.truncate(47)),
        ("a wrapped key of 49 bytes", |e| e.wrapped_keys[0].wrapped_key.push(0)),
        ("an ephemeral key of 31 bytes", |e| e.wrapped_keys[0].ephemeral_pub_key.truncate(31)),
        ("an entry of another algorithm", |e| e.wrapped_keys[0].algorithm = "RSA".to_owned()),
        ("a client id of 65 bytes", |e| e.client_id = "x".repeat(65)),
        ("metadata", |e| drop(e.metadata.insert("a".to_owned(), "b".to_owned()))),
        ("a committee epoch", |e| e.committee_epoch = 1),
        ("a user signature without key", |e| e.user_signature = vec![1; 64]),
        ("a user key without signature", |e| e.user_pub_key = vec![2; 33]),
        ("a user key that is no point", |e| (e.user_pub_key, e.user_signature) = (vec![5; 33], vec![1; 64])),
        ("70,000 bytes", |e| e.payload_ciphertext = vec![0; 70_000]),
    ];
    for (name, change) in changes {
        let message = create(b, change);
        let who = b.stage.other.clone();
        b.rule(format!("an envelope with {name}"), &who, message, ("support", 11));
    }
    let (who, admin) = (b.stage.other.clone(), b.stage.admin.clone());
    let mut message = create_at(&b.stage.desk, &who, &[&admin, &who], 0);
    message.encrypted_payload = None;
    b.rule("no envelope", &who, to_any(&message), ("support", 11));
}

fn signatures(b: &mut Builder<'_>) {
    let (who, admin) = (b.stage.other.clone(), b.stage.admin.clone());
    type Change = fn(&mut MultiRecipientEnvelope);
    let changes: [(&str, Change); 9] = [
        ("no client signature", |e| e.client_signature.clear()),
        ("a client signature of 63 bytes", |e| e.client_signature.truncate(63)),
        ("a client signature of zeros", |e| e.client_signature = vec![0; 64]),
        ("a client signature whose S is not reduced", |e| e.client_signature[63] |= 0xe0),
        ("a bit of the client signature flipped", |e| e.client_signature[1] ^= 1),
        ("a bit of the ciphertext flipped", |e| e.payload_ciphertext[99] ^= 1),
        ("a bit of the nonce flipped", |e| e.payload_nonce[9] ^= 1),
        ("a bit of a wrapped key flipped", |e| e.wrapped_keys[0].wrapped_key[9] ^= 1),
        ("the client id changed", |e| e.client_id = "another".to_owned()),
    ];
    for (name, change) in changes {
        let mut message = create_at(&b.stage.desk, &who, &[&admin, &who], 0);
        change(message.encrypted_payload.as_mut().unwrap());
        b.rule(format!("after signing: {name}"), &who, to_any(&message), ("support", 11));
    }
    // A signature of somebody else's key, and of an own key that was never registered.
    for (name, signer, n) in
        [("the administrator's key", admin.clone(), 0), ("a key not registered", who.clone(), 5)]
    {
        let place = Place {
            ticket_id: String::new(),
            kind: Kind::Ticket,
            sequence: b.stage.desk.sequence(&who),
            index: 0,
        };
        let digest = {
            let envelope = forge::unsigned(&readers(&[&admin, &who]), 5);
            let limits = sealdesk_protocol::envelope::EnvelopeLimits::WIDEST;
            let parsed = sealdesk_protocol::envelope::Envelope::from_wire(&envelope, limits).unwrap();
            parsed.digests(&forge::context(&sealdesk_testkit::chain_id(), &who, &place)).envelope
        };
        let signature = signer.key(n).sign(&sealdesk_protocol::envelope::client_message(&digest));
        let mut message = create_at(&b.stage.desk, &who, &[&admin, &who], 0);
        let envelope = forge::unsigned(&readers(&[&admin, &who]), 5);
        message.encrypted_payload = Some(MultiRecipientEnvelope { client_signature: signature, ..envelope });
        b.rule(format!("signed with {name}"), &who, to_any(&message), ("support", 11));
    }
    let own = b.stage.other.public.to_vec();
    let forged = create(b, |e| (e.user_pub_key, e.user_signature) = (own.clone(), vec![1; 64]));
    b.rule("a forged user signature", &who, forged, ("support", 11));
    let others = b.stage.admin.public.to_vec();
    let message = create(b, |e| (e.user_pub_key, e.user_signature) = (others.clone(), vec![1; 64]));
    b.rule("somebody else's user key", &who, message, ("support", 11));
}

fn named_readers(b: &mut Builder<'_>) {
    let [admin, agent, customer, other] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other].map(Clone::clone);
    let create = |b: &Builder<'_>, people: &[&Person]| to_any(&create_at(&b.stage.desk, &other, people, 0));
    let message = create(b, &[&other]);
    b.rule("a ticket that no administrator can read", &other, message, ("support", 42));
    let message = create(b, &[&admin]);
    b.rule("a ticket that its customer cannot read", &other, message, ("support", 42));
    let message = create(b, &[&admin, &other, &agent]);
    b.rule("a ticket for an agent who does not have it", &other, message, ("support", 43));
    let message = create(b, &[&admin, &other, &customer]);
    b.rule("a ticket for another customer", &other, message, ("support", 43));
    let message = create(b, &[&admin, &other, &Person::new("nobody")]);
    b.rule("a ticket for a key that nobody has", &other, message, ("support", 43));
    for (name, people, code) in [
        ("without its agent", vec![&admin, &customer], 42),
        ("without its customer", vec![&admin, &agent], 42),
        ("without an administrator", vec![&agent, &customer], 42),
        ("for a stranger too", vec![&admin, &agent, &customer, &other], 43),
    ] {
        let message = to_any(&respond_wire(&b.stage.desk, &agent, 2, &people, false));
        b.rule(format!("a response {name}"), &agent, message, ("support", code));
    }
    for (name, people, code) in [
        ("for the customer", vec![&admin, &agent, &customer], 43),
        ("without its agent", vec![&admin], 42),
        ("without an administrator", vec![&agent], 42),
    ] {
        let message = to_any(&respond_wire(&b.stage.desk, &agent, 2, &people, true));
        b.rule(format!("a note {name}"), &agent, message, ("support", code));
    }
}

fn replays(b: &mut Builder<'_>) {
    let [admin, agent, customer] = [&b.stage.admin, &b.stage.agent, &b.stage.customer].map(Clone::clone);
    let all = [&admin, &agent, &customer];
    let sequence = b.stage.desk.sequence(&agent);
    let fits = Place { ticket_id: ticket_id(2), kind: Kind::Response, sequence, index: 0 };
    for (name, place) in [
        ("of another ticket", Place { ticket_id: ticket_id(5), ..fits.clone() }),
        ("of no ticket", Place { ticket_id: String::new(), ..fits.clone() }),
        ("of a note", Place { kind: Kind::Note, ..fits.clone() }),
        ("of a ticket's own kind", Place { kind: Kind::Ticket, ..fits.clone() }),
        ("of the sequence before", Place { sequence: sequence - 1, ..fits.clone() }),
        ("of the next sequence", Place { sequence: sequence + 1, ..fits.clone() }),
        ("of another index", Place { index: 1, ..fits.clone() }),
    ] {
        let mut message = respond_wire(&b.stage.desk, &agent, 2, &all, false);
        let envelope = forge::unsigned(&readers(&all), 5);
        message.encrypted_payload = Some(forge::signed(envelope, &agent, 0, &place));
        b.rule(format!("an envelope {name}"), &agent, to_any(&message), ("support", 11));
    }
    let mut stolen = respond_wire(&b.stage.desk, &agent, 2, &all, false);
    stolen.responder = admin.address.to_string();
    b.rule("an envelope of another sender", &admin, to_any(&stolen), ("support", 11));
}

fn grants(b: &mut Builder<'_>) {
    let [admin, agent, customer, other] =
        [&b.stage.admin, &b.stage.agent, &b.stage.customer, &b.stage.other].map(Clone::clone);
    let message = |sender: &Person, grant: wire::TargetedGrant| {
        to_any(&wire::MsgGrantAccess {
            sender: sender.address.to_string(),
            ticket_id: ticket_id(2),
            grants: vec![grant],
            agent: String::new(),
        })
    };
    let good = targeted(&b.stage.desk, &admin, 2, 0, &agent.fingerprint(0));
    type Change = fn(&mut wire::TargetedGrant);
    let changes: [(&str, Change, u32); 10] = [
        ("without entry", |g| g.entry = None, 11),
        ("without signature", |g| g.grant_signature.clear(), 11),
        ("with a signature of 63 bytes", |g| g.grant_signature.truncate(63), 11),
        ("with a bit of the signature flipped", |g| g.grant_signature[7] ^= 1, 11),
        ("with a bit of the key flipped", |g| g.entry.as_mut().unwrap().wrapped_key[7] ^= 1, 11),
        ("with a wrapped key of 47 bytes", |g| g.entry.as_mut().unwrap().wrapped_key.truncate(47), 11),
        ("for a reader in capitals", |g| g.entry.as_mut().unwrap().recipient_id.make_ascii_uppercase(), 11),
        ("moved to another target", |g| g.target = 1, 11),
        ("on a response that does not exist", |g| g.target = 3, 18),
        ("on the last target there is", |g| g.target = u32::MAX, 18),
    ];
    for (name, change, code) in changes {
        let mut grant = good.clone();
        change(&mut grant);
        b.rule(format!("a grant {name}"), &admin, message(&admin, grant), ("support", code));
    }
    let stranger = targeted(&b.stage.desk, &admin, 2, 0, &other.fingerprint(0));
    b.rule("a grant for a stranger", &admin, message(&admin, stranger), ("support", 43));
    let to_customer = targeted(&b.stage.desk, &admin, 2, 2, &customer.fingerprint(0));
    b.rule("a grant of a note for the customer", &admin, message(&admin, to_customer), ("support", 43));
    let of_note = targeted(&b.stage.desk, &customer, 2, 2, &admin.fingerprint(0));
    b.rule("a grant of a note by the customer", &customer, message(&customer, of_note), ("support", 7));
    b.rule("somebody else's grant again", &customer, message(&customer, good.clone()), ("support", 11));
    let by_agent = targeted(&b.stage.desk, &agent, 2, 0, &agent.fingerprint(0));
    b.rule("a grant by the agent", &agent, message(&agent, by_agent), ("support", 7));
}
