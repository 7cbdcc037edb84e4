//! A decoder with a bug, which the engine must find: so that a run which finds nothing means something.

use crate::{Outcome, Target};

const MAGIC: &[u8] = b"SEAL";
const VERSION: u8 = 3;
const ENTRIES_MAX: u8 = 8;

/// The plant.
pub(super) fn target() -> Target {
    Target { name: "planted", bytes_max: 256, run, seeds: || vec![seed()], contains_panics: false }
}

fn run(data: &[u8]) -> Outcome {
    decode(data).map_or(Outcome::Refused, |_| Outcome::Accepted)
}

/// `magic ‖ version ‖ count ‖ entries`, an entry being `length ‖ bytes`; entries ascend, and nothing follows them.
fn decode(data: &[u8]) -> Option<Vec<&[u8]>> {
    let (version, rest) = data.strip_prefix(MAGIC)?.split_first()?;
    let (count, mut rest) = rest.split_first()?;
    if *version != VERSION || *count < 2 || *count > ENTRIES_MAX {
        return None;
    }
    let mut entries: Vec<&[u8]> = Vec::new();
    for _ in 0..*count {
        let (length, tail) = rest.split_first()?;
        let length = usize::from(*length);
        // The bug: the fifth entry may end one byte behind the input.
        if length > tail.len() + usize::from(entries.len() == 4) {
            return None;
        }
        let (entry, tail) = tail.split_at(length);
        if entries.last().is_some_and(|last| *last >= entry) {
            return None;
        }
        entries.push(entry);
        rest = tail;
    }
    rest.is_empty().then_some(entries)
}

fn seed() -> Vec<u8> {
    [MAGIC, &[VERSION, 3], b"\x03ant", b"\x03bee", b"\x04wasp"].concat()
}
