//! How far an endpoint is, and how it does: what the node keeps of it on disk.

use serde::{Deserialize, Serialize};

use crate::feed::Cursor;

/// Whether an endpoint is being delivered to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing stands in the way.
    #[default]
    Delivering,
    /// What was tried last did not arrive; it is tried again.
    Failing,
    /// Nothing is tried any more, until the operator says so.
    Disabled,
}

/// See the module. Times are in Unix milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Which word of the operator's it follows: a later one begins it anew.
    pub revision: u64,
    /// The last event that arrived, or that was not for this endpoint.
    pub cursor: Cursor,
    /// The event that is tried now.
    pub trying: Option<Cursor>,
    /// How it does.
    pub condition: Condition,
    /// Why it is failing or disabled.
    pub why: String,
    /// How often the event that is tried did not arrive.
    pub failures: u32,
    /// When the first of these was.
    pub failing_since: Option<i64>,
    /// For how many milliseconds since then nothing could be tried, because the node did not run or its computer slept.
    #[serde(default)]
    pub away: i64,
    /// When it is tried again.
    pub next_try: Option<i64>,
    /// How many events have arrived.
    pub delivered: u64,
    /// When the last one did.
    pub last_delivered: Option<i64>,
}

impl State {
    /// One that begins behind a place.
    pub(super) fn at(revision: u64, cursor: Cursor) -> Self {
        Self { revision, cursor, ..Self::default() }
    }

    /// What was tried has arrived.
    pub(super) fn arrived(&mut self, place: Cursor, now: i64) {
        let delivered = self.delivered.saturating_add(1);
        *self = Self { delivered, last_delivered: Some(now), ..Self::at(self.revision, place) };
    }

    /// What was tried has not arrived, and is tried again after so many milliseconds.
    pub(super) fn failed(&mut self, why: String, now: i64, again: i64) {
        self.condition = Condition::Failing;
        self.why = why;
        self.failures = self.failures.saturating_add(1);
        self.failing_since.get_or_insert(now);
        self.next_try = Some(now.saturating_add(again));
    }

    /// It is tried now, so much later than it was to be.
    pub(super) fn tried(&mut self, now: i64) {
        let late = self.next_try.map_or(0, |at| now.saturating_sub(at).max(0));
        self.away = self.away.saturating_add(late);
        // Whoever is stopped while it is being tried counts nothing twice.
        self.next_try = self.next_try.and(Some(now));
    }

    /// For how many milliseconds it has been failing, of those in which it could have been tried.
    pub(super) fn failing_for(&self, now: i64) -> i64 {
        self.failing_since.map_or(0, |since| now.saturating_sub(since).saturating_sub(self.away))
    }

    /// Nothing is tried any more.
    pub(super) fn disable(&mut self, why: String, now: i64) {
        self.condition = Condition::Disabled;
        self.why = why;
        self.failures = self.failures.saturating_add(1);
        self.failing_since.get_or_insert(now);
        self.next_try = None;
    }
}
