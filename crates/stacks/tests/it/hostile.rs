//! What no honest node or program sends: refused by the error that the folder of the file is named after.

use std::fs;
use std::path::{Path, PathBuf};

use sealdesk_stacks::DecodeError;
use sealdesk_stacks::address::Address;
use sealdesk_stacks::limits::{TX_BYTES_MAX, VALUE_BYTES_MAX};
use sealdesk_stacks::transaction::Transaction;
use sealdesk_stacks::value::Value;

/// The files of one decoder, with the error that each must give.
fn files(decoder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/stacks/hostile").join(decoder);
    let entries = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = entries(&folder)
        .flat_map(|error| {
            let name = error.file_name().unwrap().to_str().unwrap().to_owned();
            entries(&error).map(|file| (name.clone(), file)).collect::<Vec<_>>()
        })
        .collect();
    assert!(files.len() > 10, "{decoder} has {} files", files.len());
    files
}

/// The variant's name, without what it holds.
fn name(error: &impl std::fmt::Debug) -> String {
    format!("{error:?}").split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()
}

fn assert_refused<T, E: std::fmt::Debug>(decoder: &str, decode: impl Fn(&str) -> Result<T, E>) {
    for (expected, file) in files(decoder) {
        let text = fs::read_to_string(&file).unwrap();
        match decode(text.trim_end_matches('\n')) {
            Ok(_) => panic!("{} was accepted", file.display()),
            Err(error) => assert_eq!(name(&error), expected, "{}: {error:?}", file.display()),
        }
    }
}

#[test]
fn hostile_values_are_refused_by_name() {
    assert_refused("values", Value::from_hex);
}

#[test]
fn hostile_transactions_are_refused_by_name() {
    assert_refused("transactions", |text| Transaction::decode(&hex::decode(text).unwrap()));
}

#[test]
fn hostile_addresses_are_refused_by_name() {
    assert_refused("addresses", Address::parse);
}

#[test]
fn two_hundred_thousand_nested_values_do_not_exhaust_the_stack() {
    for layer in [&[0x0a][..], &[0x07], &[0x0b, 0, 0, 0, 1], &[0x0c, 0, 0, 0, 1, 1, b'a']] {
        let mut bytes = layer.repeat(200_000);
        bytes.push(0x03);
        let refused = Value::decode(&bytes).unwrap_err();
        assert!(matches!(name(&refused).as_str(), "TooDeep" | "TooLong"), "{refused:?}");
    }
}

#[test]
fn the_longest_value_is_accepted_and_one_byte_more_is_not() {
    let buffer = |length: usize| {
        let mut bytes = vec![0x02];
        bytes.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
        bytes.resize(5 + length, 0);
        bytes
    };
    assert!(Value::decode(&buffer(VALUE_BYTES_MAX - 5)).is_ok());
    assert!(matches!(Value::decode(&buffer(VALUE_BYTES_MAX - 4)), Err(DecodeError::TooLong { .. })));
    assert!(Value::buffer(&vec![0; VALUE_BYTES_MAX - 5]).is_ok());
    assert!(Value::buffer(&vec![0; VALUE_BYTES_MAX - 4]).is_err());
    let long = vec![0; TX_BYTES_MAX + 1];
    assert!(matches!(Transaction::decode(&long), Err(DecodeError::TooLong { .. })));
}

#[test]
fn what_is_no_hexadecimal_text_is_no_value() {
    for text in ["0x0", "0xzz", "0x 03", "x03", "\u{ff10}3"] {
        assert_eq!(Value::from_hex(text), Err(DecodeError::NotHex), "{text}");
    }
    assert_eq!(Value::from_hex("0x03"), Value::from_hex("03"));
    assert_eq!(Value::from_hex("0x020000000100FF"), Err(DecodeError::Trailing(1)));
}
