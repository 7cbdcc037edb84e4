//! Messages of proto as JSON Schema: as [`super::shown`] writes them, and as they are taken, which is more: Protobuf's JSON has null for a
//! field that is left out, an enumeration by its number, and integers of 64 bits as numbers too.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::POOL;

/// What stands behind a message's name where it is taken and not given.
const TAKEN: &str = ".Taken";

/// A reference to the schema of a message that is taken.
pub(super) fn reference_taken(message: &MessageDescriptor) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}{TAKEN}", message.full_name()) })
}

/// A reference to a message's schema.
pub(super) fn reference(message: &MessageDescriptor) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", message.full_name()) })
}

/// The schemas of all messages that these schemas refer to, and that those refer to, by name.
pub(in crate::rest) fn schemas(routes: &[crate::rest::route::Route]) -> BTreeMap<String, Value> {
    let (mut found, mut next): (BTreeMap<String, Value>, Vec<String>) = (BTreeMap::new(), Vec::new());
    for route in routes {
        let bodies = route.body.iter().flat_map(|body| body.content.iter().map(|(_, schema)| schema));
        bodies.chain([&route.answer.schema]).for_each(|schema| referred(schema, &mut next));
    }
    while let Some(name) = next.pop() {
        let is_taken = name.ends_with(TAKEN);
        let message = POOL.get_message_by_name(name.strip_suffix(TAKEN).unwrap_or(&name));
        let Some(message) = message.filter(|_| !found.contains_key(&name)) else { continue };
        let schema = of_message(&message, if is_taken { of_field_taken } else { of_field });
        referred(&schema, &mut next);
        found.insert(name, schema);
    }
    found
}

/// The names that a schema refers to.
fn referred(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str);
            found.extend(name.and_then(|name| name.rsplit('/').next()).map(str::to_owned));
            members.values().for_each(|value| referred(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| referred(value, found)),
        _ => {}
    }
}

fn of_message(message: &MessageDescriptor, of_field: fn(&FieldDescriptor) -> Value) -> Value {
    match message.full_name() {
        "google.protobuf.Any" => {
            return json!({ "type": "object", "properties": { "@type": { "type": "string" } }, "required": ["@type"] });
        }
        "google.protobuf.Timestamp" => return json!({ "type": "string", "format": "date-time" }),
        "google.protobuf.Duration" => return json!({ "type": "string" }),
        _ => {}
    }
    let properties: Map<String, Value> =
        message.fields().map(|field| (field.name().to_owned(), of_field(&field))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn of_field(field: &FieldDescriptor) -> Value {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            let value = entry.map_entry_value_field();
            json!({ "type": "object", "additionalProperties": of_field(&value) })
        }
        kind if field.is_list() => json!({ "type": "array", "items": of_kind(&kind) }),
        kind @ (Kind::Message(_) | Kind::Bytes) => json!({ "anyOf": [of_kind(&kind), { "type": "null" }] }),
        kind => of_kind(&kind),
    }
}

fn of_field_taken(field: &FieldDescriptor) -> Value {
    let schema = match field.kind() {
        Kind::Message(entry) if field.is_map() => {
            let value = entry.map_entry_value_field();
            json!({ "type": "object", "additionalProperties": of_kind_taken(&value.kind()) })
        }
        kind if field.is_list() => json!({ "type": "array", "items": of_kind_taken(&kind) }),
        kind => of_kind_taken(&kind),
    };
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// What a field of a kind may be in the JSON that is taken.
pub(super) fn of_kind_taken(kind: &Kind) -> Value {
    match kind {
        Kind::Enum(_) => json!({ "anyOf": [of_kind(kind), { "type": "integer", "format": "int32" }] }),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
            json!({ "anyOf": [of_kind(kind), { "type": "integer" }] })
        }
        Kind::Message(message) => reference_taken(message),
        _ => of_kind(kind),
    }
}

/// What a field of a kind is in the JSON that is given.
pub(super) fn of_kind(kind: &Kind) -> Value {
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::String => json!({ "type": "string" }),
        Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
        Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
            json!({ "type": "string", "pattern": "^-?[0-9]{1,19}$" })
        }
        Kind::Uint64 | Kind::Fixed64 => json!({ "type": "string", "pattern": "^[0-9]{1,20}$" }),
        Kind::Float | Kind::Double => json!({ "type": "number" }),
        Kind::Enum(names) => {
            let names: Vec<String> = names.values().map(|value| value.name().to_owned()).collect();
            json!({ "type": "string", "enum": names })
        }
        Kind::Message(message) => reference(message),
    }
}
