//! How a time stands in texts: RFC 3339 in UTC, with whole seconds.

use tendermint::Time;

use crate::limits::TIME_RANGE;

/// Writes a time of [`TIME_RANGE`].
pub(crate) fn time_text(seconds: i64) -> Option<String> {
    if !TIME_RANGE.contains(&seconds) {
        return None;
    }
    Time::from_unix_timestamp(seconds, 0).ok().map(|time| time.to_rfc3339())
}

/// Reads the one spelling that [`time_text`] writes.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let seconds = Time::parse_from_rfc3339(text).ok()?.unix_timestamp();
    (time_text(seconds).as_deref() == Some(text)).then_some(seconds)
}

/// Writes a time of a record; `None` for one that has not come yet (0 on the wire).
pub(crate) fn record_time(seconds: i64) -> Option<String> {
    if seconds == 0 {
        return None;
    }
    Time::from_unix_timestamp(seconds, 0).ok().map(|time| time.to_rfc3339())
}
