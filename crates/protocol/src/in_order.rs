//! Sets and maps made entry by entry. `collect` first sorts what it is given, with a sort of its own for every type of entry: those sorts
//! alone were a thirtieth of the module that a browser loads.

use std::collections::{BTreeMap, BTreeSet};

/// Iterators whose items are put in order.
pub trait InOrder: Iterator + Sized {
    /// Every item once.
    fn into_set(self) -> BTreeSet<Self::Item>
    where
        Self::Item: Ord,
    {
        let mut set = BTreeSet::new();
        set.extend(self);
        set
    }

    /// Every key once, with the last value that it is given.
    fn into_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        Self: Iterator<Item = (K, V)>,
    {
        let mut map = BTreeMap::new();
        map.extend(self);
        map
    }
}

impl<I: Iterator> InOrder for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_entry_by_entry_is_what_is_collected() {
        let items = [3, 1, 2, 3, 1];
        assert_eq!(items.into_iter().into_set(), items.into_iter().collect());
        let pairs = items.into_iter().zip(0..);
        assert_eq!(pairs.clone().into_map(), pairs.collect());
    }
}
