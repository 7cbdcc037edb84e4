use super::*;
use crate::ids::Address;
use crate::messages::to_any;
use crate::wire::cosmos::base::v1beta1::Coin;
use crate::wire::cosmos::crypto::secp256k1::PubKey;
use crate::wire::cosmos::tx::signing::v1beta1::SignMode;
use crate::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use crate::wire::virtengine::support::v1::{
    MsgCreateTicket, MsgGrantAccess, MsgRespondToTicket, TargetedGrant,
};
use k256::ecdsa::signature::hazmat::PrehashSigner as _;
use prost_types::Any;

const TICKET: &str = "TKT-00000001";

struct Person {
    key: k256::ecdsa::SigningKey,
    public: [u8; 33],
    address: Address,
}

fn prefix() -> Prefix {
    Prefix::parse(Prefix::DEFAULT).unwrap()
}

fn chain() -> ChainId {
    ChainId::parse("desk-1").unwrap()
}

fn person(secret: u8) -> Person {
    let key = k256::ecdsa::SigningKey::from_slice(&[secret; 32]).unwrap();
    let public = key.verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap();
    let address = Address::of_public_key(&prefix(), &public);
    Person { key, public, address }
}

fn info(person: &Person) -> wire::SignerInfo {
    let single = wire::mode_info::Single { mode: SignMode::Direct as i32 };
    wire::SignerInfo {
        public_key: Some(to_any(&PubKey { key: person.public.to_vec() })),
        mode_info: Some(wire::ModeInfo { sum: Some(wire::mode_info::Sum::Single(single)) }),
        sequence: 3,
    }
}

/// A transaction of these messages, signed by these people, after a change of what they sign.
fn signed(messages: Vec<Any>, people: &[&Person], change: impl Fn(&mut wire::AuthInfo)) -> wire::TxRaw {
    let body = wire::TxBody { messages, ..Default::default() };
    let signer_infos = people.iter().map(|person| info(person)).collect();
    let mut auth_info = wire::AuthInfo { signer_infos, fee: Some(wire::Fee::default()) };
    change(&mut auth_info);
    let (body_bytes, auth_info_bytes) = (body.encode_to_vec(), auth_info.encode_to_vec());
    let digest = sign_digest(&body_bytes, &auth_info_bytes, &chain());
    let sign = |person: &&Person| {
        let signature: k256::ecdsa::Signature = person.key.sign_prehash(&digest).unwrap();
        signature.normalize_s().to_bytes().to_vec()
    };
    let signatures = people.iter().map(sign).collect();
    wire::TxRaw { body_bytes, auth_info_bytes, signatures }
}

fn respond(person: &Person) -> Any {
    to_any(&MsgRespondToTicket {
        responder: person.address.to_string(),
        ticket_id: TICKET.into(),
        ..Default::default()
    })
}

fn grants(person: &Person, grants: Vec<TargetedGrant>) -> Any {
    to_any(&MsgGrantAccess {
        sender: person.address.to_string(),
        ticket_id: TICKET.into(),
        grants,
        agent: String::new(),
    })
}

fn create(person: &Person, wrapped_keys: Vec<WrappedKeyEntry>) -> Any {
    let envelope = MultiRecipientEnvelope { wrapped_keys, ..Default::default() };
    let customer = person.address.to_string();
    to_any(&MsgCreateTicket { customer, encrypted_payload: Some(envelope), ..Default::default() })
}

fn judge(raw: &wire::TxRaw) -> Result<VerifiedTx, Refusal> {
    Tx::decode(&raw.encode_to_vec(), &prefix()).and_then(|tx| tx.verify(&chain()))
}

fn code(raw: &wire::TxRaw) -> u32 {
    judge(raw).map(drop).unwrap_err().code()
}

#[test]
fn a_transaction_carries_just_the_signatures_of_its_senders_in_order() {
    let (a, b) = (person(5), person(6));
    let messages = vec![respond(&a), respond(&b), respond(&a)];
    let good = signed(messages.clone(), &[&a, &b], |_| ());
    let tx = judge(&good).unwrap();
    let signers: Vec<&Address> = tx.signers().iter().map(|signer| &signer.address).collect();
    assert_eq!(signers, [&a.address, &b.address]);
    assert_eq!(code(&signed(messages.clone(), &[&b, &a], |_| ())), 8);
    assert_eq!(code(&signed(messages.clone(), &[&a], |_| ())), 4);
    assert_eq!(code(&signed(messages, &[&a, &b, &b], |_| ())), 4);
    let mut swapped = good.clone();
    swapped.signatures.swap(0, 1);
    let mut more = good.clone();
    more.signatures.push(good.signatures[0].clone());
    let mut longer = good.clone();
    longer.signatures[0].push(0);
    let mut high = good.clone();
    let low = k256::ecdsa::Signature::from_slice(&good.signatures[0]).unwrap();
    let twin = k256::ecdsa::Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
    high.signatures[0] = twin.to_bytes().to_vec();
    for raw in [swapped, more, longer, high] {
        assert_eq!(code(&raw), 4);
    }
    let elsewhere = ChainId::parse("desk-2").unwrap();
    let replayed = Tx::decode(&good.encode_to_vec(), &prefix()).and_then(|tx| tx.verify(&elsewhere));
    assert_eq!(replayed.unwrap_err().code(), 4);
}

