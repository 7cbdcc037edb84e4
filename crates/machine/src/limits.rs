//! How often somebody may write documents, and until when a ticket can be reopened: arithmetic on records and parameters. What a customer
//! and a ticket may have of it stands in [`sealdesk_protocol::customer`], where programs foretell it.

use sealdesk_protocol::codes::{Moment, SupportError};
use sealdesk_protocol::limits::{DAY_SECONDS, DOCUMENT_WRITES_PER_HOUR_MAX, HOUR_SECONDS};
use sealdesk_protocol::params::Params;

/// When somebody wrote documents of a kind, of the last hour, if they may write one now: with this time.
pub(crate) fn after_document(times: &[i64], now: i64) -> Result<Vec<i64>, SupportError> {
    let since = now.saturating_sub(HOUR_SECONDS);
    let mut recent: Vec<i64> = times.iter().copied().filter(|time| *time > since).collect();
    if let Some(excess) = recent.len().checked_sub(DOCUMENT_WRITES_PER_HOUR_MAX) {
        let next = recent.get(excess).map_or(now, |time| time.saturating_add(HOUR_SECONDS));
        let value = u32::try_from(DOCUMENT_WRITES_PER_HOUR_MAX).unwrap_or(u32::MAX);
        let next = format!("the next is allowed at {}", Moment(next));
        return Err(SupportError::RateLimit { limit: "documents written in an hour", value, next });
    }
    recent.push(now);
    Ok(recent)
}

/// The last second at which a ticket closed then may be reopened.
pub(crate) fn reopen_until(closed_at: i64, params: &Params) -> i64 {
    closed_at.saturating_add(i64::from(params.reopen_window_days).saturating_mul(DAY_SECONDS))
}
