//! Names inside contracts, and of contracts.

use std::fmt;

use thiserror::Error;

use crate::limits::{CONTRACT_NAME_BYTES_MAX, NAME_BYTES_MAX};
use crate::reader::{DecodeError, Reader};

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// No Clarity name.
    #[error(
        "'{0}' is not a Clarity name: use a letter and then up to 127 letters, digits and '-', '_', '!', '?', '+', '<', '>', '=', '/', '*'"
    )]
    Name(String),
    /// No contract name.
    #[error("'{0}' is not a contract name: use a letter and then up to 39 letters, digits, '-' and '_'")]
    Contract(String),
}

/// Cuts what a stranger sent, so that it can be shown in an error.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

/// A Clarity name: of a function, of a field of a tuple, of an asset. 1 to 128 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Checks and keeps a name. The operators (`+`, `<=` …) are names too.
    ///
    /// # Errors
    /// [`NameError::Name`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut bytes = text.bytes();
        let word = bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_!?+<>=/*".contains(&byte));
        let operator = ["-", "+", "=", "/", "*", "<", ">", "<=", ">="].contains(&text);
        if (word || operator) && text.len() <= NAME_BYTES_MAX {
            Ok(Self(text.into()))
        } else {
            Err(NameError::Name(shown(text)))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let text = str::from_utf8(reader.short()?).map_err(|_| DecodeError::Name("name"))?;
        Self::parse(text).map_err(|_| DecodeError::Name("name"))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_short(out, &self.0);
    }
}

/// The name of a contract under its deployer's address: 1 to 40 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractName(Box<str>);

impl ContractName {
    /// Checks and keeps a name. `__transient`, which a node uses inside itself, names no contract anyone can call.
    ///
    /// # Errors
    /// [`NameError::Contract`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut bytes = text.bytes();
        let word = bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if word && text.len() <= CONTRACT_NAME_BYTES_MAX {
            Ok(Self(text.into()))
        } else {
            Err(NameError::Contract(shown(text)))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let text = str::from_utf8(reader.short()?).map_err(|_| DecodeError::Name("contract name"))?;
        Self::parse(text).map_err(|_| DecodeError::Name("contract name"))
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_short(out, &self.0);
    }
}

/// A name under its length of one byte: names are at most 128 bytes long.
fn put_short(out: &mut Vec<u8>, text: &str) {
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(text.as_bytes());
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ContractName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ContractName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
