//! Where the time of blocks comes from. Everything below takes it as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sealdesk_protocol::block::Time;

/// Milliseconds since 1970.
pub type UnixMillis = i64;

/// A source of the present time.
pub trait Clock: Send + Sync {
    /// The present; may step in any direction.
    fn now(&self) -> UnixMillis;

    /// Milliseconds since some beginning; never steps, so that a corrected clock neither hurries nor stops the ledger.
    fn uptime(&self) -> i64;
}

/// The host's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn uptime(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn now(&self) -> UnixMillis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// A clock that a test sets. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    now: Arc<AtomicI64>,
    uptime: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that shows this time.
    pub fn at(millis: UnixMillis) -> Self {
        Self { now: Arc::new(AtomicI64::new(millis)), uptime: Arc::default() }
    }

    /// Shows another time from now on, as a correction does.
    pub fn set(&self, millis: UnixMillis) {
        self.now.store(millis, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
        self.uptime.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        self.now.load(Ordering::SeqCst)
    }

    fn uptime(&self) -> i64 {
        self.uptime.load(Ordering::SeqCst)
    }
}

/// The time of the block after `previous`: the clock's, but at least a millisecond later, so that time never stands still or
/// runs backwards. A clock outside the years that a header can hold counts as standing still.
pub fn next_block_time(previous: Time, now: UnixMillis) -> Option<Time> {
    const SECOND: i64 = 1_000;
    let nanos = u32::try_from(now.rem_euclid(SECOND) * 1_000_000).ok()?;
    let earliest = previous.checked_add(std::time::Duration::from_millis(1))?;
    let clock = Time::from_unix_timestamp(now.div_euclid(SECOND), nanos).unwrap_or(earliest);
    Some(clock.max(earliest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: i64) -> Time {
        Time::from_unix_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn block_time_follows_the_clock_but_never_back() {
        let previous = seconds(1_000);
        let after = |now| next_block_time(previous, now).unwrap();
        let millisecond_later = Time::from_unix_timestamp(1_000, 1_000_000).unwrap();
        assert_eq!(after(2_000_500), Time::from_unix_timestamp(2_000, 500_000_000).unwrap());
        for stepped_back in [1_000_000, 999_999, 0, -1, i64::MIN, 1_000_000 - 3_600_000] {
            assert_eq!(after(stepped_back), millisecond_later, "{stepped_back}");
        }
    }

    #[test]
    fn a_clock_in_the_year_ten_thousand_stands_still() {
        let previous = seconds(1_000);
        assert_eq!(next_block_time(previous, i64::MAX).unwrap().unix_timestamp(), 1_000);
        let end = Time::parse_from_rfc3339("9999-12-31T23:59:59.9995Z").unwrap();
        assert_eq!(next_block_time(end, 0), None);
    }
}
