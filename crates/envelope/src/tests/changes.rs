//! Attacks that are one change to a good envelope, by a stranger (not signed again) or by the sender himself (signed).

use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};

pub(super) type Change = fn(&mut MultiRecipientEnvelope);

/// Changes after signing: name, reason, change.
pub(super) const UNSIGNED: &[(&str, &str, Change)] = &[
    ("wire version 0", "version 0", |wire| wire.version = 0),
    ("wire version 1, whose payload key is public", "version 1", |wire| wire.version = 1),
    ("wire version 2, whose payload key is public", "version 2", |wire| wire.version = 2),
    ("wire version 4", "version 4", |wire| wire.version = 4),
    ("another algorithm", "algorithm", |wire| wire.algorithm_id = "X25519-CHACHA20-POLY1305".into()),
    ("lower-case algorithm", "algorithm", |wire| wire.algorithm_id = wire.algorithm_id.to_lowercase()),
    ("algorithm version 2", "algorithm", |wire| wire.algorithm_version = 2),
    ("another algorithm in an entry", "algorithm", |wire| wire.wrapped_keys[0].algorithm.push('2')),
    ("recipient mode 0", "recipient mode", |wire| wire.recipient_mode = 0),
    ("recipient mode 1", "recipient mode", |wire| wire.recipient_mode = 1),
    ("committee epoch 1", "committee_epoch", |wire| wire.committee_epoch = 1),
    ("metadata", "metadata", |wire| drop(wire.metadata.insert("k".into(), "v".into()))),
    ("no recipients", "0 recipients", |wire| wire.wrapped_keys.clear()),
    ("129 recipients", "129 recipients", |wire| {
        let entry = wire.wrapped_keys[0].clone();
        let more = |n| WrappedKeyEntry { recipient_id: format!("f{n:039x}"), ..entry.clone() };
        wire.wrapped_keys.extend((0..126).map(more));
    }),
    ("a recipient twice", "not above", |wire| wire.wrapped_keys[1] = wire.wrapped_keys[0].clone()),
    ("recipients in another order", "not above", |wire| wire.wrapped_keys.swap(0, 1)),
    ("an upper-case recipient", "fingerprint", |wire| {
        wire.wrapped_keys[0].recipient_id = wire.wrapped_keys[0].recipient_id.to_uppercase();
    }),
    ("a recipient of 39 digits", "fingerprint", |wire| wire.wrapped_keys[0].recipient_id.truncate(39)),
    ("a dropped recipient", "client signature", |wire| wire.wrapped_keys.truncate(2)),
    ("an added recipient", "client signature", |wire| {
        let entry = wire.wrapped_keys[0].clone();
        wire.wrapped_keys.push(WrappedKeyEntry { recipient_id: "f".repeat(40), ..entry });
    }),
    ("swapped wrapped keys", "client signature", |wire| {
        let other = wire.wrapped_keys[1].wrapped_key.clone();
        wire.wrapped_keys[0].wrapped_key = other;
    }),
    ("a bit flipped in the commitment", "client signature", |wire| wire.payload_ciphertext[0] ^= 1),
    ("a bit flipped in the tag", "client signature", |wire| wire.payload_ciphertext[32] ^= 1),
    ("a bit flipped in the ciphertext", "client signature", |wire| wire.payload_ciphertext[99] ^= 0x80),
    ("a bit flipped in the nonce", "client signature", |wire| wire.payload_nonce[23] ^= 1),
    ("a bit flipped in a wrapped key", "client signature", |wire| wire.wrapped_keys[0].wrapped_key[0] ^= 1),
    ("a bit flipped in an ephemeral key", "client signature", |wire| {
        wire.wrapped_keys[0].ephemeral_pub_key[31] ^= 0x80;
    }),
    ("another client id", "client signature", |wire| wire.client_id.push('!')),
    ("a bit flipped in R", "client signature", |wire| wire.client_signature[0] ^= 1),
    ("a bit flipped in S", "client signature", |wire| wire.client_signature[40] ^= 1),
    ("S plus the group's order", "client signature", |wire| add_order(&mut wire.client_signature[32..])),
    ("a signature of zeroes", "client signature", |wire| wire.client_signature = vec![0; 64]),
    ("both user fields stripped", "client signature", |wire| {
        (wire.user_pub_key, wire.user_signature) = (Vec::new(), Vec::new());
    }),
    ("the user signature stripped", "come together", |wire| wire.user_signature.clear()),
    ("the user key stripped", "come together", |wire| wire.user_pub_key.clear()),
    ("a bit flipped in the user signature", "user signature", |wire| wire.user_signature[63] ^= 1),
    ("the high-S twin of the user signature", "user signature", |wire| high_s(&mut wire.user_signature)),
    ("a user key that is no point", "not an account key", |wire| wire.user_pub_key[1..].fill(0xff)),
    ("an empty ciphertext", "canonical padding", |wire| wire.payload_ciphertext.clear()),
    ("a ciphertext of a commitment alone", "canonical padding", |wire| wire.payload_ciphertext.truncate(32)),
    ("a ciphertext of one byte less", "canonical padding", |wire| shorten(&mut wire.payload_ciphertext)),
    ("a ciphertext of one byte more", "canonical padding", |wire| wire.payload_ciphertext.push(0)),
    ("a nonce of 23 bytes", "payload_nonce", |wire| shorten(&mut wire.payload_nonce)),
    ("a nonce of 25 bytes", "payload_nonce", |wire| wire.payload_nonce.push(0)),
    ("a wrapped key of 47 bytes", "wrapped_key", |wire| shorten(&mut wire.wrapped_keys[0].wrapped_key)),
    ("an ephemeral key of 31 bytes", "ephemeral_pub_key", |wire| {
        shorten(&mut wire.wrapped_keys[0].ephemeral_pub_key);
    }),
    ("a client signature of 63 bytes", "client_signature", |wire| shorten(&mut wire.client_signature)),
    ("a client id of 65 bytes", "client_id", |wire| wire.client_id = "c".repeat(65)),
];

