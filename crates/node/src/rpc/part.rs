//! Part of a long document in JSON. The whole is written and only the part is kept, so that a long document is in memory once, as what it
//! is, and never as text.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;

/// See the module.
pub(super) struct Part {
    wanted: Range<usize>,
    bytes: Vec<u8>,
    total: usize,
}

impl Part {
    /// What stands between these bytes of a value's JSON.
    ///
    /// # Errors
    /// Where the value has no JSON.
    pub(super) fn of<T: Serialize>(value: &T, wanted: Range<usize>) -> Result<Self, serde_json::Error> {
        let mut part = Self { wanted, bytes: Vec::new(), total: 0 };
        serde_json::to_writer(&mut part, value)?;
        Ok(part)
    }

    /// How many bytes the whole has.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Whether the part is the whole.
    pub(super) fn is_whole(&self) -> bool {
        self.bytes.len() == self.total
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part as text, where it does not begin or end inside a letter.
    pub(super) fn into_text(self) -> Option<String> {
        String::from_utf8(self.bytes).ok()
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let from = self.wanted.start.saturating_sub(self.total).min(bytes.len());
        let to = self.wanted.end.saturating_sub(self.total).min(bytes.len());
        self.bytes.extend_from_slice(bytes.get(from..to).unwrap_or_default());
        self.total = self.total.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole() {
        let value = vec!["some words"; 100];
        let whole = serde_json::to_string(&value).unwrap();
        let all = Part::of(&value, 0..usize::MAX).unwrap();
        assert!(all.is_whole() && all.into_text() == Some(whole.clone()));
        let mut parts = Vec::new();
        for begin in (0..whole.len()).step_by(7) {
            let part = Part::of(&value, begin..begin + 7).unwrap();
            assert!(part.total() == whole.len() && !part.is_whole());
            parts.extend_from_slice(part.bytes());
        }
        assert_eq!(parts, whole.into_bytes());
    }
}
