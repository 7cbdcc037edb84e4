use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::{Message as _, Name as _};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use prost_types::{Any, Timestamp};

use super::*;
use crate::envelope::ALGORITHM_ID;
use crate::messages::{Message, to_any};
use crate::wire::cosmos::base::v1beta1::Coin;
use crate::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use crate::wire::virtengine::roles::v1::MsgAssignRole;
use crate::wire::virtengine::support::v1::{MsgCloseTicket, MsgCreateTicket};

/// An example of every message with every field set, by its type URL: the value's bytes as base64, and its JSON.
const GOLDEN: &str = "../../vectors/amino.json";

fn pool() -> &'static DescriptorPool {
    POOL.as_ref().expect("the descriptors are whole")
}

/// A message with something in every field.
fn filled(descriptor: MessageDescriptor) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let value = if field.is_map() {
            Value::Map([(MapKey::String("key <1>".to_owned()), Value::String("a & b".to_owned()))].into())
        } else if field.is_list() {
            Value::List(vec![filled_value(&field, 1), filled_value(&field, 2)])
        } else {
            filled_value(&field, 0)
        };
        message.set_field(&field, value);
    }
    message
}

fn filled_value(field: &FieldDescriptor, nth: u8) -> Value {
    let number = field.number() + u32::from(nth);
    match field.kind() {
        Kind::Bool => Value::Bool(true),
        Kind::Int32 => Value::I32(i32::try_from(number).unwrap()),
        Kind::Uint32 => Value::U32(number),
        Kind::Int64 => Value::I64(i64::MIN + i64::from(number)),
        Kind::Uint64 => Value::U64(u64::MAX - u64::from(number)),
        Kind::String => Value::String(format!("{} <{number}> & \"é\"", field.name())),
        Kind::Bytes => Value::Bytes(vec![nth, 0xfb, 0xff].into()),
        Kind::Enum(of) => Value::EnumNumber(of.values().last().map_or(0, |value| value.number())),
        Kind::Message(of) => Value::Message(filled(of)),
        other => panic!("{}: no example of {other:?}", field.full_name()),
    }
}

/// The golden file as the code has it now.
fn examples() -> String {
    let line = |type_url: &String| {
        let descriptor = pool().get_message_by_name(type_url.trim_start_matches('/')).unwrap();
        let value = filled(descriptor).encode_to_vec();
        let json = message(&Any { type_url: type_url.clone(), value: value.clone() }).unwrap();
        format!("{{\"type_url\":\"{type_url}\",\"value\":\"{}\",\"amino\":{json}}}", STANDARD.encode(value))
    };
    format!("[\n{}\n]\n", Message::type_urls().iter().map(line).collect::<Vec<_>>().join(",\n"))
}

#[test]
fn the_json_of_every_message_is_frozen() {
    let (path, found) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN), examples());
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
        panic!("{GOLDEN} is written anew: read the difference, then run without BLESS");
    }
    let golden = std::fs::read_to_string(&path).expect("BLESS=1 writes it");
    assert!(found == golden, "the JSON that wallets sign has changed:\n{found}");
}

/// A browser shows a wallet just what the ledger verifies: of every message, with each of its fields alone, without each, and with none.
#[test]
fn a_browser_s_json_of_every_message_is_the_ledger_s() {
    for type_url in Message::type_urls() {
        let name = type_url.trim_start_matches('/');
        let descriptor = pool().get_message_by_name(name).unwrap();
        let whole = filled(descriptor.clone());
        let fields: Vec<FieldDescriptor> = descriptor.fields().collect();
        let mut cases = vec![whole.clone(), DynamicMessage::new(descriptor.clone())];
        for field in &fields {
            let (mut alone, mut without) = (DynamicMessage::new(descriptor.clone()), whole.clone());
            alone.set_field(field, whole.get_field(field).into_owned());
            without.clear_field(field);
            // What is there and says nothing.
            let mut empty = whole.clone();
            if let Kind::Message(of) = field.kind() {
                let nothing = Value::Message(DynamicMessage::new(of));
                if !field.is_map() {
                    let value = if field.is_list() { Value::List(vec![nothing]) } else { nothing };
                    empty.set_field(field, value);
                }
            }
            cases.extend([alone, without, empty]);
        }
        for case in cases {
            let bytes = case.encode_to_vec();
            assert_eq!(table::json(name, &bytes), reflected::json(name, &bytes), "{name}: {case:?}");
            assert!(table::json(name, &bytes).is_some(), "{name}");
        }
        assert_eq!(table::json(name, &[0xff]), None, "{name}: what is cut off is nothing");
    }
    assert_eq!(table::json("virtengine.support.v1.MsgUnknown", &[]), None);
}

#[test]
fn proto_names_every_message_and_its_signer_as_the_ledger_does() {
    let pool = pool();
    let extension = |name: &str| pool.get_extension_by_name(name).expect("proto/ has it");
    let (name_of, signer_of) = (extension("amino.name"), extension("cosmos.msg.v1.signer"));
    for type_url in Message::type_urls() {
        let descriptor = pool.get_message_by_name(type_url.trim_start_matches('/')).unwrap();
        let options = descriptor.options();
        assert_eq!(options.get_extension(&name_of).as_str(), Some(name(&type_url).as_str()), "{type_url}");
        let signers = options.get_extension(&signer_of);
        let [Value::String(signer)] = signers.as_list().unwrap() else { panic!("{type_url}: {signers:?}") };
        assert!(descriptor.get_field_by_name(signer).is_some(), "{type_url} has no field {signer}");
    }
}

