use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_types::Any;

use super::*;
use crate::wire::cosmos::tx::v1beta1::{AuthInfo, Fee, TxBody};

/// As `simd tx … --generate-only` of Cosmos SDK 0.50 writes it.
const OF_SIMD: &str = r#"{"body":{"messages":[{"@type":"/virtengine.support.v1.MsgCloseTicket","sender":"virtengine1x",
"ticket_id":"TKT-00000001","reason":"a < b & \"c\""}],"memo":"","timeout_height":"0","extension_options":[],
"non_critical_extension_options":[]},"auth_info":{"signer_infos":[],"fee":{"amount":[],"gas_limit":"200000","payer":"",
"granter":""},"tip":null},"signatures":[]}"#;

/// Every message of the ledger with every field filled, from the frozen file.
fn every_message() -> Vec<Any> {
    let text = include_str!("../../../../../vectors/amino.json");
    let frozen: Vec<Value> = serde_json::from_str(text).unwrap();
    let of = |one: &Value| Any {
        type_url: one["type_url"].as_str().unwrap().to_owned(),
        value: STANDARD.decode(one["value"].as_str().unwrap()).unwrap(),
    };
    frozen.iter().map(of).collect()
}

#[test]
fn what_was_signed_is_what_is_made_of_the_json_again() {
    let messages = every_message();
    assert!(messages.len() > 20, "{}", messages.len());
    for message in messages {
        let timeout_timestamp = Some(prost_types::Timestamp { seconds: 1_800_000_000, nanos: 0 });
        let body = TxBody {
            messages: vec![message],
            memo: "é<".to_owned(),
            timeout_timestamp,
            ..Default::default()
        };
        let auth_info =
            AuthInfo { fee: Some(Fee { gas_limit: u64::MAX, ..Fee::default() }), ..Default::default() };
        let tx = Tx { body: Some(body), auth_info: Some(auth_info), signatures: vec![vec![0, 255, 7]] };
        let text = to_json(&tx).unwrap().to_string();
        assert_eq!(from_json(text.as_bytes()).unwrap(), tx, "{text}");
        assert_eq!(from_json(text.as_bytes()).unwrap().encode_to_vec(), tx.encode_to_vec());
    }
}

#[test]
fn the_file_of_another_cosmos_program_is_read_and_written_alike() {
    let tx = from_json(OF_SIMD.as_bytes()).unwrap();
    let body = tx.body.clone().unwrap();
    assert_eq!((body.messages.len(), tx.auth_info.clone().unwrap().fee.unwrap().gas_limit), (1, 200_000));
    let (written, mut given) = (to_json(&tx).unwrap(), serde_json::from_str::<Value>(OF_SIMD).unwrap());
    given["body"]["unordered"] = false.into();
    given["body"]["timeout_timestamp"] = Value::Null;
    assert_eq!(written, given);
    let camel = OF_SIMD.replace("auth_info", "authInfo").replace("signer_infos", "signerInfos");
    assert_eq!(from_json(camel.as_bytes()).unwrap(), tx);
}

#[test]
fn what_the_ledger_does_not_take_is_not_passed_over() {
    let with = |from: &str, to: &str| from_json(OF_SIMD.replace(from, to).as_bytes()).map(drop);
    let option = r#""extension_options":[{"@type":"/cosmos.tx.v1beta1.Fee"}]"#;
    assert_eq!(with("\"extension_options\":[]", option), Err(TxJsonError::Beside("extension options")));
    assert_eq!(with("\"tip\":null", "\"tip\":{\"tipper\":\"x\"}"), Err(TxJsonError::Beside("a tip")));
    for (from, to) in [
        ("MsgCloseTicket", "MsgSendMoney"),
        ("\"memo\"", "\"mmo\""),
        ("\"reason\"", "\"reasons\""),
        ("\"signatures\":[]", "\"signatures\":[\"*\"]"),
        ("\"0\"", "\"-1\""),
    ] {
        assert!(matches!(with(from, to), Err(TxJsonError::Form(_))), "{to}");
    }
    for text in ["", "[]", "7", "{", "{\"body\":7}"] {
        assert!(from_json(text.as_bytes()).is_err(), "{text}");
    }
}
