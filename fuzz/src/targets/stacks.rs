//! What nodes and indexers of Stacks answer: whatever is accepted is written again as it was.

use sealdesk_stacks::address::{Address, Version};
use sealdesk_stacks::contract::{Answer, Event, Priority, Request, answer_of};
use sealdesk_stacks::name::{ContractName, Name};
use sealdesk_stacks::principal::{ContractId, Principal};
use sealdesk_stacks::transaction::{Network, Payload, Terms, Transaction, TxId, Unsigned};
use sealdesk_stacks::value::{Kind, Value};

use super::{choose, chosen};
use crate::people::customer;
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    let target = |name, bytes_max, run, seeds| Target { name, bytes_max, run, seeds, contains_panics: false };
    vec![
        target("stacks_names", 200, names, name_seeds),
        target("clarity", 4_096, clarity, value_seeds),
        target("stacks_tx", 4_096, transaction, transaction_seeds),
        target("stacks_answer", 4_096, answer, answer_seeds),
    ]
}

/// A reader of short texts, and how it writes what it read.
type Reader = fn(&str) -> Option<String>;

const READERS: [Reader; 5] = [
    |text| Some(Address::parse(text).ok()?.to_string()),
    |text| Some(Principal::parse(text).ok()?.to_string()),
    |text| Some(ContractName::parse(text).ok()?.to_string()),
    |text| Some(Name::parse(text).ok()?.to_string()),
    |text| TxId::parse(text).map(|id| format!("0x{id}")),
];

fn names(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, READERS.len()) else { return Outcome::Refused };
    let Some((text, written)) =
        str::from_utf8(rest).ok().and_then(|text| Some((text, READERS[choice](text)?)))
    else {
        return Outcome::Refused;
    };
    // An id may stand without 0x and in either case; everything else has one spelling.
    let same = if choice == 4 { text.to_lowercase().ends_with(&written[2..]) } else { text == written };
    assert!(same, "{text} is written as {written}");
    Outcome::Accepted
}

fn clarity(data: &[u8]) -> Outcome {
    let decoded = Value::decode(data);
    if let Ok(value) = &decoded {
        assert_eq!(value.encode(), data);
        assert_eq!(Value::new(value.kind().clone()).as_ref(), Ok(value));
        assert!(value.to_string().is_ascii(), "what is shown has no character that could hide another");
    }
    Outcome::from(&decoded)
}

/// Whatever verifies was signed.
fn transaction(data: &[u8]) -> Outcome {
    let decoded = Transaction::decode(data);
    if let Ok(transaction) = &decoded {
        assert_eq!((transaction.bytes(), transaction.id()), (data, TxId::of(data)));
        let length = Unsigned::new(transaction.terms().clone()).map(|unsigned| unsigned.signed_len());
        assert!(length.is_ok_and(|length| length == data.len()));
        if transaction.clone().verify().is_ok() {
            assert!(transaction_seeds().iter().any(|seed| seed == data), "nobody signed that");
        }
    }
    Outcome::from(&decoded)
}

/// An event or one of the answers.
fn answer(data: &[u8]) -> Outcome {
    let Some((choice, rest)) = choose(data, 6) else { return Outcome::Refused };
    let Ok(value) = Value::decode(rest) else { return Outcome::Refused };
    let answer = Answer(value.clone());
    match choice {
        0 => Outcome::from(&Event::read(value)),
        1 => Outcome::from(&answer.ticket()),
        2 => Outcome::from(&answer.comment()),
        3 => Outcome::from(&answer.key()),
        4 => Outcome::from(&answer.page()),
        _ => Outcome::from(&answer_of(&value)),
    }
}

fn address() -> Address {
    Address::of_public_key(Version::TestnetSingle, &customer().account.public_key())
}

fn contract() -> ContractId {
    ContractId::parse(&format!("{}.ticket-system", address())).expect("a name")
}

fn name_seeds() -> Vec<Vec<u8>> {
    let (address, contract) = (address().to_string(), contract().to_string());
    let id = format!("0x{}", TxId::of(b"seed"));
    let texts = [address.as_str(), contract.as_str(), "ticket-system", "get-ticket", id.as_str()];
    texts.iter().enumerate().map(|(choice, text)| chosen(choice, text.as_bytes())).collect()
}

fn value(kind: Kind) -> Value {
    Value::new(kind).expect("within bounds")
}

fn values() -> Vec<Value> {
    let text = || value(Kind::Ascii("billing".into()));
    vec![
        Value::uint(1_u64),
        value(Kind::Int(-1)),
        Value::principal(contract()),
        value(Kind::List(vec![value(Kind::None), value(Kind::Some(Box::new(Value::bool(true))))])),
        value(Kind::Err(Box::new(Value::uint(100_u64)))),
        Value::tuple([("a", text()), ("b", value(Kind::Utf8("\u{e4}".into())))]).expect("two fields"),
        Value::buffer(&[1, 2, 3]).expect("short"),
    ]
}

fn value_seeds() -> Vec<Vec<u8>> {
    values().iter().map(Value::encode).collect()
}

fn transaction_seeds() -> Vec<Vec<u8>> {
    static SEEDS: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    SEEDS.get_or_init(|| requests().iter().map(signed).collect()).clone()
}

fn requests() -> Vec<Request> {
    vec![
        Request::AcceptOwner,
        Request::AddStaffMember(address().into()),
        Request::CreateTicket {
            category: "billing".into(),
            priority: Priority::High,
            payload: b"sealed".to_vec(),
        },
    ]
}

fn signed(request: &Request) -> Vec<u8> {
    let payload = Payload::Call(request.to_call(&contract()).expect("a call"));
    let unsigned = Unsigned::new(Terms::new(Network::Testnet, address(), payload)).expect("terms");
    let unsigned = unsigned.with(1_000, 3);
    let signature = customer().account.sign_digest(&unsigned.digest()).expect("it signs");
    unsigned.signed(&signature).expect("it is the origin's").bytes().to_vec()
}

fn answer_seeds() -> Vec<Vec<u8>> {
    let event = Value::tuple([
        ("event", value(Kind::Ascii("ticket-status-changed".into()))),
        ("v", Value::uint(1_u64)),
        ("ticket-id", Value::uint(7_u64)),
        ("from", Value::uint(1_u64)),
        ("to", Value::uint(6_u64)),
        ("by", Value::principal(address())),
        ("at", Value::uint(99_u64)),
    ]);
    let page = Value::tuple([
        ("total", Value::uint(2_u64)),
        ("ids", value(Kind::List(vec![Value::uint(1_u64), Value::uint(2_u64)]))),
    ]);
    let (event, page) = (event.expect("an event"), page.expect("a page"));
    let refused = value(Kind::Err(Box::new(Value::uint(100_u64))));
    vec![chosen(0, &event.encode()), chosen(4, &page.encode()), chosen(5, &refused.encode())]
}
