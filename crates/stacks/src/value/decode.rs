//! From bytes to a value.

use std::collections::BTreeMap;

use super::{Kind, Value, ValueError};
use crate::address::Address;
use crate::limits::{VALUE_BYTES_MAX, VALUE_DEPTH_MAX};
use crate::name::Name;
use crate::principal::{ContractId, Principal};
use crate::reader::{DecodeError, Reader};

impl Value {
    /// Reads a value that is all of `bytes`. What it accepts, [`Value::encode`] writes again byte for byte.
    ///
    /// # Errors
    /// [`DecodeError`]. Nothing is allocated for a length before as many bytes are known to be there.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > VALUE_BYTES_MAX {
            return Err(too_long(bytes.len()));
        }
        let mut reader = Reader::new(bytes);
        let value = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }

    /// Reads what a node answers: hexadecimal digits of either case, after `0x` or not.
    ///
    /// # Errors
    /// [`DecodeError::NotHex`], and those of [`Value::decode`].
    pub fn from_hex(text: &str) -> Result<Self, DecodeError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        if digits.len() > 2 * VALUE_BYTES_MAX {
            return Err(too_long(digits.len() / 2));
        }
        Self::decode(&hex::decode(digits).map_err(|_| DecodeError::NotHex)?)
    }

    /// Reads the next value. It looks no farther than a value may be long, so that what follows cannot make it larger.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let before = reader.rest();
        let mut window = Reader::new(&before[..before.len().min(VALUE_BYTES_MAX)]);
        let value = read(&mut window, VALUE_DEPTH_MAX)?;
        reader.take(value.encoded_len())?;
        Ok(value)
    }
}

/// Recurses at most as deep as `deeper` says.
fn read(reader: &mut Reader<'_>, deeper: u8) -> Result<Value, DecodeError> {
    let Some(deeper) = deeper.checked_sub(1) else {
        return Err(DecodeError::TooDeep { max: VALUE_DEPTH_MAX });
    };
    let kind = match reader.byte()? {
        0x00 => Kind::Int(i128::from_be_bytes(reader.array()?)),
        0x01 => Kind::Uint(u128::from_be_bytes(reader.array()?)),
        0x02 => Kind::Buffer(bytes(reader)?.to_vec()),
        0x03 => Kind::Bool(true),
        0x04 => Kind::Bool(false),
        0x05 => Kind::Principal(Principal::Standard(Address::read(reader)?)),
        0x06 => Kind::Principal(Principal::Contract(ContractId::read(reader)?)),
        0x07 => Kind::Ok(Box::new(read(reader, deeper)?)),
        0x08 => Kind::Err(Box::new(read(reader, deeper)?)),
        0x09 => Kind::None,
        0x0a => Kind::Some(Box::new(read(reader, deeper)?)),
        0x0b => Kind::List(list(reader, deeper)?),
        0x0c => Kind::Tuple(tuple(reader, deeper)?),
        0x0d => Kind::Ascii(text(reader)?),
        0x0e => Kind::Utf8(text(reader)?),
        byte => return Err(DecodeError::Tag { what: "type of value", byte }),
    };
    Ok(Value::new(kind)?)
}

fn bytes<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = reader.length()?;
    reader.take(length)
}

fn text(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    str::from_utf8(bytes(reader)?).map(str::to_owned).map_err(|_| DecodeError::Utf8)
}

/// Grows with the entries that are there, whatever number was announced.
fn list(reader: &mut Reader<'_>, deeper: u8) -> Result<Vec<Value>, DecodeError> {
    let length = reader.length()?;
    let mut entries = Vec::new();
    for _ in 0..length {
        entries.push(read(reader, deeper)?);
    }
    Ok(entries)
}

fn tuple(reader: &mut Reader<'_>, deeper: u8) -> Result<BTreeMap<Name, Value>, DecodeError> {
    let length = reader.length()?;
    let mut fields = BTreeMap::new();
    for _ in 0..length {
        let name = Name::read(reader)?;
        if fields.last_key_value().is_some_and(|(last, _)| *last >= name) {
            return Err(DecodeError::TupleOrder);
        }
        fields.insert(name, read(reader, deeper)?);
    }
    Ok(fields)
}

fn too_long(bytes: usize) -> DecodeError {
    DecodeError::TooLong { what: "a Clarity value", bytes, max: VALUE_BYTES_MAX }
}

impl From<ValueError> for DecodeError {
    fn from(error: ValueError) -> Self {
        match error {
            ValueError::TooLong { bytes } => too_long(bytes),
            ValueError::TooDeep => Self::TooDeep { max: VALUE_DEPTH_MAX },
            ValueError::ListTypes => Self::ListTypes,
            ValueError::TupleEmpty => Self::TupleEmpty,
            ValueError::Name(_) => Self::Name("name"),
            ValueError::Ascii(byte) => Self::Ascii(byte),
        }
    }
}