#[test]
fn no_second_encoding_of_a_transaction_is_read() {
    let a = person(5);
    let good = signed(vec![respond(&a)], &[&a], |_| ()).encode_to_vec();
    let read = |bytes: &[u8]| Tx::decode(bytes, &prefix()).map(|tx| tx.hash());
    assert!(read(&good).is_ok());
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            let verified = Tx::decode(&changed, &prefix()).and_then(|tx| tx.verify(&chain()));
            assert!(verified.is_err(), "byte {at} bit {bit}");
        }
    }
    for tail in [&[0][..], &[0x1a, 0x00], &[0x20, 0x01], &[0x0a, 0x00]] {
        assert!(read(&[&good[..], tail].concat()).is_err(), "{tail:?}");
    }
}

#[test]
fn a_fee_is_absent_empty_or_one_coin_of_nothing() {
    let a = person(5);
    let with = |amounts: &[&str]| {
        let coin = |amount: &&str| Coin { denom: "x".into(), amount: (*amount).into() };
        let amount: Vec<Coin> = amounts.iter().map(coin).collect();
        signed(vec![respond(&a)], &[&a], |auth| {
            auth.fee = Some(wire::Fee { amount: amount.clone(), ..Default::default() });
        })
    };
    assert!(judge(&signed(vec![respond(&a)], &[&a], |auth| auth.fee = None)).is_ok());
    assert!(judge(&with(&[])).is_ok());
    assert!(judge(&with(&["0"])).is_ok());
    for amounts in [&["1"][..], &["00"], &["-0"], &[""], &["0", "0"]] {
        assert_eq!(code(&with(amounts)), 10, "{amounts:?}");
    }
    let payer = |auth: &mut wire::AuthInfo| auth.fee.as_mut().unwrap().payer = "someone".into();
    assert_eq!(code(&signed(vec![respond(&a)], &[&a], payer)), 18);
}

#[test]
fn lists_of_almost_nothing_cannot_make_a_small_transaction_large_in_memory() {
    // Bug 17 of docs/known-bugs.md: an empty entry is 2 bytes on the wire and 128 in memory; a pool that counts bytes would hold sixty times as many.
    let a = person(5);
    let empty_grants = signed(vec![grants(&a, vec![TargetedGrant::default(); 100_000])], &[&a], |_| ());
    let empty_readers = signed(vec![create(&a, vec![WrappedKeyEntry::default(); 100_000])], &[&a], |_| ());
    let many_messages = signed(vec![grants(&a, vec![TargetedGrant::default(); 60]); 16], &[&a], |_| ());
    for raw in [empty_grants, empty_readers, many_messages] {
        assert_eq!(code(&raw), 18);
    }
    // A few of them are refused for what they are, where the envelope is judged.
    assert!(judge(&signed(vec![create(&a, vec![WrappedKeyEntry::default(); 33])], &[&a], |_| ())).is_ok());
}

fn whole_grants(first: u32, count: u32) -> Vec<TargetedGrant> {
    let entry = WrappedKeyEntry {
        recipient_id: "a".repeat(40),
        wrapped_key: vec![1; 48],
        algorithm: "X25519-XSALSA20-POLY1305".into(),
        ephemeral_pub_key: vec![1; 32],
    };
    let grant = |target| TargetedGrant {
        target,
        entry: Some(entry.clone()),
        grant_signature: vec![1; 64],
        granter_key_version: 1,
    };
    (first..first + count).map(grant).collect()
}

#[test]
fn a_message_has_at_most_a_hundred_grants_and_each_once() {
    let a = person(5);
    let with = |list| signed(vec![grants(&a, list)], &[&a], |_| ());
    assert!(judge(&with(whole_grants(0, 100))).is_ok());
    assert_eq!(code(&with(whole_grants(0, 101))), 18);
    assert_eq!(code(&with(Vec::new())), 18);
    let mut twice = whole_grants(0, 3);
    twice.push(twice[1].clone());
    assert_eq!(code(&with(twice.clone())), 18);
    twice[3].entry.as_mut().unwrap().recipient_id = "b".repeat(40);
    assert!(judge(&with(twice)).is_ok(), "another reader of the same target");
}

