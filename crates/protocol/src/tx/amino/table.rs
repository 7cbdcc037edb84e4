//! The JSON of a message by a table of fields that is made from `proto/`. It is what [`super::reflected`] gives for canonical bytes, in a
//! tenth of the room: browsers have it, and a test compares the two.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{list, object, quoted, string};

/// A field of a message.
pub(super) struct Field {
    number: u64,
    name: &'static str,
    kind: Kind,
    repeated: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    I32,
    U32,
    I64,
    U64,
    Text,
    Bytes,
    /// From texts to texts.
    Map,
    Message(&'static str),
}

/// The fields of a message, by its full name; ascending.
static MESSAGES: &[(&str, &[Field])] = include!(concat!(env!("OUT_DIR"), "/amino_schema.rs"));

/// How deep messages stand in each other.
const DEPTH_MAX: usize = 8;

/// The JSON of a message of this name in canonical bytes; `None` for another one.
pub(super) fn json(name: &str, bytes: &[u8]) -> Option<String> {
    message(name, bytes, DEPTH_MAX)
}

fn message(name: &str, mut bytes: &[u8], depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let at = MESSAGES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    let (_, fields) = MESSAGES.get(at)?;
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut maps: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let field = fields.iter().find(|field| field.number == tag >> 3)?;
        let is_long = tag & 7 == 2;
        match field.kind {
            Kind::Map => {
                let (key, value) = entry(long(&mut bytes)?)?;
                maps.entry(field.name).or_default().insert(key, string(&value));
            }
            // Numbers of a list stand together.
            kind if field.repeated && is_long && kind.is_number() => {
                let mut packed = long(&mut bytes)?;
                let values = lists.entry(field.name).or_default();
                while !packed.is_empty() {
                    values.push(kind.number(varint(&mut packed)?));
                }
            }
            kind => {
                let value = match kind.is_number() {
                    true => kind.number(varint(&mut bytes)?),
                    false => kind.long(long(&mut bytes)?, depth)?,
                };
                match field.repeated {
                    true => lists.entry(field.name).or_default().push(value),
                    false => drop(found.insert(field.name, value)),
                }
            }
        }
    }
    found.extend(lists.into_iter().map(|(name, values)| (name, list(values))));
    let of_map =
        |map: &BTreeMap<String, String>| object(map.iter().map(|(key, value)| (key.as_str(), value.clone())));
    found.extend(maps.iter().map(|(name, map)| (*name, of_map(map))));
    Some(object(found))
}

impl Kind {
    fn is_number(self) -> bool {
        matches!(self, Self::Bool | Self::I32 | Self::U32 | Self::I64 | Self::U64)
    }

    fn number(self, value: u64) -> String {
        match self {
            Self::Bool => (value != 0).to_string(),
            // Negative ones are sign-extended on the wire.
            #[allow(clippy::cast_possible_truncation, reason = "what is cut off is the sign again")]
            Self::I32 => (value.cast_signed() as i32).to_string(),
            Self::I64 => quoted(value.cast_signed()),
            Self::U32 => value.to_string(),
            Self::U64 | Self::Text | Self::Bytes | Self::Map | Self::Message(_) => quoted(value),
        }
    }

    fn long(self, bytes: &[u8], depth: usize) -> Option<String> {
        match self {
            Self::Text => Some(string(std::str::from_utf8(bytes).ok()?)),
            Self::Message(name) => message(name, bytes, depth),
            _ => Some(string(&STANDARD.encode(bytes))),
        }
    }
}

/// An entry of a map.
fn entry(mut bytes: &[u8]) -> Option<(String, Cow<'_, str>)> {
    let (mut key, mut value) = (String::new(), Cow::default());
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        let text = std::str::from_utf8(long(&mut bytes)?).ok()?;
        match tag >> 3 {
            1 => text.clone_into(&mut key),
            2 => value = text.into(),
            _ => return None,
        }
    }
    Some((key, value))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn long<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(varint(bytes)?).ok()?;
    let (first, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(first)
}
