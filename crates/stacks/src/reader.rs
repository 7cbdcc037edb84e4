//! Bytes that are read from the front, and why they can be refused.

use thiserror::Error;

/// Why bytes are not what they should be. Everything that decodes in this crate answers with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The bytes end inside a value.
    #[error("the bytes end early: {wanted} more were announced, {left} are left")]
    Truncated {
        /// How many bytes the next part has.
        wanted: usize,
        /// How many are left.
        left: usize,
    },
    /// Bytes follow the end.
    #[error("{0} bytes follow the end of the value")]
    Trailing(usize),
    /// Longer than a value or a transaction may be.
    #[error("{what} of {bytes} bytes is too long: at most {max}")]
    TooLong {
        /// Of what.
        what: &'static str,
        /// Its length in bytes.
        bytes: usize,
        /// The bound in bytes.
        max: usize,
    },
    /// Values nest deeper than Clarity allows.
    #[error("the value nests deeper than {max}")]
    TooDeep {
        /// The bound.
        max: u8,
    },
    /// A byte that says what follows says nothing known.
    #[error("0x{byte:02x} names no {what}")]
    Tag {
        /// What should have been named.
        what: &'static str,
        /// The byte.
        byte: u8,
    },
    /// A name with a character or a length that names do not have.
    #[error("the bytes of a {0} make no such name")]
    Name(&'static str),
    /// A character that `string-ascii` does not have.
    #[error("0x{0:02x} is not a character of string-ascii")]
    Ascii(u8),
    /// A `string-utf8` that is no UTF-8.
    #[error("a string-utf8 is not UTF-8")]
    Utf8,
    /// The fields of a tuple are not in the one order, or one stands twice.
    #[error("the fields of a tuple are not in ascending order of their names")]
    TupleOrder,
    /// A tuple without fields.
    #[error("a tuple has no fields")]
    TupleEmpty,
    /// Entries of a list whose types do not fit together.
    #[error("the entries of a list are of different types")]
    ListTypes,
    /// An address version of no known network.
    #[error("{0} is not the version of an address: those are 22, 20, 26 and 21")]
    AddressVersion(u8),
    /// Bytes should have been written as hexadecimal digits.
    #[error("the text is not an even number of hexadecimal digits after 0x")]
    NotHex,
    /// A well-formed thing that this program neither makes nor judges.
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// A signature whose `s` is in the upper half of the group's order: it would give the transaction a second id.
    #[error("the signature is not of low s")]
    HighS,
    /// 65 bytes that are no signature at all.
    #[error("the bytes are not a recoverable signature")]
    Signature,
}

/// The rest of some bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Borrows the next `wanted` bytes; a length is compared with what is there before anything is allocated for it.
    pub(crate) fn take(&mut self, wanted: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) =
            self.0.split_at_checked(wanted).ok_or(DecodeError::Truncated { wanted, left: self.left() })?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A length or a number of entries. Each entry takes at least a byte, so that more than are left cannot be true.
    pub(crate) fn length(&mut self) -> Result<usize, DecodeError> {
        let wanted = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        if wanted > self.left() {
            return Err(DecodeError::Truncated { wanted, left: self.left() });
        }
        Ok(wanted)
    }

    /// Bytes under a length of one byte.
    pub(crate) fn short(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = usize::from(self.byte()?);
        self.take(length)
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::Trailing(self.left())) }
    }
}

/// Appends a length as the wire has it. Nothing this crate encodes is as long as 2³² bytes.
pub(crate) fn put_length(out: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
}
