//! Reading tuples that a stranger sent: each field once, of its type, and none left over.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::limits::PAYLOAD_BYTES_MAX;
use crate::name::Name;
use crate::principal::Principal;
use crate::reader::DecodeError;
use crate::value::{Kind, Value};

/// Why something is no answer of the desk's contract.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnswerError {
    /// It is no Clarity value at all.
    #[error("the answer is not a Clarity value: {0}")]
    Decode(#[from] DecodeError),
    /// A value is not what the contract gives there.
    #[error("{what} should be {expected}")]
    Unexpected {
        /// Which value.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A field is missing.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field that the contract does not have.
    #[error("the field {0} is not one of the contract's")]
    Unknown(Name),
    /// An event that the contract does not print.
    #[error("'{0}' is not an event of the contract")]
    UnknownEvent(String),
}

/// The fields of a tuple that have not been read yet.
pub(super) struct Fields(BTreeMap<Name, Value>);

impl Fields {
    pub(super) fn of(what: &'static str, value: Value) -> Result<Self, AnswerError> {
        match value.into_kind() {
            Kind::Tuple(fields) => Ok(Self(fields)),
            _ => Err(AnswerError::Unexpected { what, expected: "a tuple" }),
        }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Result<Value, AnswerError> {
        Name::parse(name).ok().and_then(|known| self.0.remove(&known)).ok_or(AnswerError::Missing(name))
    }

    pub(super) fn uint(&mut self, name: &'static str) -> Result<u64, AnswerError> {
        uint(name, &self.take(name)?)
    }

    pub(super) fn bool(&mut self, name: &'static str) -> Result<bool, AnswerError> {
        bool(name, &self.take(name)?)
    }

    pub(super) fn principal(&mut self, name: &'static str) -> Result<Principal, AnswerError> {
        principal(name, self.take(name)?)
    }

    /// A text of at most so many bytes.
    pub(super) fn ascii(&mut self, name: &'static str, max: usize) -> Result<String, AnswerError> {
        match self.take(name)?.into_kind() {
            Kind::Ascii(text) if text.len() <= max => Ok(text),
            _ => {
                let expected = "a string-ascii of the contract's length";
                Err(AnswerError::Unexpected { what: name, expected })
            }
        }
    }

    /// A buffer that a call can carry: no call takes more than a payload's.
    pub(super) fn buffer(&mut self, name: &'static str) -> Result<Vec<u8>, AnswerError> {
        match self.take(name)?.into_kind() {
            Kind::Buffer(bytes) if bytes.len() <= PAYLOAD_BYTES_MAX => Ok(bytes),
            _ => {
                let expected = "a buffer of the contract's length";
                Err(AnswerError::Unexpected { what: name, expected })
            }
        }
    }

    /// A buffer of exactly so many bytes.
    pub(super) fn exact<const N: usize>(&mut self, name: &'static str) -> Result<[u8; N], AnswerError> {
        let wrong =
            AnswerError::Unexpected { what: name, expected: "a buffer of a key's or a hash's length" };
        self.buffer(name)?.try_into().map_err(|_| wrong)
    }

    pub(super) fn optional_uint(&mut self, name: &'static str) -> Result<Option<u64>, AnswerError> {
        optional(name, self.take(name)?)?.map(|value| uint(name, &value)).transpose()
    }

    pub(super) fn optional_principal(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Principal>, AnswerError> {
        optional(name, self.take(name)?)?.map(|value| principal(name, value)).transpose()
    }

    /// A number that names one of a few things.
    pub(super) fn named<T>(
        &mut self,
        name: &'static str,
        of: impl Fn(u64) -> Option<T>,
    ) -> Result<T, AnswerError> {
        let expected = "one of the contract's numbers for it";
        of(self.uint(name)?).ok_or(AnswerError::Unexpected { what: name, expected })
    }

    pub(super) fn finish(self) -> Result<(), AnswerError> {
        match self.0.into_keys().next() {
            Some(name) => Err(AnswerError::Unknown(name)),
            None => Ok(()),
        }
    }
}

/// Ids, counts and heights: none of them outgrows 64 bits while anyone watches.
pub(super) fn uint(what: &'static str, value: &Value) -> Result<u64, AnswerError> {
    let wrong = AnswerError::Unexpected { what, expected: "a uint below 2^64" };
    match value.kind() {
        Kind::Uint(number) => u64::try_from(*number).map_err(|_| wrong),
        _ => Err(wrong),
    }
}

pub(super) fn bool(what: &'static str, value: &Value) -> Result<bool, AnswerError> {
    match value.kind() {
        Kind::Bool(truth) => Ok(*truth),
        _ => Err(AnswerError::Unexpected { what, expected: "a bool" }),
    }
}

fn principal(what: &'static str, value: Value) -> Result<Principal, AnswerError> {
    match value.into_kind() {
        Kind::Principal(principal) => Ok(principal),
        _ => Err(AnswerError::Unexpected { what, expected: "a principal" }),
    }
}

pub(super) fn optional(what: &'static str, value: Value) -> Result<Option<Value>, AnswerError> {
    match value.into_kind() {
        Kind::None => Ok(None),
        Kind::Some(inner) => Ok(Some(*inner)),
        _ => Err(AnswerError::Unexpected { what, expected: "an optional" }),
    }
}