fn body() -> TxBody {
    let close = MsgCloseTicket {
        sender: "virtengine1cal".to_owned(),
        ticket_id: "TKT-00000001".to_owned(),
        reason: "<b>&".to_owned(),
    };
    TxBody { messages: vec![to_any(&close)], ..TxBody::default() }
}

fn text(body: &TxBody, fee: Option<Fee>) -> Result<String, Refusal> {
    let auth_info = AuthInfo { fee, ..AuthInfo::default() };
    SignDoc::new(body, &auth_info, &ChainId::parse("desk-1").unwrap())?.text(7)
}

/// The same as CosmJS's `serializeSignDoc(makeSignDoc(…))` writes; the whole is compared by its own code in the tests of wallets.
#[test]
fn a_sign_document_is_the_one_that_wallets_show() {
    let plain = concat!(
        r#"{"account_number":"0","chain_id":"desk-1","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[{"type":"support/MsgCloseTicket","#,
        r#""value":{"reason":"\u003cb\u003e\u0026","sender":"virtengine1cal","ticket_id":"TKT-00000001"}}],"sequence":"7"}"#,
    );
    assert_eq!(text(&body(), Some(Fee::default())).unwrap(), plain);
    let full = TxBody {
        memo: "hello".to_owned(),
        timeout_height: 9,
        timeout_timestamp: Some(Timestamp { seconds: 1_700_000_000, nanos: 0 }),
        ..body()
    };
    let amount = vec![Coin { denom: "seal".to_owned(), amount: "0".to_owned() }];
    let fee = Fee { amount, gas_limit: 200_000, ..Fee::default() };
    let shown = text(&full, Some(fee)).unwrap();
    for part in [
        r#""fee":{"amount":[{"amount":"0","denom":"seal"}],"gas":"200000"}"#,
        r#""memo":"hello""#,
        r#""sequence":"7","timeout_height":"9","timeout_timestamp":"2023-11-14T22:13:20Z"}"#,
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_transaction_that_states_no_fee_has_no_sign_document() {
    assert_eq!(text(&body(), None).unwrap_err().code(), 18);
}

#[test]
fn a_message_without_a_descriptor_has_no_json() {
    let unknown = Any { type_url: "/cosmos.bank.v1beta1.MsgSendAll".to_owned(), value: Vec::new() };
    assert_eq!(message(&unknown).unwrap_err().code(), 2);
    let broken = Any { type_url: MsgCloseTicket::type_url(), value: vec![0xff] };
    assert_eq!(message(&broken).unwrap_err().code(), 2);
}

fn document_bytes(message: Any) -> usize {
    text(&TxBody { messages: vec![message], ..TxBody::default() }, Some(Fee::default())).unwrap().len()
}

fn ticket(ciphertext: usize, readers: usize) -> Any {
    let entry = WrappedKeyEntry {
        recipient_id: "a".repeat(40),
        wrapped_key: vec![1; 48],
        algorithm: ALGORITHM_ID.to_owned(),
        ephemeral_pub_key: vec![1; 32],
    };
    to_any(&MsgCreateTicket {
        customer: "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p".to_owned(),
        category: "technical".to_owned(),
        priority: "urgent".to_owned(),
        encrypted_payload: Some(MultiRecipientEnvelope {
            algorithm_id: ALGORITHM_ID.to_owned(),
            payload_ciphertext: vec![1; ciphertext],
            payload_nonce: vec![1; 24],
            wrapped_keys: vec![entry; readers],
            client_signature: vec![1; 64],
            ..MultiRecipientEnvelope::default()
        }),
        ..MsgCreateTicket::default()
    })
}

/// Bytes of a sign document that the Cosmos application of hardware wallets takes: their memory is that small. The ledger takes longer
/// ones, which wallets in software can sign. Every vote and act without a sealed text fits, and a ticket of a few kilobytes for a few
/// readers does.
const HARDWARE_WALLET_BYTES: usize = 16_384;

#[test]
fn a_hardware_wallet_takes_votes_and_short_tickets_and_no_long_ones() {
    // The largest vote: of an account of sixteen keys that all sign.
    let vote = MsgAssignRole {
        sender: "a".repeat(90),
        address: "a".repeat(90),
        role: "administrator".to_owned(),
        made: i64::MAX,
        change: u64::MAX,
        account_pub_key: vec![1; 6 + 16 * 40],
        account_signature: vec![1; 8 + 16 * 66],
    };
    let fits = |bytes: usize| bytes <= HARDWARE_WALLET_BYTES;
    let vote = document_bytes(to_any(&vote));
    assert!(fits(vote), "{vote}");
    let short = document_bytes(ticket(4_096, 8));
    assert!(fits(short), "{short}");
    // A reader is about 250 bytes of it, and base64 makes four bytes of three.
    let long = document_bytes(ticket(16_384, 3));
    assert!(!fits(long), "{long}");
    let read_by_many = document_bytes(ticket(4_096, 64));
    assert!(!fits(read_by_many), "{read_by_many}");
}
