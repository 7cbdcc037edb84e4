//! Clarity values: what contracts are called with, answer and print.
//!
//! A [`Value`] exists only within Clarity's bounds (32 deep, 1 MiB encoded, entries of a list of one type), so encoding
//! one cannot fail and no walk through one can exhaust the stack. [`Kind`] is what one matches on.

mod decode;
mod display;
mod types;

use std::collections::BTreeMap;

use thiserror::Error;

use crate::limits::{VALUE_BYTES_MAX, VALUE_DEPTH_MAX};
use crate::name::{Name, NameError};
use crate::principal::Principal;
use crate::reader::put_length;

/// Why parts make no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValueError {
    /// It would be longer than [`VALUE_BYTES_MAX`].
    #[error("a Clarity value of {bytes} bytes is too long: at most {VALUE_BYTES_MAX}")]
    TooLong {
        /// Its encoded length.
        bytes: usize,
    },
    /// It would nest deeper than [`VALUE_DEPTH_MAX`].
    #[error("a Clarity value nests at most {VALUE_DEPTH_MAX} deep")]
    TooDeep,
    /// The entries of a list do not fit together.
    #[error("the entries of a list must be of one type")]
    ListTypes,
    /// A tuple has at least one field.
    #[error("a tuple has no fields")]
    TupleEmpty,
    /// A field of a tuple has no proper name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A character that `string-ascii` does not have.
    #[error("0x{0:02x} is not a character of string-ascii")]
    Ascii(u8),
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `int`.
    Int(i128),
    /// `uint`.
    Uint(u128),
    /// `bool`.
    Bool(bool),
    /// `(buff n)`.
    Buffer(Vec<u8>),
    /// `principal`.
    Principal(Principal),
    /// `(ok …)`.
    Ok(Box<Value>),
    /// `(err …)`.
    Err(Box<Value>),
    /// `none`.
    None,
    /// `(some …)`.
    Some(Box<Value>),
    /// `(list …)`.
    List(Vec<Value>),
    /// `(tuple …)`. The map's order, by the bytes of the names, is the order of the wire.
    Tuple(BTreeMap<Name, Value>),
    /// `string-ascii`: printable ASCII and white space.
    Ascii(String),
    /// `string-utf8`.
    Utf8(String),
}

/// A Clarity value within Clarity's bounds.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    kind: Kind,
    depth: u8,
    bytes: usize,
}

impl Value {
    /// Makes a value of its parts.
    ///
    /// # Errors
    /// [`ValueError`] where the whole would be out of bounds.
    pub fn new(kind: Kind) -> Result<Self, ValueError> {
        check(&kind)?;
        let depth = 1 + children(&kind).map(|child| child.depth).max().unwrap_or(0);
        if depth > VALUE_DEPTH_MAX {
            return Err(ValueError::TooDeep);
        }
        let bytes = 1 + own_bytes(&kind) + children(&kind).map(|child| child.bytes).sum::<usize>();
        if bytes > VALUE_BYTES_MAX {
            return Err(ValueError::TooLong { bytes });
        }
        Ok(Self { kind, depth, bytes })
    }

    /// `u…`.
    pub fn uint(number: impl Into<u128>) -> Self {
        Self { kind: Kind::Uint(number.into()), depth: 1, bytes: 17 }
    }

    /// `true` or `false`.
    pub fn bool(truth: bool) -> Self {
        Self { kind: Kind::Bool(truth), depth: 1, bytes: 1 }
    }

    /// A principal.
    pub fn principal(principal: impl Into<Principal>) -> Self {
        let kind = Kind::Principal(principal.into());
        let bytes = 1 + own_bytes(&kind);
        Self { kind, depth: 1, bytes }
    }

    /// A buffer.
    ///
    /// # Errors
    /// [`ValueError::TooLong`].
    pub fn buffer(bytes: &[u8]) -> Result<Self, ValueError> {
        Self::new(Kind::Buffer(bytes.to_vec()))
    }

    /// A `string-ascii`.
    ///
    /// # Errors
    /// [`ValueError::TooLong`], [`ValueError::Ascii`].
    pub fn ascii(text: &str) -> Result<Self, ValueError> {
        Self::new(Kind::Ascii(text.to_owned()))
    }

