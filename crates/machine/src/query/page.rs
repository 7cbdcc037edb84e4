//! Pages: a walk over an ordered range from a cursor on, cut by number and by size.

use sealdesk_store::KeyRange;

use super::{PAGE_BYTES_MAX, PAGE_RECORDS_DEFAULT, PAGE_RECORDS_MAX};
use crate::errors::{Fatal, QueryError};
use crate::state::StateView;

/// Which page a request asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageSpec<'r> {
    cursor: &'r [u8],
    limit: usize,
    reverse: bool,
}

/// A list to page through: the keys below `below`, of one of the two key spaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'l> {
    pub(super) space: Space,
    pub(super) below: &'l [u8],
    /// How long the rest of a key is, where it is always the same: that of a cursor then.
    pub(super) cursor_bytes: Option<usize>,
}

/// Records, and where the next page begins; empty at the end of the list.
pub(super) struct Page<T> {
    pub(super) records: Vec<T>,
    pub(super) next_cursor: Vec<u8>,
}

impl<'r> PageSpec<'r> {
    /// Reads a request's page: at most [`PAGE_RECORDS_MAX`] records, [`PAGE_RECORDS_DEFAULT`] where it names no number.
    pub(super) fn new(cursor: &'r [u8], limit: u32, reverse: bool) -> Result<Self, QueryError> {
        if limit > PAGE_RECORDS_MAX {
            return Err(QueryError::Invalid(format!("a page has at most {PAGE_RECORDS_MAX} records")));
        }
        let limit = if limit == 0 { PAGE_RECORDS_DEFAULT } else { limit };
        Ok(Self { cursor, limit: usize::try_from(limit).unwrap_or(usize::MAX), reverse })
    }
}

/// Walks a list from the cursor on, and has `read` make a record of what follows `below` in each key, and of its value. A cursor is
/// what follows `below` in the last key of the page before.
pub(super) fn page<M: prost::Message>(
    view: &StateView<'_>,
    list: List<'_>,
    spec: PageSpec<'_>,
    read: impl Fn(&[u8], Vec<u8>) -> Result<M, QueryError>,
) -> Result<Page<M>, QueryError> {
    let range = range(list, spec)?;
    let mut page = Page { records: Vec::new(), next_cursor: Vec::new() };
    let (mut last, mut bytes): (Vec<u8>, usize) = (Vec::new(), 0);
    for entry in walk(view, list.space, &range, spec.reverse)? {
        let (key, value) = entry?;
        let rest = key.strip_prefix(list.below).ok_or_else(|| Fatal::damaged(&key, "outside its list"))?;
        if page.records.len() >= spec.limit {
            page.next_cursor = last;
            break;
        }
        let record = read(rest, value)?;
        bytes = bytes.saturating_add(record.encoded_len());
        if bytes > PAGE_BYTES_MAX && !page.records.is_empty() {
            page.next_cursor = last;
            break;
        }
        page.records.push(record);
        last = rest.to_vec();
    }
    Ok(page)
}

/// Which of the two key spaces a list stands in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Space {
    Tree,
    Side,
}

impl<'r> PageSpec<'r> {
    /// How many records the page has at most.
    pub(super) fn limit(self) -> usize {
        self.limit
    }

    /// Where it begins; empty for the first.
    pub(super) fn cursor(self) -> &'r [u8] {
        self.cursor
    }

    /// Whether it goes backward.
    pub(super) fn is_reverse(self) -> bool {
        self.reverse
    }
}

/// Keys of a side list from the cursor on, without what the list's keys begin with.
pub(super) fn rests<'s>(
    view: &'s StateView<'_>,
    list: List<'s>,
    spec: PageSpec<'_>,
) -> Result<impl Iterator<Item = Result<Vec<u8>, QueryError>> + 's, QueryError> {
    let range = range(list, spec)?;
    let rest = move |entry: sealdesk_store::Result<sealdesk_store::Entry>| {
        let (key, _) = entry?;
        let rest = key.strip_prefix(list.below).ok_or_else(|| Fatal::damaged(&key, "outside its list"))?;
        Ok(rest.to_vec())
    };
    Ok(walk(view, list.space, &range, spec.reverse)?.map(rest))
}

fn range(list: List<'_>, spec: PageSpec<'_>) -> Result<KeyRange, QueryError> {
    let range = KeyRange::prefix(list.below);
    if spec.cursor.is_empty() {
        return Ok(range);
    }
    let most = sealdesk_store::KEY_BYTES_MAX.saturating_sub(list.below.len());
    let length = spec.cursor.len();
    if list.cursor_bytes.map_or(length > most, |expected| length != expected) {
        return Err(QueryError::Invalid("the cursor is not one of this list".to_owned()));
    }
    let key = [list.below, spec.cursor].concat();
    Ok(if spec.reverse { range.before(&key) } else { range.after(&key) })
}

type Entries<'s> = Box<dyn Iterator<Item = sealdesk_store::Result<sealdesk_store::Entry>> + 's>;

fn walk<'s>(
    view: &'s StateView<'_>,
    space: Space,
    range: &KeyRange,
    reverse: bool,
) -> Result<Entries<'s>, QueryError> {
    let state = &*view.state;
    Ok(match (space, reverse) {
        (Space::Tree, false) => Box::new(state.scan(range)?),
        (Space::Tree, true) => Box::new(state.scan(range)?.rev()),
        (Space::Side, false) => Box::new(state.scan_side(range)?),
        (Space::Side, true) => Box::new(state.scan_side(range)?.rev()),
    })
}
