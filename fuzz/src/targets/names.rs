//! Short texts and keys: each has one spelling, so what is read is written again as it was.

use sealdesk_protocol::ids::{Address, ChainId, Prefix, TicketId};
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint, VerifyKey};
use sealdesk_protocol::text::check_public;
use sealdesk_protocol::tx::TxHash;

use super::{choose, chosen};
use crate::people::{customer, prefix};
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    vec![Target { name: "names", bytes_max: 160, run, seeds, contains_panics: false }]
}

/// What a text names, written again; `None` where it names nothing.
type Reader = fn(&[u8]) -> Option<Vec<u8>>;

const READERS: [Reader; 10] = [
    |data| Some(Address::parse(&prefix(), text(data)?).ok()?.to_string().into()),
    |data| Some(TicketId::parse(text(data)?).ok()?.to_string().into()),
    |data| Some(ChainId::parse(text(data)?).ok()?.to_string().into()),
    |data| Some(Prefix::parse(text(data)?).ok()?.as_str().into()),
    |data| Some(TxHash::parse(text(data)?)?.to_string().to_ascii_lowercase().into()),
    |data| Some(Fingerprint::parse(text(data)?).ok()?.to_string().into()),
    |data| Some(EncryptionKey::parse(data).ok()?.as_bytes().to_vec()),
    |data| Some(VerifyKey::parse(data).ok()?.as_bytes().to_vec()),
    |data| check_public("label", text(data)?).ok().map(|()| data.to_vec()),
    |data| address_of_any_prefix(text(data)?),
];

fn run(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, READERS.len()) else { return Outcome::Refused };
    let Some(written) = READERS[choice](rest) else { return Outcome::Refused };
    // A hash of a transaction may be written in either case; everything else has one spelling.
    let read = if choice == 4 { rest.to_ascii_lowercase() } else { rest.to_vec() };
    assert_eq!(written, read, "what was read is written otherwise");
    Outcome::Accepted
}

fn text(data: &[u8]) -> Option<&str> {
    str::from_utf8(data).ok()
}

/// `prefix ‖ 1 ‖ address`: the prefix is whatever stands before the last 1.
fn address_of_any_prefix(text: &str) -> Option<Vec<u8>> {
    let prefix = Prefix::parse(text.rsplit_once('1')?.0).ok()?;
    Some(Address::parse(&prefix, text).ok()?.to_string().into())
}

fn seeds() -> Vec<Vec<u8>> {
    let person = customer();
    let address = person.address().to_string();
    let short = Address::of_public_key(&Prefix::parse("a").expect("a letter"), &person.account.public_key());
    let values: [&[u8]; 10] = [
        address.as_bytes(),
        b"TKT-00000001",
        b"desk-00112233aabbccdd",
        b"virtengine",
        b"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF",
        &person.encryption.fingerprint().to_string().into_bytes(),
        person.encryption.public().as_bytes(),
        person.signing.public().as_bytes(),
        "l\u{e4}uft wieder".as_bytes(),
        short.as_str().as_bytes(),
    ];
    values.iter().enumerate().map(|(choice, value)| chosen(choice, value)).collect()
}