/// Changes by a sender who signs the result: name, reason, change.
pub(super) const SIGNED: &[(&str, &str, Change)] = &[
    ("signed again: a changed commitment", "unwrap", |wire| wire.payload_ciphertext[0] ^= 1),
    ("signed again: a changed tag", "payload", |wire| wire.payload_ciphertext[32] ^= 1),
    ("signed again: a changed ciphertext", "payload", |wire| wire.payload_ciphertext[303] ^= 1),
    ("signed again: another nonce", "unwrap", |wire| wire.payload_nonce[0] ^= 1),
    ("signed again: a changed wrapped key", "unwrap", |wire| wire.wrapped_keys[0].wrapped_key[47] ^= 1),
    ("signed again: the highest bit of the ephemeral key", "unwrap", |wire| {
        wire.wrapped_keys[0].ephemeral_pub_key[31] ^= 0x80;
    }),
    ("signed again: the wrapped key of another reader", "unwrap", |wire| {
        let other = wire.wrapped_keys[1].wrapped_key.clone();
        wire.wrapped_keys[0].wrapped_key = other;
    }),
    ("signed again: the reader dropped", "not a recipient", |wire| drop(wire.wrapped_keys.remove(0))),
];

fn shorten(bytes: &mut Vec<u8>) {
    bytes.truncate(bytes.len() - 1);
}

fn add_order(s: &mut [u8]) {
    let order: [u8; 32] = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        .unwrap()
        .try_into()
        .unwrap();
    let mut carry = 0;
    for (byte, order) in s.iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
}

fn high_s(signature: &mut Vec<u8>) {
    let low = k256::ecdsa::Signature::from_slice(signature).unwrap();
    let high = k256::ecdsa::Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
    *signature = high.to_bytes().to_vec();
}
