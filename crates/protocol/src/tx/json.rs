//! Transactions as files: proto3 JSON of `cosmos.tx.v1beta1.Tx`, as `simd tx … --generate-only` writes it and `simd tx broadcast` reads it.
//!
//! The bytes of a transaction are canonical, so that its JSON holds all of it: what was signed is what is made of the JSON again.

use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::{Map, Value};
use thiserror::Error;

use super::amino::POOL;
use crate::wire::cosmos::tx::v1beta1::Tx;

/// The message's full name.
const TX: &str = "cosmos.tx.v1beta1.Tx";
/// Lists that Cosmos's file has and this ledger does not take; in JSON they stand there empty.
const EXTENSIONS: [&str; 2] = ["extension_options", "non_critical_extension_options"];

/// Why a text is not a transaction, or a transaction has no JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TxJsonError {
    /// It is not the JSON of a transaction.
    #[error("this is not a transaction as Cosmos's JSON: {0}")]
    Form(String),
    /// It has something that this ledger does not take.
    #[error("the transaction has {0}, which this ledger does not take")]
    Beside(&'static str),
}

/// A transaction as JSON: names as in proto, 64-bit numbers as text, bytes as base64, nothing left out.
///
/// # Errors
/// [`TxJsonError::Form`] where it holds a message that this ledger does not have.
pub fn to_json(tx: &Tx) -> Result<Value, TxJsonError> {
    let message = DynamicMessage::decode(descriptor()?, tx.encode_to_vec().as_slice()).map_err(form)?;
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
    let mut value = message.serialize_with_options(serde_json::value::Serializer, &options).map_err(form)?;
    if let Some(body) = object(&mut value, "body") {
        for name in EXTENSIONS {
            body.insert(name.to_owned(), Value::Array(Vec::new()));
        }
        body.entry("timeout_timestamp").or_insert(Value::Null);
    }
    if let Some(auth_info) = object(&mut value, "auth_info") {
        auth_info.insert("tip".to_owned(), Value::Null);
    }
    Ok(value)
}

/// Reads a transaction. Its messages are what their JSON says; whether they are good is for [`super::Tx`] to judge.
///
/// # Errors
/// [`TxJsonError`].
pub fn from_json(text: &[u8]) -> Result<Tx, TxJsonError> {
    let mut value: Value = serde_json::from_slice(text).map_err(form)?;
    if let Some(body) = object(&mut value, "body") {
        let camel = ["extensionOptions", "nonCriticalExtensionOptions"];
        for (name, camel) in EXTENSIONS.into_iter().zip(camel) {
            leave_out(body, [name, camel], "extension options")?;
        }
    }
    let auth_info = if value.get("auth_info").is_some() { "auth_info" } else { "authInfo" };
    if let Some(auth_info) = object(&mut value, auth_info) {
        leave_out(auth_info, ["tip", "tip"], "a tip")?;
    }
    let read = DynamicMessage::deserialize(descriptor()?, value).map_err(form)?;
    read.transcode_to().map_err(form)
}

fn descriptor() -> Result<MessageDescriptor, TxJsonError> {
    let found = POOL.as_ref().and_then(|pool| pool.get_message_by_name(TX));
    found.ok_or_else(|| TxJsonError::Form(format!("{TX} is not known")))
}

fn form(error: impl std::fmt::Display) -> TxJsonError {
    TxJsonError::Form(error.to_string())
}

fn object<'a>(value: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
    value.get_mut(name)?.as_object_mut()
}

/// Takes a field away that says nothing.
fn leave_out(
    members: &mut Map<String, Value>,
    names: [&str; 2],
    what: &'static str,
) -> Result<(), TxJsonError> {
    for name in names {
        match members.remove(name) {
            None | Some(Value::Null) => {}
            Some(Value::Array(list)) if list.is_empty() => {}
            Some(_) => return Err(TxJsonError::Beside(what)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
