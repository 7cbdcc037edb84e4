//! How old a state may be by which somebody seals or grants: judged by this computer's clock, either way.

use std::sync::Arc;

use sealdesk_protocol::json;

use crate::verify::VerifyError;

/// Most seconds between the header that proves a state and the clock of whoever seals by it, either way.
pub const AGE_SECONDS_MAX: i64 = 300;
/// How long after the header that it was composed by a transaction may come into a block, in seconds: time to read a wallet's prompt.
pub const TIMEOUT_SECONDS: i64 = 600;

/// The same of what is composed to be signed elsewhere and neither seals nor grants, in seconds: time to carry it there and back.
const TIMEOUT_ELSEWHERE_SECONDS: i64 = 86_400;

/// Where the time comes from, in Unix seconds.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock of the caller's.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// This computer's.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn system() -> Self {
        use std::time::{SystemTime, UNIX_EPOCH};
        // A clock before 1970 is as wrong as one of 1970: every state is too far off.
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self::new(move || i64::try_from(now()).unwrap_or(i64::MAX))
    }

    /// The browser's.
    #[cfg(target_arch = "wasm32")]
    pub fn system() -> Self {
        // Milliseconds since 1970 fit an f64 for longer than there are years of four digits.
        #[allow(clippy::cast_possible_truncation, reason = "whole seconds of a date")]
        Self::new(|| (js_sys::Date::now() / 1_000.0) as i64)
    }

    /// The time now, in Unix seconds.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// How far a header may be from the clock.
#[derive(Debug, Clone)]
pub struct Age {
    /// Whose time counts.
    pub clock: Clock,
    /// Seconds that are allowed beside [`AGE_SECONDS_MAX`]; never negative.
    pub tolerance: u32,
}

impl Age {
    /// Refuses a header too far from the clock, either way.
    ///
    /// # Errors
    /// [`VerifyError::Age`], which says how far.
    pub fn check(&self, header_time: i64) -> Result<(), VerifyError> {
        let max = AGE_SECONDS_MAX.saturating_add(i64::from(self.tolerance));
        let off = self.off(header_time);
        if off.saturating_abs() <= max {
            return Ok(());
        }
        let (header, now) = (json::time(header_time), json::time(self.clock.now()));
        Err(VerifyError::Age { header, now, off, max })
    }

    /// By how many seconds a header is older than the clock; negative where it is ahead.
    pub fn off(&self, header_time: i64) -> i64 {
        self.clock.now().saturating_sub(header_time)
    }

    /// The last second of a block that may hold a transaction composed by this header.
    pub fn timeout(&self, header_time: i64) -> i64 {
        header_time.saturating_add(TIMEOUT_SECONDS).saturating_add(self.tolerance.into())
    }

    /// The same of a transaction that seals nothing and is signed elsewhere.
    pub fn timeout_elsewhere(&self, header_time: i64) -> i64 {
        header_time.saturating_add(TIMEOUT_ELSEWHERE_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_either_way_are_allowed_and_a_second_more_is_not() {
        let age = |tolerance| Age { clock: Clock::new(|| 10_000), tolerance };
        for off in [-300, -1, 0, 1, 300] {
            assert!(age(0).check(10_000 + off).is_ok(), "{off}");
        }
        for off in [-301, 301, i64::MAX - 10_000] {
            assert!(matches!(age(0).check(10_000 + off), Err(VerifyError::Age { .. })), "{off}");
        }
        assert!(age(60).check(10_360).is_ok() && age(60).check(10_361).is_err());
        assert_eq!(age(60).timeout(10_000), 10_660);
    }
}
