//! What other implementations say of addresses, values and transactions, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use k256::ecdsa::SigningKey;
use k256::ecdsa::signature::hazmat::PrehashSigner as _;
use sealdesk_stacks::address::{Address, Version};
use sealdesk_stacks::name::{ContractName, Name};
use sealdesk_stacks::principal::ContractId;
use sealdesk_stacks::transaction::{
    Call, Comparison, Network, Payload, PostCondition, PostPrincipal, Terms, Transaction, TxId, Unsigned,
    VerifyError,
};
use sealdesk_stacks::value::{Kind, Value};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/stacks")
}

fn lines(file: &str) -> Vec<String> {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The key and the numbers of every transaction in `transactions.txt`.
const KEY: &str = "edf9aee84d9b7abc145504dde6726c64f369d37ee34ded868fabd876c26570bc";
const FEE: u64 = 1_234;
const NONCE: u64 = 7;

fn key() -> SigningKey {
    SigningKey::from_slice(&hex::decode(KEY).unwrap()).unwrap()
}

fn public_key() -> [u8; 33] {
    key().verifying_key().to_sec1_point(true).as_bytes().try_into().unwrap()
}

fn contract(address: &str, name: &str) -> ContractId {
    ContractId { deployer: Address::parse(address).unwrap(), name: ContractName::parse(name).unwrap() }
}

fn call(contract: ContractId, function: &str, arguments: Vec<Value>) -> Payload {
    Payload::Call(Call { contract, function: Name::parse(function).unwrap(), arguments })
}

/// Signs terms and compares them with the line of that name.
fn assert_vector(name: &str, terms: Terms) {
    let unsigned = Unsigned::new(terms).unwrap().with(FEE, NONCE);
    let signature: k256::ecdsa::Signature = key().sign_prehash(&unsigned.digest()).unwrap();
    let length = unsigned.signed_len();
    let signed = unsigned.signed(&signature.normalize_s().to_bytes().into()).unwrap();
    let line = lines("transactions.txt").into_iter().find(|line| line.starts_with(name)).unwrap();
    let [_, bytes, id] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    assert_eq!(hex::encode(signed.bytes()), bytes, "{name}");
    assert_eq!((signed.id().to_string().as_str(), signed.bytes().len()), (id, length), "{name}");
    assert_eq!(TxId::parse(&format!("0x{id}")), Some(signed.id()));
    let read = Transaction::decode(&hex::decode(bytes).unwrap()).unwrap();
    assert_eq!(read.terms(), signed.terms());
    assert_eq!(read.verify().unwrap().public_key(), &public_key());
}

fn terms(network: Network, payload: Payload) -> Terms {
    Terms::new(network, Address::of_public_key(network.single_version(), &public_key()), payload)
}

#[test]
fn the_key_of_the_vectors_has_its_two_addresses() {
    let first = &lines("transactions.txt")[0];
    for version in [Version::TestnetSingle, Version::MainnetSingle] {
        let address = Address::of_public_key(version, &public_key()).to_string();
        assert!(first.split(' ').any(|word| word == address), "{address}");
    }
}

#[test]
fn a_call_with_numbers_is_signed_byte_for_byte() {
    let arguments = (1..=3_u64).map(Value::uint).collect();
    let contract = contract("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM", "ticket-system");
    assert_vector("A", terms(Network::Testnet, call(contract, "update-ticket-status", arguments)));
}

#[test]
fn a_call_with_buffers_and_a_post_condition_is_signed_byte_for_byte() {
    let arguments = vec![Value::buffer(&[0x11; 32]).unwrap(), Value::buffer(&[0xaa, 0xbb, 0xcc]).unwrap()];
    let contract = contract("SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7", "ticket-system");
    let condition = PostCondition::Stx(PostPrincipal::Origin, Comparison::Equal, 0);
    let terms = terms(Network::Mainnet, call(contract, "create-ticket", arguments));
    assert_vector("B", Terms { post_conditions: vec![condition], ..terms });
}

#[test]
fn a_call_with_a_contract_and_a_nested_tuple_is_signed_byte_for_byte() {
    let foo = contract("ST2CY5V39NHDPWSXMW9QDT3HC3GD6Q6XX4CFRK9AG", "foo");
    let some = |value: Value| Value::new(Kind::Some(Box::new(value))).unwrap();
    let list = |entries| Value::new(Kind::List(entries)).unwrap();
    let int = |number| Value::new(Kind::Int(number)).unwrap();
    let tuple = Value::tuple([
        ("a", Value::ascii("hi").unwrap()),
        ("b", list(vec![int(-5), int(6)])),
        ("c", Value::new(Kind::Utf8("\u{e9}".into())).unwrap()),
        ("d", Value::new(Kind::Ok(Box::new(Value::bool(true)))).unwrap()),
        ("e", Value::new(Kind::Err(Box::new(Value::new(Kind::None).unwrap()))).unwrap()),
    ]);
    let contract = contract("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM", "ticket-system");
    let arguments = vec![Value::principal(foo), some(tuple.unwrap())];
    assert_vector("C", terms(Network::Testnet, call(contract, "set-role", arguments)));
}

#[test]
fn a_transaction_under_another_key_or_with_another_word_is_not_verified() {
    for line in &lines("transactions.txt")[1..] {
        let bytes = hex::decode(line.split(' ').nth(1).unwrap()).unwrap();
        assert!(Transaction::decode(&bytes).unwrap().verify().is_ok());
        // Signer, nonce, fee, recovery id, r, s, and the last byte of the payload.
        for place in [7, 34, 42, 44, 60, 100, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            let verified = Transaction::decode(&changed).map(Transaction::verify);
            assert!(!matches!(verified, Ok(Ok(_))), "byte {place} of {line}");
        }
    }
}

#[test]
fn a_signature_of_high_s_is_refused_before_it_is_sent() {
    let contract = contract("ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM", "ticket-system");
    let unsigned = Unsigned::new(terms(Network::Testnet, call(contract, "accept-owner", vec![]))).unwrap();
    let low: k256::ecdsa::Signature = key().sign_prehash(&unsigned.digest()).unwrap();
    let low = low.normalize_s();
    let high = k256::ecdsa::Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
    assert_eq!(unsigned.clone().signed(&high.to_bytes().into()), Err(VerifyError::HighS));
    assert!(matches!(unsigned.with(1, 0).signed(&low.to_bytes().into()), Err(VerifyError::NotOrigins(_))));
}

#[test]
fn addresses_are_written_and_read_as_others_do() {
    for line in lines("addresses.txt") {
        let [version, hash, text] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let version = Version::from_byte(version.parse().unwrap()).unwrap();
        let address = Address { version, hash: hex::decode(hash).unwrap().try_into().unwrap() };
        assert_eq!(address.to_string(), text);
        assert_eq!(Address::parse(text), Ok(address));
    }
}

#[test]
fn values_are_written_and_read_as_others_do() {
    for line in lines("values.txt") {
        let (bytes, text) = line.split_once(' ').unwrap();
        let value = Value::from_hex(bytes).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(value.to_string(), text);
        assert_eq!(value.to_hex(), format!("0x{bytes}"));
    }
}
