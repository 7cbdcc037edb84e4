//! A method's request, of what an HTTP request names: the body's fields, then the query's, then the path's.

use std::collections::HashSet;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::Method;
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage as _, Value};

use super::binding::Binding;
use super::schema;
use crate::rest::problem::Problem;
use crate::rest::route::Asked;

/// How deep fields of fields can be named.
const DEPTH_MAX: usize = 4;
/// Bytes are base64, with or without padding.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A field that path or query can name.
pub(super) struct Field {
    /// Its path, of names in proto.
    pub(super) name: String,
    pub(super) schema: serde_json::Value,
    pub(super) repeated: bool,
}

/// Every field of a message that a query can name: those of messages in it by their path.
pub(super) fn fields(message: &MessageDescriptor) -> Vec<Field> {
    let mut found = Vec::new();
    gather(message, "", &mut HashSet::new(), &mut found);
    found
}

fn gather(message: &MessageDescriptor, begin: &str, above: &mut HashSet<String>, found: &mut Vec<Field>) {
    if above.len() >= DEPTH_MAX || !above.insert(message.full_name().to_owned()) {
        return;
    }
    for field in message.fields() {
        let name = format!("{begin}{}", field.name());
        match field.kind() {
            _ if field.is_map() => {}
            Kind::Message(_) if field.is_list() => {}
            Kind::Message(inner) if !inner.full_name().starts_with("google.protobuf.") => {
                gather(&inner, &format!("{name}."), above, found);
            }
            Kind::Message(_) => {}
            kind => {
                found.push(Field { name, schema: schema::of_kind_taken(&kind), repeated: field.is_list() })
            }
        }
    }
    above.remove(message.full_name());
}

/// The request, encoded.
///
/// # Errors
/// [`Problem`] where a field's text is not what the field is, or the body not the message's JSON.
pub(super) fn message(
    input: MessageDescriptor,
    binding: &Binding,
    asked: &Asked,
) -> Result<Vec<u8>, Problem> {
    let mut message = DynamicMessage::new(input.clone());
    if binding.method == Method::POST && binding.body == "*" {
        let mut json = serde_json::Deserializer::from_slice(&asked.body);
        let read = DynamicMessage::deserialize(input, &mut json);
        message =
            read.map_err(|error| Problem::invalid(format!("the body is not this message's JSON: {error}")))?;
        json.end().map_err(|_| Problem::invalid("the body continues after its JSON"))?;
    }
    let in_path: Vec<&str> = binding.names().collect();
    for (name, values) in asked.arguments.iter() {
        let is_ours = binding.method == Method::GET || in_path.contains(&name);
        for value in values.iter().filter(|_| is_ours) {
            set(&mut message, name, value)?;
        }
    }
    Ok(message.encode_to_vec())
}

/// Sets a field by its path. A name that the message does not have is passed over.
fn set(message: &mut DynamicMessage, path: &str, text: &str) -> Result<(), Problem> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let descriptor = message.descriptor();
    let field = descriptor.get_field_by_name(name).or_else(|| descriptor.get_field_by_json_name(name));
    let Some(field) = field.filter(|field| !field.is_map()) else { return Ok(()) };
    match (rest, field.kind()) {
        (Some(rest), Kind::Message(_)) if !field.is_list() => match message.get_field_mut(&field) {
            Value::Message(inner) => set(inner, rest, text),
            _ => Ok(()),
        },
        (Some(_), _) | (None, Kind::Message(_)) => Ok(()),
        (None, kind) => {
            let value = value(&field, &kind, text)?;
            match message.get_field_mut(&field) {
                Value::List(list) => list.push(value),
                place => *place = value,
            }
            Ok(())
        }
    }
}

fn value(field: &FieldDescriptor, kind: &Kind, text: &str) -> Result<Value, Problem> {
    let found = match kind {
        Kind::Bool => text.parse().ok().map(Value::Bool),
        Kind::String => Some(Value::String(text.to_owned())),
        Kind::Bytes => {
            let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
            bytes.ok().map(|bytes| Value::Bytes(bytes.into()))
        }
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => text.parse().ok().map(Value::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => text.parse().ok().map(Value::I64),
        Kind::Uint32 | Kind::Fixed32 => text.parse().ok().map(Value::U32),
        Kind::Uint64 | Kind::Fixed64 => text.parse().ok().map(Value::U64),
        Kind::Float => text.parse().ok().map(Value::F32),
        Kind::Double => text.parse().ok().map(Value::F64),
        Kind::Enum(names) => {
            let named = names.get_value_by_name(text).map(|value| value.number());
            named.or_else(|| text.parse().ok()).map(Value::EnumNumber)
        }
        Kind::Message(_) => None,
    };
    found.ok_or_else(|| Problem::invalid(format!("'{}' is not {}", field.name(), what(kind))))
}

fn what(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::Bytes => "base64",
        Kind::Enum(_) => "one of its names",
        _ => "a number that fits",
    }
}
