//! When what did not arrive is tried again.
//!
//! After the n-th failure in a row 5 seconds times 2^(n-1) pass, at most an hour, each a fifth longer or shorter by chance; longer where the
//! endpoint says so by Retry-After, at most a day. After seven days of failures alone, of those in
//! which the node ran, the endpoint is disabled.

use std::time::Duration;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// After the first failure.
    pub(super) first: Duration,
    /// At most, by itself.
    pub(super) most: Duration,
    /// At most, where the endpoint asks for it.
    pub(super) asked_most: Duration,
    /// For how long failures alone are gone on with.
    pub(super) give_up: Duration,
    /// How long a delivery may take, from the lookup to the head of the answer.
    pub(super) wait: Duration,
    /// How often the files of the operator are looked at.
    pub(super) look: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        const HOUR: u64 = 3_600;
        Self {
            first: Duration::from_secs(5),
            most: Duration::from_secs(HOUR),
            asked_most: Duration::from_secs(24 * HOUR),
            give_up: Duration::from_secs(7 * 24 * HOUR),
            wait: Duration::from_secs(15),
            look: Duration::from_secs(2),
        }
    }
}

impl RetryPolicy {
    /// How long to wait after so many failures in a row. `chance` is any number.
    pub(super) fn after(&self, failures: u32, asked: Option<Duration>, chance: u16) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let plain = self.first.saturating_mul(doubled).min(self.most);
        // From four fifths to six fifths.
        let part = 800_u32.saturating_add(u32::from(chance) * 400 / u32::from(u16::MAX));
        let by_chance = plain.saturating_mul(part) / 1_000;
        by_chance.max(asked.unwrap_or_default().min(self.asked_most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_an_endpoint_may_ask_for_a_day() {
        let policy = RetryPolicy::default();
        let seconds = |failures| policy.after(failures, None, 1 << 15).as_secs_f64().round();
        assert_eq!(
            [1, 2, 3, 4, 10, 11, 40, u32::MAX].map(seconds),
            [5.0, 10.0, 20.0, 40.0, 2560.0, 3600.0, 3600.0, 3600.0]
        );
        for failures in 1..60 {
            let (least, most) = (policy.after(failures, None, 0), policy.after(failures, None, u16::MAX));
            assert!(least < most && most <= Duration::from_secs(4_320), "{least:?} to {most:?}");
        }
        let asked = |seconds| policy.after(1, Some(Duration::from_secs(seconds)), 0).as_secs();
        assert_eq!([asked(0), asked(60), asked(1_000_000)], [4, 60, 86_400]);
    }
}