#[test]
fn a_transaction_that_can_cost_too_much_is_refused_before_its_signatures_are_read() {
    let a = person(5);
    let with = |messages: u32, each: u32| {
        let list = (0..messages).map(|n| grants(&a, whole_grants(n * 100, each))).collect();
        let mut raw = signed(list, &[&a], |_| ());
        raw.signatures[0][5] ^= 1;
        raw
    };
    assert_eq!(code(&with(3, 100)), 4, "read, and its signature is wrong");
    for (messages, each) in [(4, 100), (10, 100), (16, 60)] {
        let refusal = judge(&with(messages, each)).map(drop).unwrap_err();
        assert_eq!(refusal.code(), 11, "{messages} × {each}: {refusal}");
    }
    let unsigned = Tx::decode_unsigned(&with(4, 100).encode_to_vec(), &prefix());
    assert_eq!(unsigned.map(drop).unwrap_err().code(), 11);
}

#[test]
fn a_block_holds_five_hundred_tickets_or_several_of_the_dearest_transactions() {
    let a = person(5);
    let one = judge(&signed(vec![create(&a, vec![WrappedKeyEntry::default(); 5])], &[&a], |_| ())).unwrap();
    assert!(one.gas() * 500 <= gas::BLOCK_GAS_MAX, "{}", one.gas());
    const { assert!(gas::TX_GAS_MAX * 8 <= gas::BLOCK_GAS_MAX) };
    let small =
        judge(&signed((0..16).map(|_| grants(&a, whole_grants(0, 1))).collect(), &[&a], |_| ())).unwrap();
    assert!(small.gas() > 16 * gas::READERS_GAS, "each message reads who may read: {}", small.gas());
}

/// The same transaction, with the signature of a wallet that shows JSON.
fn signed_as_json(messages: Vec<Any>, person: &Person) -> wire::TxRaw {
    let mut raw = signed(messages, &[person], |auth_info| {
        let single = wire::mode_info::Single { mode: SignMode::LegacyAminoJson as i32 };
        auth_info.signer_infos[0].mode_info =
            Some(wire::ModeInfo { sum: Some(wire::mode_info::Sum::Single(single)) });
    });
    let body = wire::TxBody::decode(raw.body_bytes.as_slice()).unwrap();
    let auth_info = wire::AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
    let text = amino::SignDoc::new(&body, &auth_info, &chain()).unwrap().text(3).unwrap();
    let signature: k256::ecdsa::Signature = person.key.sign_prehash(&Sha256::digest(text)).unwrap();
    raw.signatures = vec![signature.normalize_s().to_bytes().to_vec()];
    raw
}

fn verified(raw: &wire::TxRaw) -> Result<VerifiedTx, u32> {
    let tx = Tx::decode(&raw.encode_to_vec(), &prefix()).map_err(|refusal| refusal.code())?;
    tx.verify(&chain()).map_err(|refusal| refusal.code())
}

#[test]
fn a_signature_over_the_json_is_good_for_just_that_transaction() {
    let cal = person(1);
    let raw = signed_as_json(vec![respond(&cal)], &cal);
    assert!(verified(&raw).is_ok());
    let change_body = |change: fn(&mut wire::TxBody)| {
        let mut body = wire::TxBody::decode(raw.body_bytes.as_slice()).unwrap();
        change(&mut body);
        wire::TxRaw { body_bytes: body.encode_to_vec(), ..raw.clone() }
    };
    let change_auth = |change: fn(&mut wire::AuthInfo)| {
        let mut auth_info = wire::AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap();
        change(&mut auth_info);
        wire::TxRaw { auth_info_bytes: auth_info.encode_to_vec(), ..raw.clone() }
    };
    let as_bytes = change_auth(|auth| {
        let single = wire::mode_info::Single { mode: SignMode::Direct as i32 };
        auth.signer_infos[0].mode_info =
            Some(wire::ModeInfo { sum: Some(wire::mode_info::Sum::Single(single)) });
    });
    let cases = [
        ("a memo", change_body(|body| body.memo = "m".to_owned()), 4),
        ("a timeout", change_body(|body| body.timeout_height = 1), 4),
        (
            "an expiry",
            change_body(|body| {
                body.timeout_timestamp = Some(prost_types::Timestamp { seconds: 1, nanos: 0 })
            }),
            4,
        ),
        ("the message twice", change_body(|body| body.messages.extend(body.messages.clone())), 4),
        ("another sequence", change_auth(|auth| auth.signer_infos[0].sequence += 1), 4),
        ("other gas", change_auth(|auth| auth.fee.as_mut().unwrap().gas_limit = 1), 4),
        (
            "a coin",
            change_auth(|auth| {
                auth.fee.as_mut().unwrap().amount =
                    vec![Coin { denom: "x".to_owned(), amount: "0".to_owned() }];
            }),
            4,
        ),
        ("no fee, whose JSON would be the same", change_auth(|auth| auth.fee = None), 18),
        ("the mode of bytes", as_bytes, 4),
    ];
    for (name, changed, code) in cases {
        assert_eq!(verified(&changed).map(drop), Err(code), "{name}");
    }
}
