//! Hostile bytes: what is refused before any message is looked at for its meaning.

use prost::Message as _;
use prost_types::Any;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::cosmos::base::v1beta1::Coin;
use sealdesk_protocol::wire::cosmos::tx::v1beta1 as tx;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::scenario::{close, register};
use sealdesk_testkit::transaction::{Draft, Options, sign_raw, signer_info, transaction};

use super::Builder;

/// A field of protobuf: number, wire type 2, bytes.
fn field(number: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut bytes);
    prost::encoding::encode_varint(u64::try_from(value.len()).unwrap(), &mut bytes);
    [bytes, value.to_vec()].concat()
}

pub(super) fn build(b: &mut Builder<'_>) {
    broken(b);
    not_canonical(b);
    bounds(b);
    signers(b);
    signatures(b);
    sequences(b);
}

fn good(b: &Builder<'_>) -> (Person, u64, Vec<u8>) {
    let who = b.stage.other.clone();
    let sequence = b.stage.desk.sequence(&who);
    let tx = b.stage.desk.tx(&who, vec![register(&who, 1)]);
    (who, sequence, tx)
}

fn broken(b: &mut Builder<'_>) {
    let (_, _, tx) = good(b);
    // Nothing at all decodes, as a transaction without messages.
    b.bytes("no bytes", Vec::new(), ("sdk", 18));
    for (name, bytes) in [
        ("one zero byte", vec![0]),
        ("one byte", vec![0x0a]),
        ("text", b"{\"body\":{\"messages\":[]}}".to_vec()),
        ("gzip", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
        ("a length of 2^64", [&[0x0a][..], &[0xff; 9], &[0x01]].concat()),
        ("a length of 4 GiB", vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        ("a varint of eleven bytes", [&[0x08][..], &[0x80; 10], &[1]].concat()),
        ("an open group", vec![0x0b; 64]),
        ("ten thousand open groups", vec![0x0b; 10_000]),
        ("field number 0", vec![0x02, 0x00]),
        ("reserved wire type", vec![0x0e]),
    ] {
        b.bytes(name, bytes, ("sdk", 2));
    }
    for cut in (1..tx.len()).step_by(tx.len() / 24) {
        let code = if cut == tx.len() - 1 { 4 } else { 2 };
        b.bytes(format!("cut after {cut} bytes"), tx[..cut].to_vec(), ("sdk", code));
    }
    let mut random = Random::new(1);
    for n in 0..8 {
        let noise = (0..200).map(|_| u8::try_from(random.word() & 0xff).unwrap()).collect();
        b.bytes(format!("noise {n}"), noise, ("sdk", 2));
    }
    b.bytes("262,144 bytes of noise", vec![0xff; 262_144], ("sdk", 2));
    b.bytes("262,145 bytes", vec![0xff; 262_145], ("sdk", 21));
    b.bytes("a megabyte", vec![0x0a; 1_048_576], ("sdk", 21));
}

pub(super) fn not_canonical(b: &mut Builder<'_>) {
    let (who, sequence, tx) = good(b);
    let raw = tx::TxRaw::decode(tx.as_slice()).unwrap();
    let auth = Draft::new(CHAIN_ID, Vec::new(), &[(&who, sequence)]).auth.encode_to_vec();
    let with_body = |body: Vec<u8>| sign_raw(body, auth.clone(), CHAIN_ID, &[&who]).encode_to_vec();
    let with_auth = |auth: Vec<u8>| sign_raw(raw.body_bytes.clone(), auth, CHAIN_ID, &[&who]).encode_to_vec();
    let body_bytes = raw.body_bytes.clone();
    b.bytes("a byte after the transaction", [&tx[..], &[0]].concat(), ("sdk", 2));
    b.bytes("an unknown field of TxRaw", [tx.clone(), field(9, b"x")].concat(), ("sdk", 2));
    b.bytes("TxRaw's body twice", [field(1, &body_bytes), tx.clone()].concat(), ("sdk", 2));
    let shuffled = [field(3, &raw.signatures[0]), field(1, &body_bytes), field(2, &auth)].concat();
    b.bytes("TxRaw's fields out of order", shuffled, ("sdk", 2));
    let message = field(1, &to_any(&who.registration(1)).encode_to_vec());
    for (name, changed) in [
        ("an explicitly empty memo", [body_bytes.clone(), field(2, b"")].concat()),
        ("an explicit timeout of 0", [body_bytes.clone(), vec![0x18, 0]].concat()),
        ("a timeout with a long varint", [body_bytes.clone(), vec![0x18, 0x81, 0]].concat()),
        ("an extension option", [body_bytes.clone(), field(1023, b"x")].concat()),
        ("the memo before the messages", [field(2, b"memo"), message.clone()].concat()),
        ("a memo that is no text", [body_bytes.clone(), field(2, &[0xff])].concat()),
        ("two memos", [body_bytes.clone(), field(2, b"a"), field(2, b"b")].concat()),
    ] {
        b.bytes(name, with_body(changed), ("sdk", 2));
    }
    for (name, changed) in [
        ("an unknown field of AuthInfo", [auth.clone(), field(7, b"x")].concat()),
        ("a tip", [auth.clone(), field(3, b"x")].concat()),
        ("two fees", [auth.clone(), field(2, b"")].concat()),
    ] {
        b.bytes(name, with_auth(changed), ("sdk", 2));
    }
    let value = who.registration(1).encode_to_vec();
    for (name, changed) in [
        ("an unknown field of a message", [value.clone(), field(99, b"x")].concat()),
        ("a message's field twice", [field(1, b"x"), value.clone()].concat()),
        ("a message cut short", value[..value.len() - 1].to_vec()),
        ("a message with an explicit default", [value.clone(), field(22, b"")].concat()),
    ] {
        let any = Any { type_url: to_any(&who.registration(1)).type_url, value: changed };
        let tx = transaction(vec![any], &[(&who, sequence)], &Options::default());
        b.bytes(name, tx, ("sdk", 2));
    }
}

fn bounds(b: &mut Builder<'_>) {
    let (who, sequence, _) = good(b);
    let by = [(&who, sequence)];
    let one = close(&who, 1);
    let with = |options: Options| transaction(vec![one.clone()], &by, &options);
    let memo = |length: usize| Options { memo: "m".repeat(length), ..Options::default() };
    b.bytes("no messages", transaction(Vec::new(), &[], &Options::default()), ("sdk", 18));
    b.bytes("17 messages", transaction(vec![one.clone(); 17], &by, &Options::default()), ("sdk", 18));
    b.add(
        "16 messages".to_owned(),
        transaction(vec![one.clone(); 16], &by, &Options::default()),
        ("support", 7),
        &[&who],
    );
    b.bytes("a memo of 257 bytes", with(memo(257)), ("sdk", 12));
    b.add("a memo of 256 bytes".to_owned(), with(memo(256)), ("support", 7), &[&who]);
    let coin = |amount: &str| Coin { denom: "uve".to_owned(), amount: amount.to_owned() };
    let fee = |fee: tx::Fee| Options { fee: Some(fee), ..Options::default() };
    for (name, amount) in [
        ("a fee of 1", vec![coin("1")]),
        ("a fee of -1", vec![coin("-1")]),
        ("a fee of 00", vec![coin("00")]),
        ("a fee without amount", vec![coin("")]),
        ("two zero coins", vec![coin("0"), coin("0")]),
    ] {
        b.bytes(name, with(fee(tx::Fee { amount, ..Default::default() })), ("sdk", 10));
    }
    let zero = with(fee(tx::Fee { amount: vec![coin("0")], gas_limit: 200_000, ..Default::default() }));
    b.add("a fee of 0".to_owned(), zero, ("support", 7), &[&who]);
    let address = who.address.to_string();
    b.bytes("a fee payer", with(fee(tx::Fee { payer: address.clone(), ..Default::default() })), ("sdk", 18));
    b.bytes("a fee granter", with(fee(tx::Fee { granter: address, ..Default::default() })), ("sdk", 18));
    for url in [
        "",
        "virtengine.support.v1.MsgCloseTicket",
        "/virtengine.support.v1.msgcloseticket",
        "/virtengine.support.v1.MsgDeleteTicket",
        "/cosmos.bank.v1beta1.MsgSend",
        "/virtengine.support.v1.EventTicketClosed",
        "type.googleapis.com/virtengine.support.v1.MsgCloseTicket",
    ] {
        let any = Any { type_url: url.to_owned(), value: one.value.clone() };
        b.bytes(
            format!("message type '{url}'"),
            transaction(vec![any], &by, &Options::default()),
            ("sdk", 6),
        );
    }
}

/// Signer infos, changed one by one.
fn signers(b: &mut Builder<'_>) {
    let (who, sequence, _) = good(b);
    let body = Draft::new(CHAIN_ID, vec![close(&who, 1)], &[]).body.encode_to_vec();
    let with = |infos: Vec<tx::SignerInfo>| {
        let auth = tx::AuthInfo { signer_infos: infos, fee: Some(tx::Fee::default()) }.encode_to_vec();
        sign_raw(body.clone(), auth, CHAIN_ID, &[&who]).encode_to_vec()
    };
    let info = || signer_info(&who, sequence);
    let mode = |mode: i32| {
        let single = tx::mode_info::Single { mode };
        tx::SignerInfo {
            mode_info: Some(tx::ModeInfo { sum: Some(tx::mode_info::Sum::Single(single)) }),
            ..info()
        }
    };
    b.bytes("no signer info", with(Vec::new()), ("sdk", 4));
    b.bytes("two signer infos", with(vec![info(), info()]), ("sdk", 4));
    b.bytes("no mode", with(vec![tx::SignerInfo { mode_info: None, ..info() }]), ("sdk", 4));
    for (name, number) in
        [("unspecified", 0), ("textual", 2), ("amino JSON", 127), ("EIP-191", 191), ("unknown", 77)]
    {
        b.bytes(format!("sign mode {name}"), with(vec![mode(number)]), ("sdk", 4));
    }
    let key = |any: Option<Any>| vec![tx::SignerInfo { public_key: any, ..info() }];
    let of = |key: Vec<u8>| to_any(&sealdesk_protocol::wire::cosmos::crypto::secp256k1::PubKey { key });
    b.bytes("no public key", with(key(None)), ("sdk", 8));
    let ed25519 = Any { type_url: "/cosmos.crypto.ed25519.PubKey".to_owned(), value: of(vec![1; 32]).value };
    b.bytes("an ed25519 key", with(key(Some(ed25519))), ("sdk", 8));
    let public = who.public.to_vec();
    b.bytes("a key of 32 bytes", with(key(Some(of(public[..32].to_vec())))), ("sdk", 8));
    b.bytes("a key of 65 bytes", with(key(Some(of([&[4][..], &[1; 64]].concat())))), ("sdk", 8));
    b.bytes("an empty key", with(key(Some(of(Vec::new())))), ("sdk", 8));
    b.bytes("somebody else's key", with(key(Some(of(b.stage.admin.public.to_vec())))), ("sdk", 8));
    let mut twin = public;
    twin[0] ^= 1;
    b.bytes("the key's negative", with(key(Some(of(twin)))), ("sdk", 8));
}

/// Order of secp256k1's group.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba,
    0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// The other signature of the same content: s subtracted from the group's order.
fn high_s(signature: &[u8]) -> Vec<u8> {
    let mut twin = signature.to_vec();
    let mut borrow = 0i16;
    for i in (0..32).rev() {
        let mut digit = i16::from(ORDER[i]) - i16::from(signature[32 + i]) - borrow;
        borrow = i16::from(digit < 0);
        digit += 256 * borrow;
        twin[32 + i] = u8::try_from(digit).unwrap();
    }
    twin
}

pub(super) fn signatures(b: &mut Builder<'_>) {
    let (who, sequence, tx) = good(b);
    let raw = tx::TxRaw::decode(tx.as_slice()).unwrap();
    let signature = raw.signatures[0].clone();
    let with = |signatures: Vec<Vec<u8>>| tx::TxRaw { signatures, ..raw.clone() }.encode_to_vec();
    b.bytes("no signature", with(Vec::new()), ("sdk", 4));
    b.bytes("two signatures", with(vec![signature.clone(); 2]), ("sdk", 4));
    b.bytes("an empty signature", with(vec![Vec::new()]), ("sdk", 4));
    b.bytes("a signature of 63 bytes", with(vec![signature[..63].to_vec()]), ("sdk", 4));
    b.bytes("a signature of 65 bytes", with(vec![[&signature[..], &[0]].concat()]), ("sdk", 4));
    b.bytes("a signature of zeros", with(vec![vec![0; 64]]), ("sdk", 4));
    b.bytes("a signature of ones", with(vec![vec![0xff; 64]]), ("sdk", 4));
    b.bytes("the high-S twin of a good signature", with(vec![high_s(&signature)]), ("sdk", 4));
    for bit in [0, 100, 255, 256, 400, 511] {
        let mut flipped = signature.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        b.bytes(format!("bit {bit} of the signature flipped"), with(vec![flipped]), ("sdk", 4));
    }
    let digest = sealdesk_protocol::tx::sign_digest(
        &raw.body_bytes,
        &raw.auth_info_bytes,
        &sealdesk_testkit::chain_id(),
    );
    let stranger = Person::new("stranger");
    b.bytes("somebody else's signature", with(vec![stranger.sign_digest(&digest)]), ("sdk", 4));
    let by = [(&who, sequence)];
    for chain in ["desk-00112233aabbccde", "desk", "cosmoshub-4"] {
        let options = Options { chain: Some(ChainId::parse(chain).unwrap()), ..Options::default() };
        b.bytes(
            format!("signed for chain {chain}"),
            transaction(vec![close(&who, 1)], &by, &options),
            ("sdk", 4),
        );
    }
    let other_body = Draft::new(CHAIN_ID, vec![close(&who, 2)], &[]).body.encode_to_vec();
    b.bytes(
        "the body exchanged after signing",
        tx::TxRaw { body_bytes: other_body, ..raw.clone() }.encode_to_vec(),
        ("sdk", 4),
    );
    let next = Draft::new(CHAIN_ID, Vec::new(), &[(&who, sequence + 1)]);
    let other_auth = next.auth.encode_to_vec();
    b.bytes(
        "the sequence exchanged after signing",
        tx::TxRaw { auth_info_bytes: other_auth, ..raw }.encode_to_vec(),
        ("sdk", 4),
    );
    // The signer of a message is whom it names: signing in somebody else's name needs his key.
    let admin = b.stage.admin.clone();
    let forged = transaction(vec![close(&admin, 1)], &by, &Options::default());
    b.bytes("in the administrator's name with an own key", forged, ("sdk", 8));
    let both = transaction(vec![close(&admin, 1), close(&who, 1)], &by, &Options::default());
    b.bytes("one signature for two signers", both, ("sdk", 4));
}

fn sequences(b: &mut Builder<'_>) {
    let (who, sequence, _) = good(b);
    let with = |sequence: u64| transaction(vec![close(&who, 1)], &[(&who, sequence)], &Options::default());
    for (name, other) in [
        ("the sequence used last", sequence - 1),
        ("a sequence too far", sequence + 1),
        ("the last sequence there is", u64::MAX),
        ("the last signed sequence", u64::try_from(i64::MAX).unwrap()),
    ] {
        b.bytes(name, with(other), ("sdk", 32));
    }
    let replay = b.stage.blocks.iter().rev().find(|block| !block.tx.is_empty()).unwrap().tx.clone();
    b.bytes("a transaction of an earlier block again", hex::decode(replay).unwrap(), ("sdk", 32));
    let by = [(&who, sequence)];
    for height in [1, b.stage.desk.height] {
        let options = Options { timeout_height: height, ..Options::default() };
        let tx = transaction(vec![close(&who, 1)], &by, &options);
        b.bytes(format!("a timeout at height {height}"), tx, ("sdk", 30));
    }
    let at = |seconds: i64, nanos: i32| {
        let mut draft = Draft::new(CHAIN_ID, vec![close(&who, 1)], &by);
        draft.body.timeout_timestamp = Some(prost_types::Timestamp { seconds, nanos });
        draft.sign(&[&who])
    };
    let now = b.stage.desk.time + 1;
    let (past, passed, last) = (at(1, 0), at(now - 1, 999_999_999), at(now, 0));
    b.bytes("a timeout in 1970", past, ("sdk", 42));
    let early: Vec<_> = [(0, 0), (-1, 0), (253_402_300_800, 0), (now, -1), (now, 1_000_000_000)]
        .into_iter()
        .map(|(seconds, nanos)| (format!("a timeout at {seconds}.{nanos}"), at(seconds, nanos)))
        .collect();
    for (name, tx) in early {
        b.bytes(name, tx, ("sdk", 18));
    }
    let mut unordered = Draft::new(CHAIN_ID, vec![close(&who, 1)], &by);
    unordered.body.unordered = true;
    let unordered = unordered.sign(&[&who]);
    b.bytes("an unordered transaction", unordered, ("sdk", 18));
    b.bytes("a timeout a second ago", passed, ("sdk", 42));
    b.add("a timeout at this very second".to_owned(), last, ("support", 7), &[&who]);
    let options = Options { timeout_height: b.stage.desk.height + 1, ..Options::default() };
    let tx = transaction(vec![close(&who, 1)], &by, &options);
    b.add("a timeout at this very height".to_owned(), tx, ("support", 7), &[&who]);
}