    /// A tuple. A name that stands twice keeps its last value.
    ///
    /// # Errors
    /// [`ValueError`].
    pub fn tuple<'n>(fields: impl IntoIterator<Item = (&'n str, Self)>) -> Result<Self, ValueError> {
        let named = fields.into_iter().map(|(name, value)| Ok((Name::parse(name)?, value)));
        Self::new(Kind::Tuple(named.collect::<Result<_, NameError>>()?))
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Takes it apart.
    pub fn into_kind(self) -> Kind {
        self.kind
    }

    /// Its length on the wire, in bytes.
    pub fn encoded_len(&self) -> usize {
        self.bytes
    }

    /// The one encoding, which consensus hashes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes);
        self.write(&mut out);
        out
    }

    /// The encoding as nodes take and give it: `0x` and hexadecimal digits.
    pub fn to_hex(&self) -> String {
        format!("0x{}", hex::encode(self.encode()))
    }

    /// Recurses at most [`VALUE_DEPTH_MAX`] deep, since no deeper value exists.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(tag(&self.kind));
        match &self.kind {
            Kind::Int(number) => out.extend_from_slice(&number.to_be_bytes()),
            Kind::Uint(number) => out.extend_from_slice(&number.to_be_bytes()),
            Kind::Bool(_) | Kind::None => {}
            Kind::Buffer(bytes) => put_bytes(out, bytes),
            Kind::Ascii(text) | Kind::Utf8(text) => put_bytes(out, text.as_bytes()),
            Kind::Principal(Principal::Standard(address)) => address.write(out),
            Kind::Principal(Principal::Contract(contract)) => contract.write(out),
            Kind::Ok(value) | Kind::Err(value) | Kind::Some(value) => value.write(out),
            Kind::List(entries) => {
                put_length(out, entries.len());
                entries.iter().for_each(|entry| entry.write(out));
            }
            Kind::Tuple(fields) => {
                put_length(out, fields.len());
                for (name, value) in fields {
                    name.write(out);
                    value.write(out);
                }
            }
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn tag(kind: &Kind) -> u8 {
    match kind {
        Kind::Int(_) => 0x00,
        Kind::Uint(_) => 0x01,
        Kind::Buffer(_) => 0x02,
        Kind::Bool(true) => 0x03,
        Kind::Bool(false) => 0x04,
        Kind::Principal(Principal::Standard(_)) => 0x05,
        Kind::Principal(Principal::Contract(_)) => 0x06,
        Kind::Ok(_) => 0x07,
        Kind::Err(_) => 0x08,
        Kind::None => 0x09,
        Kind::Some(_) => 0x0a,
        Kind::List(_) => 0x0b,
        Kind::Tuple(_) => 0x0c,
        Kind::Ascii(_) => 0x0d,
        Kind::Utf8(_) => 0x0e,
    }
}

fn check(kind: &Kind) -> Result<(), ValueError> {
    match kind {
        Kind::Tuple(fields) if fields.is_empty() => Err(ValueError::TupleEmpty),
        Kind::List(entries) if !types::fit_together(entries) => Err(ValueError::ListTypes),
        Kind::Ascii(text) => match text.bytes().find(|&byte| !is_ascii_character(byte)) {
            Some(byte) => Err(ValueError::Ascii(byte)),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// `string-ascii` has what can be printed, and white space.
fn is_ascii_character(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte.is_ascii_whitespace()
}

fn children(kind: &Kind) -> Box<dyn Iterator<Item = &Value> + '_> {
    match kind {
        Kind::Ok(value) | Kind::Err(value) | Kind::Some(value) => Box::new(std::iter::once(value.as_ref())),
        Kind::List(entries) => Box::new(entries.iter()),
        Kind::Tuple(fields) => Box::new(fields.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Bytes between the tag and the values inside.
fn own_bytes(kind: &Kind) -> usize {
    match kind {
        Kind::Int(_) | Kind::Uint(_) => 16,
        Kind::Bool(_) | Kind::None | Kind::Ok(_) | Kind::Err(_) | Kind::Some(_) => 0,
        Kind::Buffer(bytes) => 4 + bytes.len(),
        Kind::Ascii(text) | Kind::Utf8(text) => 4 + text.len(),
        Kind::Principal(Principal::Standard(_)) => 21,
        Kind::Principal(Principal::Contract(contract)) => 22 + contract.name.as_str().len(),
        Kind::List(_) => 4,
        Kind::Tuple(fields) => 4 + fields.keys().map(|name| 1 + name.as_str().len()).sum::<usize>(),
    }
}
