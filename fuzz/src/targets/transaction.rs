//! Transactions as they come from the network.

use prost::Message as _;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::tx::{Tx, TxHash};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::TxBody;
use sealdesk_testkit::transaction::{Options, attempt, transaction};

use super::signers;
use super::wire::messages;
use crate::people::{Person, administrator, cast, chain_id, customer, prefix, sign};
use crate::{Outcome, Target};

const BYTES_MAX: usize = 8_192;

pub(super) fn targets() -> Vec<Target> {
    let target = |name, run| Target { name, bytes_max: BYTES_MAX, run, seeds, contains_panics: false };
    vec![target("tx", tx), Target { seeds: body_seeds, ..target("tx_signed", tx_signed) }]
}

/// Whatever verifies was signed: nobody can make another transaction of one that he saw.
fn tx(data: &[u8]) -> Outcome {
    let decoded = Tx::decode(data, &prefix());
    if let Ok(tx) = &decoded {
        assert_eq!((tx.bytes(), tx.hash()), (data, TxHash::of(data)));
        assert!(!tx.messages().is_empty() && !tx.signers().is_empty());
        if tx.clone().verify(&chain_id()).is_ok() {
            assert!(seeds().iter().any(|seed| seed == data), "a transaction verifies that nobody signed");
        }
    }
    Outcome::from(&decoded)
}

/// A body, signed by the sender of its first message: the way to the checks of messages leads through good signatures.
fn tx_signed(data: &[u8]) -> Outcome {
    let Some(signer) = TxBody::decode(data).ok().and_then(|body| signer_of(&body)) else {
        return Outcome::Refused;
    };
    let verified = Tx::decode(&sign(data, &[(signer, 1)]), &prefix()).and_then(|tx| tx.verify(&chain_id()));
    Outcome::from(&verified)
}

/// Who of the cast has to sign the first message.
fn signer_of(body: &TxBody) -> Option<&'static Person> {
    let message = Message::decode(body.messages.first()?, &prefix()).ok()?;
    cast().iter().find(|person| person.address() == *message.signer())
}

fn bodies() -> Vec<TxBody> {
    let of = |messages| TxBody { messages, memo: "hello".into(), ..TxBody::default() };
    messages().into_iter().map(|message| of(vec![message])).collect()
}

fn body_seeds() -> Vec<Vec<u8>> {
    bodies().iter().map(prost::Message::encode_to_vec).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    static SEEDS: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    SEEDS.get_or_init(make_seeds).clone()
}

fn make_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = bodies()
        .iter()
        .filter_map(|body| Some(sign(&body.encode_to_vec(), &[(signer_of(body)?, 1)])))
        .collect();
    let two = TxBody { messages: messages()[..2].to_vec(), timeout_height: 9, ..TxBody::default() };
    seeds.push(sign(&two.encode_to_vec(), &[(customer(), 4), (administrator(), u64::MAX)]));
    seeds.extend(signers::several().iter().map(|person| {
        let options = Options { chain: Some(chain_id()), ..Options::default() };
        transaction(vec![attempt(person, person)], &[(person, 3)], &options)
    }));
    seeds
}
