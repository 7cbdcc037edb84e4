//! Which keys a scan visits.

use std::ops::Bound;

/// A range of keys in byte order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
}

impl KeyRange {
    /// Every key.
    pub fn all() -> Self {
        Self { start: Bound::Unbounded, end: Bound::Unbounded }
    }

    /// The keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Self {
        let end = successor(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Self { start: Bound::Included(prefix.to_vec()), end }
    }

    /// The keys between two bounds.
    pub fn between(start: Bound<&[u8]>, end: Bound<&[u8]>) -> Self {
        Self { start: start.map(<[u8]>::to_vec), end: end.map(<[u8]>::to_vec) }
    }

    /// The part of this range strictly after `key`: how a forward page goes on behind its cursor.
    pub fn after(mut self, key: &[u8]) -> Self {
        let reaches = match &self.start {
            Bound::Included(start) | Bound::Excluded(start) => start.as_slice() <= key,
            Bound::Unbounded => true,
        };
        if reaches {
            self.start = Bound::Excluded(key.to_vec());
        }
        self
    }

    /// The part of this range strictly before `key`: how a backward page goes on behind its cursor.
    pub fn before(mut self, key: &[u8]) -> Self {
        let reaches = match &self.end {
            Bound::Included(end) | Bound::Excluded(end) => key <= end.as_slice(),
            Bound::Unbounded => true,
        };
        if reaches {
            self.end = Bound::Excluded(key.to_vec());
        }
        self
    }

    /// Both bounds, borrowed.
    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.start.as_ref().map(Vec::as_slice), self.end.as_ref().map(Vec::as_slice))
    }

    /// Whether no key can lie in the range; ordered maps panic on inverted bounds instead of yielding nothing.
    pub(crate) fn is_void(&self) -> bool {
        match (&self.start, &self.end) {
            (Bound::Included(start), Bound::Included(end)) => start > end,
            (Bound::Included(start) | Bound::Excluded(start), Bound::Excluded(end))
            | (Bound::Excluded(start), Bound::Included(end)) => start >= end,
            _ => false,
        }
    }
}

/// The smallest key above every key with this prefix, unless the prefix is all ones.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    if let Some(byte) = end.last_mut() {
        *byte += 1;
    }
    Some(end)
}
