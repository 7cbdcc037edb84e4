//! One layer of pending writes over an ordered walk, from both ends.

use std::cmp::Ordering;
use std::collections::btree_map;

use crate::changes::Writes;
use crate::error::Result;
use crate::range::KeyRange;

/// A key with its value; `None` is a pending deletion, which the last layer's reader drops.
type Pending = Result<(Vec<u8>, Option<Vec<u8>>)>;

/// The layer's writes merged over what lies below, of which they shadow equal keys.
pub(crate) struct Merge<'w, B: Iterator<Item = Pending>> {
    below: Ends<B>,
    above: Ends<Layer<'w>>,
}

/// The writes of a layer that lie in the range of a scan.
struct Layer<'w>(Option<btree_map::Range<'w, Vec<u8>, Option<Vec<u8>>>>);

impl<'w, B: DoubleEndedIterator<Item = Pending>> Merge<'w, B> {
    pub(crate) fn new(below: B, writes: Option<&'w Writes>, range: &KeyRange) -> Self {
        let writes = writes.filter(|_| !range.is_void());
        let layer = Layer(writes.map(|writes| writes.range::<[u8], _>(range.bounds())));
        Self { below: Ends::new(below), above: Ends::new(layer) }
    }
}

impl<B: DoubleEndedIterator<Item = Pending>> Iterator for Merge<'_, B> {
    type Item = Pending;

    fn next(&mut self) -> Option<Pending> {
        match due(self.below.front(), self.above.front(), Ord::cmp)? {
            Due::Below => self.below.front.take(),
            Due::Above => self.above.front.take(),
            Due::Both => {
                self.below.front = None;
                self.above.front.take()
            }
        }
    }
}

impl<B: DoubleEndedIterator<Item = Pending>> DoubleEndedIterator for Merge<'_, B> {
    fn next_back(&mut self) -> Option<Pending> {
        match due(self.below.back(), self.above.back(), |below, above| above.cmp(below))? {
            Due::Below => self.below.back.take(),
            Due::Above => self.above.back.take(),
            Due::Both => {
                self.below.back = None;
                self.above.back.take()
            }
        }
    }
}

/// Which of the two entries comes next.
enum Due {
    Below,
    Above,
    /// They share a key, and the one above shadows the one below.
    Both,
}

/// Chooses by key, in the walk's own order. An error is due at once, and a missing entry never.
fn due(
    below: Option<&Pending>,
    above: Option<&Pending>,
    order: impl FnOnce(&Vec<u8>, &Vec<u8>) -> Ordering,
) -> Option<Due> {
    Some(match (below, above) {
        (None, None) => return None,
        (None, Some(_)) => Due::Above,
        (Some(Ok((below, _))), Some(Ok((above, _)))) => match order(below, above) {
            Ordering::Less => Due::Below,
            Ordering::Greater => Due::Above,
            Ordering::Equal => Due::Both,
        },
        // A layer of pending writes never fails, so this is an error from below or the end of the layer.
        (Some(_), _) => Due::Below,
    })
}

impl Iterator for Layer<'_> {
    type Item = Pending;

    fn next(&mut self) -> Option<Pending> {
        let (key, value) = self.0.as_mut()?.next()?;
        Some(Ok((key.clone(), value.clone())))
    }
}

impl DoubleEndedIterator for Layer<'_> {
    fn next_back(&mut self) -> Option<Pending> {
        let (key, value) = self.0.as_mut()?.next_back()?;
        Some(Ok((key.clone(), value.clone())))
    }
}

/// An iterator that can be looked into at both ends.
struct Ends<I: Iterator> {
    rest: I,
    front: Option<I::Item>,
    back: Option<I::Item>,
}

impl<I: DoubleEndedIterator> Ends<I> {
    fn new(rest: I) -> Self {
        Self { rest, front: None, back: None }
    }

    fn front(&mut self) -> Option<&I::Item> {
        if self.front.is_none() {
            self.front = self.rest.next().or_else(|| self.back.take());
        }
        self.front.as_ref()
    }

    fn back(&mut self) -> Option<&I::Item> {
        if self.back.is_none() {
            self.back = self.rest.next_back().or_else(|| self.front.take());
        }
        self.back.as_ref()
    }
}
