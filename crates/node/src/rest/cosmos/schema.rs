//! Messages of proto as JSON Schema, as [`super::shown`] writes them.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::POOL;

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
        let Some(message) = POOL.get_message_by_name(&name).filter(|_| !found.contains_key(&name)) else {
            continue;
        };
        let schema = of_message(&message);
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

fn of_message(message: &MessageDescriptor) -> Value {
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
        kind @ Kind::Message(_) => json!({ "anyOf": [of_kind(&kind), { "type": "null" }] }),
        kind => of_kind(&kind),
    }
}

/// What a field of a kind is in JSON.
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
