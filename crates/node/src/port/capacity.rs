//! For how many a node has places: so many as by default, or as its operator says, and never more than this process may open files for.

use std::ops::RangeInclusive;

use rustix::process::{Resource, getrlimit};

use super::config::{PortConfig, PortError};
use super::connection::CONNECTIONS;
use crate::api::SUBSCRIBERS;
use crate::http::budget::Bounds;

/// What may be written for any of these numbers.
pub const PLACES: RangeInclusive<u32> = 1..=1_000_000;
/// Open files beside the connections that an operator makes room for: 512 connections of the operator's own programs, and those of the ledger.
const FILES_BESIDE: u64 = 768;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    /// Connections at the same time.
    pub(crate) connections: Bounds,
    /// Connections of proxies, beside these.
    pub(crate) proxies: usize,
    /// Subscribers at the same time.
    pub(crate) subscribers: Bounds,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { connections: CONNECTIONS, proxies: CONNECTIONS.all, subscribers: SUBSCRIBERS }
    }
}

/// What an operator says of one kind: its name and its number for all addresses, and those for each.
struct Said {
    all: (&'static str, Option<u32>),
    per_address: (&'static str, Option<u32>),
}

impl Capacity {
    /// What an operator wants. `kinds` is how many kinds of connections fill that many places: those of strangers, those of proxies, or both.
    ///
    /// # Errors
    /// [`PortError`] where a number makes no sense, or this process may not open so many files.
    pub(super) fn of(config: &PortConfig, kinds: u64) -> Result<Self, PortError> {
        let connections = Said {
            all: ("connections", config.connections),
            per_address: ("connections_per_address", config.connections_per_address),
        };
        let subscribers = Said {
            all: ("subscribers", config.subscribers),
            per_address: ("subscribers_per_address", config.subscribers_per_address),
        };
        let (connections, subscribers) = (connections.or(CONNECTIONS)?, subscribers.or(SUBSCRIBERS)?);
        // As many as by default, or fewer, need no more files than a node without the setting.
        let more = config.connections.filter(|_| connections.all > CONNECTIONS.all);
        if let Some(wanted) = more {
            carried(wanted, kinds, getrlimit(Resource::Nofile).current)?;
        }
        Ok(Self { connections, proxies: connections.all, subscribers })
    }
}

impl Said {
    /// The bounds that follow, with what is so by default where nothing was said. One address never has more than all.
    fn or(self, default: Bounds) -> Result<Bounds, PortError> {
        let all = count(self.all)?.unwrap_or(default.all);
        let per_source = match count(self.per_address)? {
            Some(one) if one > all => return Err(PortError::Share { name: self.per_address.0, one, all }),
            one => one.unwrap_or(default.per_source.min(all)),
        };
        Ok(Bounds { all, per_source, ..default })
    }
}

fn count((name, said): (&'static str, Option<u32>)) -> Result<Option<usize>, PortError> {
    match said {
        Some(said) if !PLACES.contains(&said) => Err(PortError::Count { name, said }),
        said => Ok(said.and_then(|said| usize::try_from(said).ok())),
    }
}

/// Whether a process that may open so many files can have so many connections; `None` is as many as it likes.
fn carried(connections: u32, kinds: u64, limit: Option<u64>) -> Result<(), PortError> {
    let needed = u64::from(connections).saturating_mul(kinds).saturating_add(FILES_BESIDE);
    match limit {
        Some(limit) if limit < needed => Err(PortError::Files { connections, needed, limit }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(numbers: [Option<u32>; 4]) -> PortConfig {
        let [connections, connections_per_address, subscribers, subscribers_per_address] = numbers;
        PortConfig {
            connections,
            connections_per_address,
            subscribers,
            subscribers_per_address,
            ..PortConfig::default()
        }
    }

    #[test]
    fn what_nobody_says_is_as_it_always_was() {
        let found = Capacity::of(&PortConfig::default(), 1).unwrap();
        let subscribers = Bounds { all: 256, per_source: 16, own: 256 };
        let connections = Bounds { all: 512, per_source: 16, own: 512 };
        assert_eq!(found, Capacity { connections, proxies: 512, subscribers });
        assert_eq!(found, Capacity::default());
    }

    #[test]
    fn what_the_operator_says_holds_and_the_operator_s_own_places_stay() {
        let found = Capacity::of(&said([Some(600), Some(40), Some(300), Some(20)]), 1).unwrap();
        let subscribers = Bounds { all: 300, per_source: 20, own: 256 };
        let connections = Bounds { all: 600, per_source: 40, own: 512 };
        assert_eq!(found, Capacity { connections, proxies: 600, subscribers });
        let few = Capacity::of(&said([Some(8), None, Some(4), None]), 1).unwrap();
        assert_eq!((few.connections.per_source, few.subscribers.per_source), (8, 4), "no more than all");
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused_by_name() {
        for (numbers, why) in [
            ([Some(0), None, None, None], "connections is 0: write a number from 1 to 1000000"),
            ([None, None, Some(1_000_001), None], "subscribers is 1000001: write a number from 1 to 1000000"),
            (
                [None, Some(513), None, None],
                "connections_per_address is 513, and all addresses together have 512",
            ),
            (
                [None, None, Some(8), Some(9)],
                "subscribers_per_address is 9, and all addresses together have 8",
            ),
        ] {
            assert_eq!(Capacity::of(&said(numbers), 1).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn more_connections_than_the_process_may_open_files_for_are_refused() {
        assert!(carried(256, 1, Some(1_024)).is_ok() && carried(1_000_000, 2, None).is_ok());
        let why = carried(10_000, 1, Some(1_024)).unwrap_err().to_string();
        assert!(why.contains("10000 connections") && why.contains("10768") && why.contains("1024"), "{why}");
        assert!(carried(10_000, 1, Some(10_768)).is_ok());
        assert!(carried(10_000, 2, Some(10_768)).is_err(), "those of strangers and of proxies");
    }
}
