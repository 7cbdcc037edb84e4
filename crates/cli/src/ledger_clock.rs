//! A ledger whose newest block is of a time that has not come yet: what waits for time stands still until it has.

use sealdesk_client::trust::{AGE_SECONDS_MAX, Clock};
use sealdesk_protocol::json;

use crate::table::count;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// By how many seconds this computer's clock is behind a ledger, where that is more than clients allow.
pub(crate) fn behind(newest_block: i64) -> Option<i64> {
    let off = newest_block.saturating_sub(Clock::system().now());
    (off > AGE_SECONDS_MAX).then_some(off)
}

/// What a clock behind the ledger means, and the way out.
pub(crate) fn finding(newest_block: i64, off: i64, home_option: &str) -> (String, String) {
    let said = format!(
        "the newest block is of {}, and this computer's clock is {} behind it: until then cooldowns and tickets that close by themselves \
         stand still, and nobody can write",
        json::time(newest_block).unwrap_or_else(|| "a year past 9999".to_owned()),
        in_words(off)
    );
    let hint = format!(
        "set this computer's clock if it is wrong. If it is right, the ledger was made by one that was ahead: stop the desk, \
         `sealdesk{home_option} export -o desk.json`, then `sealdesk import desk.json --genesis-time now --home NEW` and start that one"
    );
    (said, hint)
}

/// A span of time, by its largest whole unit.
pub(crate) fn in_words(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    for (unit, name) in [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")] {
        if let Some(many @ 1..) = seconds.checked_div(unit.unsigned_abs()) {
            return count(many, name);
        }
    }
    count(seconds, "second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_ahead_are_nothing_and_ten_years_are_said_with_the_way_out() {
        let now = Clock::system().now();
        assert!(behind(now).is_none() && behind(now + 290).is_none() && behind(now - DAY).is_none());
        let off = behind(now + 3_650 * DAY + HOUR).unwrap();
        let (said, hint) = finding(now + off, off, "");
        assert!(said.contains("3650 days behind") && said.contains("stand still"), "{said}");
        assert!(hint.contains("`sealdesk export -o desk.json`") && hint.contains("--genesis-time"), "{hint}");
        assert_eq!(
            [in_words(59), in_words(-120), in_words(2 * HOUR)],
            ["59 seconds", "2 minutes", "2 hours"]
        );
    }
}
