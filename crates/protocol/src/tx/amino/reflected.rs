//! The JSON of a message by the descriptors of `proto/`: what the ledger goes by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{DynamicMessage, MapKey, ReflectMessage as _, Value};

use super::{POOL, list, object, quoted, string};

/// The JSON of a message of this name; `None` where the contract has none, or the bytes are not one.
pub(super) fn json(name: &str, bytes: &[u8]) -> Option<String> {
    let descriptor = POOL.as_ref()?.get_message_by_name(name)?;
    DynamicMessage::decode(descriptor, bytes).ok().as_ref().map(fields)
}

/// The fields that do not have their default.
fn fields(message: &DynamicMessage) -> String {
    let descriptor = message.descriptor();
    let present: Vec<_> = descriptor.fields().filter(|field| message.has_field(field)).collect();
    object(present.iter().map(|field| (field.name(), of_value(&message.get_field(field)))))
}

fn of_value(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) | Value::EnumNumber(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::I64(value) => quoted(value),
        Value::U64(value) => quoted(value),
        Value::String(value) => string(value),
        Value::Bytes(value) => string(&STANDARD.encode(value)),
        Value::Message(message) => fields(message),
        Value::List(values) => list(values.iter().map(of_value)),
        Value::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| (of_key(key), of_value(value))).collect();
            object(entries.iter().map(|(key, value)| (key.as_str(), value.clone())))
        }
        // No message has fractions: consensus knows none.
        Value::F32(_) | Value::F64(_) => "null".to_owned(),
    }
}

fn of_key(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.clone(),
    }
}
