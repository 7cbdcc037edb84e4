//! A node that says "not now", and when to come back: `google.rpc.RetryInfo` in the details of an error, or `retry-after` in metadata.

use std::time::Duration;

use prost::{Message as _, Name};
use sealdesk_protocol::wire::google::rpc;
use tonic::Status;
use tonic::metadata::MetadataMap;

/// Metadata of an answer: seconds after which to come back.
const RETRY_AFTER: &str = "retry-after";
/// The first pause, where a node asks for a shorter one or for none; it doubles with each answer that says "not now".
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// How often it doubles.
const DOUBLINGS_MAX: u32 = 2;

/// The detail of a type, if an error has one that can be read.
pub(super) fn detail<M: Name + Default>(status: &Status) -> Option<M> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    let url = M::type_url();
    let found = details.into_iter().find(|detail| {
        detail.type_url.rsplit_once('/').is_some_and(|(_, name)| url.strip_prefix('/') == Some(name))
    });
    M::decode(found?.value.as_slice()).ok()
}

/// When an error says to come back.
pub(super) fn retry_after(status: &Status) -> Option<Duration> {
    let delay = || detail::<rpc::RetryInfo>(status)?.retry_delay;
    let seconds = |delay: prost_types::Duration| u64::try_from(delay.seconds).unwrap_or(0);
    delay().map(|delay| Duration::from_secs(seconds(delay))).or_else(|| retry_after_of(status.metadata()))
}

/// When an answer's metadata says to come back.
pub(super) fn retry_after_of(metadata: &MetadataMap) -> Option<Duration> {
    let seconds = metadata.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The pauses of one thing that is asked for until it is answered: together no longer than the patience.
#[derive(Debug, Clone)]
pub(crate) struct Pauses {
    left: Duration,
    taken: u32,
}

impl Pauses {
    pub(crate) fn within(patience: Duration) -> Self {
        Self { left: patience, taken: 0 }
    }

    /// How long to wait now: what the node asks for, or longer where it has said "not now" before, and up to a quarter more, so that all
    /// who were sent away at once do not come back at once. `None` where that is longer than what is left of the patience: giving up now
    /// is better than asking before a time at which the node has said that it will not answer.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let own = PAUSE_MIN * (1 << self.taken.min(DOUBLINGS_MAX));
        let pause = asked.unwrap_or(own).max(own);
        if pause > self.left {
            return None;
        }
        let pause = (pause + jitter(pause / 4)).min(self.left);
        self.left -= pause;
        self.taken += 1;
        Some(pause)
    }
}

/// A random part of a time; nothing of it where there is no randomness.
fn jitter(most: Duration) -> Duration {
    let mut random = [0; 2];
    match getrandom::fill(&mut random) {
        Ok(()) => most * u32::from(u16::from_le_bytes(random)) / u32::from(u16::MAX),
        Err(_) => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tonic::Code;

    use super::*;

    proptest! {
        #[test]
        fn pauses_honour_what_is_asked_and_end_with_the_patience(
            patience in 0u64..4_000,
            asked in proptest::collection::vec(proptest::option::of(any::<u64>().prop_map(|n| n % 9_000)), 0..200),
        ) {
            let patience = Duration::from_secs(patience);
            let (mut pauses, mut all) = (Pauses::within(patience), Duration::ZERO);
            for asked in asked {
                let asked = asked.map(Duration::from_secs);
                let Some(pause) = pauses.next(asked) else {
                    prop_assert!(all + asked.unwrap_or_default().max(PAUSE_MIN * (1 << DOUBLINGS_MAX)) > patience);
                    continue;
                };
                prop_assert!(pause >= asked.unwrap_or_default() && pause >= PAUSE_MIN);
                all += pause;
                prop_assert!(all <= patience);
            }
        }

        #[test]
        fn no_words_of_a_node_break_the_reader(details: Vec<u8>, after in "[ -~]{0,20}") {
            let mut status = Status::with_details(Code::ResourceExhausted, "busy", details.into());
            status.metadata_mut().insert(RETRY_AFTER, after.parse().unwrap());
            let _ = retry_after(&status);
        }
    }

    #[test]
    fn a_pause_is_not_the_same_for_everyone() {
        let pause = || Pauses::within(Duration::from_secs(60)).next(Some(Duration::from_secs(8))).unwrap();
        let pauses: std::collections::BTreeSet<Duration> = (0..32).map(|_| pause()).collect();
        assert!(pauses.len() > 16, "{pauses:?}");
        assert!(pauses.iter().all(|pause| (8_000..=10_000).contains(&pause.as_millis())), "{pauses:?}");
    }
}
