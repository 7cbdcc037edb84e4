//! Keys of accounts of one key and of several, and what these sign, as transactions, messages and records carry them.

use sealdesk_protocol::multisig::MultisigKey;
use sealdesk_protocol::signer::{KeySignature, SignerKey};
use sealdesk_testkit::people::Person;

use super::{choose, chosen};
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    vec![Target { name: "signer", bytes_max: 2_048, run: signer, seeds, contains_panics: false }]
}

/// What is read is written as the same bytes: a key or a signature has no second form, and so an account no second address.
fn signer(data: &[u8]) -> Outcome {
    let Some((what, bytes)) = choose(data, 3) else { return Outcome::Refused };
    let written = match what {
        0 => MultisigKey::decode(bytes).ok().map(|key| {
            assert_eq!(MultisigKey::read_amino(&key.to_amino()).as_ref(), Some(&key));
            assert!((1..=key.keys().len()).contains(&key.threshold()));
            key.to_any().value
        }),
        1 => SignerKey::read(bytes).map(|key| key.to_vec()),
        _ => KeySignature::read(bytes).map(|signature| signature.to_vec()),
    };
    let Some(written) = written else { return Outcome::Refused };
    assert_eq!(written, bytes, "a second form");
    Outcome::Accepted
}

/// Accounts of few and of many keys.
pub(super) fn several() -> Vec<Person> {
    let members: Vec<Person> = (1..=16).map(Person::number).collect();
    let of = |name: &str, threshold, members: &[Person]| {
        Person::of_several(name, threshold, &members.iter().collect::<Vec<_>>())
    };
    vec![
        of("two of three", 2, &members[..3]),
        of("one of one", 1, &members[..1]),
        of("nine of sixteen", 9, &members),
    ]
}

fn seeds() -> Vec<Vec<u8>> {
    let of = |person: &Person| {
        let key = person.account_key();
        [chosen(0, &key.to_any().value), chosen(1, &key.to_vec()), chosen(2, &person.sign_text("a text"))]
    };
    let one = Person::number(1);
    let of_one = [chosen(1, &one.account_key().to_vec()), chosen(2, &one.sign_text("a text"))];
    several().iter().flat_map(of).chain(of_one).collect()
}
