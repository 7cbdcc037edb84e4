//! One encoding for one value, at every depth: each layer of a transaction is spoilt in each way, and signed as it is.

use prost::Message as _;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::transaction::sign_raw;

use super::stage::{Stage, ticket_text, unread};

const LAYERS: [&str; 14] = [
    "TxRaw",
    "TxBody",
    "Any",
    "message",
    "envelope",
    "entry",
    "AuthInfo",
    "SignerInfo",
    "key Any",
    "PubKey",
    "ModeInfo",
    "Single",
    "Fee",
    "Coin",
];
/// Layers whose first field is repeated: twice is another value there, not another encoding.
const REPEATED: [&str; 3] = ["TxBody", "AuthInfo", "Fee"];

type Spoil = fn(&[u8]) -> Vec<u8>;

const WAYS: [(&str, Spoil); 9] = [
    ("with an unknown field", |bytes| [bytes, &[0x98, 0x06, 0x01]].concat()),
    ("with a zero byte behind", |bytes| [bytes, &[0]].concat()),
    ("with an empty group behind", |bytes| [bytes, &[0x93, 0x06, 0x94, 0x06]].concat()),
    ("with a field of a reserved wire type", |bytes| [bytes, &[0x96, 0x06]].concat()),
    ("without its last byte", |bytes| bytes[..bytes.len() - 1].to_vec()),
    ("with its first field twice", |bytes| [&bytes[..fields(bytes)[0]], bytes].concat()),
    ("with a needless byte in its first tag", |bytes| [&[bytes[0] | 0x80, 0], &bytes[1..]].concat()),
    ("with its first field as a varint", |bytes| {
        [&[bytes[0] & 0xf8, 1], &bytes[fields(bytes)[0]..]].concat()
    }),
    ("with its fields in the reverse order", |bytes| {
        let ends = fields(bytes);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let mut parts: Vec<&[u8]> = starts.zip(&ends).map(|(start, end)| &bytes[start..*end]).collect();
        parts.reverse();
        parts.concat()
    }),
];

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap());
    bytes
}

fn read_varint(bytes: &[u8], at: &mut usize) -> usize {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = bytes[*at];
        *at += 1;
        number |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return number;
        }
    }
}

/// Where each field of a good encoding ends.
fn fields(bytes: &[u8]) -> Vec<usize> {
    let (mut at, mut ends) = (0, Vec::new());
    while at < bytes.len() {
        let tag = read_varint(bytes, &mut at);
        let length = read_varint(bytes, &mut at);
        at += if tag & 7 == 2 { length } else { 0 };
        ends.push(at);
    }
    ends
}

fn field(number: usize, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len()), bytes.to_vec()].concat()
}

fn any(type_url: &str, value: &[u8]) -> Vec<u8> {
    [field(1, type_url.as_bytes()), field(2, value)].concat()
}

/// A response of the customer, put together layer by layer.
fn build(stage: &Stage, spoil: &dyn Fn(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let person = stage.person("cal");
    let place = stage.place(Kind::Response, &ticket_text(1), "cal", 0);
    let letter = stage.letter(&place, "cal", &[("ann", 0), ("cal", 0)]);
    let entry = spoil("entry", letter.wrapped_keys[0].encode_to_vec());
    let rest = MultiRecipientEnvelope { wrapped_keys: letter.wrapped_keys[1..].to_vec(), ..letter.clone() };
    let envelope = spoil("envelope", with_entry(&rest.encode_to_vec(), &entry));
    let parts = [field(1, person.text.as_bytes()), field(2, ticket_text(1).as_bytes()), field(3, &envelope)];
    let message = spoil("message", parts.concat());
    let wrapped = spoil("Any", any("/virtengine.support.v1.MsgRespondToTicket", &message));
    let body = spoil("TxBody", [field(1, &wrapped), field(2, b"memo")].concat());
    let key = spoil("PubKey", field(1, &person.public));
    let key = spoil("key Any", any("/cosmos.crypto.secp256k1.PubKey", &key));
    let mode = spoil("ModeInfo", field(1, &spoil("Single", vec![0x08, 0x01])));
    let sequence = u8::try_from(stage.sequence("cal")).unwrap();
    let info = spoil("SignerInfo", [field(1, &key), field(2, &mode), vec![0x18, sequence]].concat());
    let coin = spoil("Coin", [field(1, b"uve"), field(2, b"0")].concat());
    let fee = spoil("Fee", [field(1, &coin), vec![0x10, 0x01]].concat());
    let auth = spoil("AuthInfo", [field(1, &info), field(2, &fee)].concat());
    spoil("TxRaw", sign_raw(body, auth, CHAIN_ID, &[person]).encode_to_vec())
}

/// Puts one encoded entry before the others of an encoded envelope.
fn with_entry(rest: &[u8], entry: &[u8]) -> Vec<u8> {
    let ends = fields(rest);
    let starts: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
    let first = starts.iter().copied().find(|start| rest[*start] == 0x3a).unwrap();
    [&rest[..first], &field(7, entry), &rest[first..]].concat()
}

pub fn cases(stage: &mut Stage) {
    stage.case(
        "as it should be",
        "the layers themselves are right",
        build(stage, &|_, b| b),
        super::stage::ACCEPTED,
    );
    for layer in LAYERS {
        for (way, spoil) in WAYS {
            let twice = way == "with its first field twice" && REPEATED.contains(&layer);
            let reversible = !["PubKey", "ModeInfo", "Single"].contains(&layer);
            // A number may well be a varint, and the entries of an envelope may be read from any place.
            let number = way == "with its first field as a varint" && ["Single", "envelope"].contains(&layer);
            if twice || number || (way == "with its fields in the reverse order" && !reversible) {
                continue;
            }
            let tx = build(stage, &|at, bytes| if at == layer { spoil(&bytes) } else { bytes });
            stage.case(&format!("{layer} {way}"), "one value has one encoding", tx, unread("sdk", 2));
        }
    }
    lengths_and_depths(stage);
}

fn lengths_and_depths(stage: &mut Stage) {
    let claims: [(&str, &[u8]); 5] = [
        ("128 bytes", &[0x80, 0x01]),
        ("2 GiB", &[0xff, 0xff, 0xff, 0xff, 0x07]),
        ("2^63 bytes", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
        ("2^64 - 1 bytes", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        ("a number of eleven bytes", &[0xff; 11]),
    ];
    for (claim, length) in claims {
        for (what, tag) in [("the body", 0x0a), ("the signer infos", 0x12), ("a signature", 0x1a)] {
            let tx = [&[tag], length, &[0; 8]].concat();
            let name = format!("{what} claims {claim} and has eight");
            stage.case(&name, "nothing is allocated for a claim", tx, unread("sdk", 2));
        }
    }
    for depth in [99, 101, 1_000, 60_000] {
        let groups = [vec![0x9b; depth], vec![0x9c; depth]].concat();
        stage.case(&format!("{depth} groups in each other"), "depth is bounded", groups, unread("sdk", 2));
    }
    let mut nested = vec![1];
    while nested.len() < 40_000 {
        nested = field(1, &nested);
    }
    stage.case("bodies in bodies", "depth is bounded", nested, unread("sdk", 2));
    stage.case("nothing at all", "an empty transaction has no messages", Vec::new(), unread("sdk", 18));
}
