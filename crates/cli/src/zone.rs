//! Times for people: in the zone of whoever sits at the terminal, else in UTC, and never without saying which.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use sealdesk_client::view::Time;

/// How a time is written in a column whose head names the zone.
const IN_COLUMN: &str = "%Y-%m-%d %H:%M:%S";
/// How a time is written that stands alone.
const ALONE: &str = "%Y-%m-%d %H:%M:%S %:z";

/// The zone in which times are shown.
#[derive(Debug, Clone)]
pub(crate) enum Zone {
    /// What the ledger counts in.
    Utc,
    /// That of this computer, which has summer and winter.
    Local(TimeZone),
}

impl Zone {
    /// The zone of this computer; UTC where it has none.
    pub(crate) fn local() -> Self {
        match TimeZone::try_system() {
            Ok(zone) if !is_utc(&zone) => Self::Local(zone),
            _ => Self::Utc,
        }
    }

    /// The head of a column of times, with the zone: `CHANGED (UTC)`.
    pub(crate) fn column(&self, title: &str) -> String {
        match self {
            Self::Utc => format!("{title} (UTC)"),
            Self::Local(zone) => format!("{title} ({})", zone.iana_name().unwrap_or("local time")),
        }
    }

    /// A time in a column that names the zone; empty for a time that never was.
    pub(crate) fn in_column(&self, unix_seconds: i64) -> String {
        self.written(unix_seconds, IN_COLUMN)
    }

    /// As [`Zone::in_column`], as short as a terminal wants it: of today `05:26`, of another day its date and minute.
    pub(crate) fn in_narrow_column(&self, unix_seconds: i64, now: i64) -> String {
        let day = |seconds| self.written(seconds, "%Y-%m-%d");
        let form = if day(unix_seconds) == day(now) { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        self.written(unix_seconds, form)
    }

    /// A time that stands alone, with its zone: `2026-11-21 09:33:43 UTC`, or `+01:00`; empty for a time that never was.
    pub(crate) fn alone(&self, unix_seconds: i64) -> String {
        match self {
            Self::Utc if unix_seconds == 0 => String::new(),
            Self::Utc => format!("{} UTC", self.written(unix_seconds, IN_COLUMN)),
            Self::Local(_) => self.written(unix_seconds, ALONE),
        }
    }

    /// A time that stands alone, in what its ledger counts in.
    pub(crate) fn when(&self, time: Time) -> String {
        match time {
            Time::Unix(seconds) => self.alone(seconds),
            Time::BurnBlock(height) => format!("burn block {height}"),
        }
    }

    /// The second of a time that a person wrote: a span from `now` on, a day or minute in this zone, or RFC 3339. Says what is wrong.
    pub(crate) fn second_of(&self, text: &str, now: i64) -> Result<i64, String> {
        if let Some(span) = span(text) {
            return now.checked_add(span).ok_or_else(|| "it is too far away".to_owned());
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(time.as_second());
        }
        let day = || text.parse::<Date>().map(|day| day.to_datetime(jiff::civil::Time::midnight()));
        let civil = text.parse::<DateTime>().or_else(|_| day());
        let civil = civil.map_err(|_| "it is neither a span nor a day nor a time".to_owned())?;
        let zone = match self {
            Self::Utc => TimeZone::UTC,
            Self::Local(zone) => zone.clone(),
        };
        let time = zone.to_timestamp(civil).map_err(|_| "it is too far away".to_owned())?;
        Ok(time.as_second())
    }

    fn written(&self, unix_seconds: i64, form: &str) -> String {
        let time = Timestamp::from_second(unix_seconds).ok().filter(|_| unix_seconds != 0);
        let zone = match self {
            Self::Utc => TimeZone::UTC,
            Self::Local(zone) => zone.clone(),
        };
        time.map(|time| time.to_zoned_datetime(zone).strftime(form).to_string()).unwrap_or_default()
    }
}

/// Whether a computer's zone is UTC by any of its names.
fn is_utc(zone: &TimeZone) -> bool {
    *zone == TimeZone::UTC
        || matches!(
            zone.iana_name(),
            Some("UTC" | "Etc/UTC" | "Etc/UCT" | "Etc/Universal" | "Zulu" | "Etc/Zulu")
        )
}

/// Seconds of `30m`, `4h`, `3d` or `2w`.
fn span(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse::<i64>().ok().filter(|_| plain)?.checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it_in_their_zone() {
        let berlin = Zone::Local(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap());
        let now = 1_763_717_623;
        let spans = [("30m", 1_800), ("4h", 14_400), ("3d", 259_200), ("2w", 1_209_600), ("0d", 0)];
        for (text, span) in spans {
            assert_eq!(berlin.second_of(text, now), Ok(now + span));
        }
        for (text, zone, second) in [
            ("2025-11-21T09:33:43Z", &berlin, now),
            ("2025-11-21T10:33:43+01:00", &berlin, now),
            ("2025-11-21 10:33:43", &berlin, now),
            ("2025-11-21T09:33:43", &Zone::Utc, now),
            ("2025-11-21", &Zone::Utc, 1_763_683_200),
            ("2025-11-21", &berlin, 1_763_679_600),
            ("2025-07-08 09:00", &berlin, 1_751_958_000),
        ] {
            assert_eq!(zone.second_of(text, now), Ok(second), "{text}");
        }
        for text in ["", "d", "-3d", "tomorrow", "3 d", "2025-13-01", "9223372036854775807w"] {
            assert!(berlin.second_of(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn bug_92_a_time_says_its_zone_in_summer_and_in_winter() {
        let berlin = Zone::Local(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap());
        let (winter, summer) = (1_763_717_623, 1_752_000_000);
        assert_eq!(Zone::Utc.alone(winter), "2025-11-21 09:33:43 UTC");
        assert_eq!(berlin.alone(winter), "2025-11-21 10:33:43 +01:00");
        assert_eq!(berlin.alone(summer), "2025-07-08 20:40:00 +02:00");
        assert_eq!(berlin.in_column(winter), "2025-11-21 10:33:43");
        assert_eq!(Zone::Utc.column("CHANGED"), "CHANGED (UTC)");
        assert_eq!(berlin.column("CHANGED"), "CHANGED (local time)");
        for zone in [Zone::Utc, berlin] {
            assert_eq!((zone.alone(0), zone.in_column(0)), (String::new(), String::new()));
            assert_eq!(zone.alone(i64::MAX).trim_end_matches(" UTC"), "", "a time that no calendar has");
        }
    }
}
