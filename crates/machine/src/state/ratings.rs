//! How often each score was given: by all customers together, and of each agent's tickets.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::SCORES;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Rating;
use sealdesk_protocol::wire::virtengine::support::v1::RatingCounts;

use super::StateView;
use crate::errors::Fatal;

impl StateView<'_> {
    /// How often each score was given, from the lowest on: of an agent's tickets, or of all.
    pub(crate) fn rating_counts(&self, agent: Option<&Address>) -> Result<RatingCounts, Fatal> {
        let key = agent.map_or_else(|| tree::RATINGS.to_vec(), tree::ratings_of);
        let none = || RatingCounts { counts: vec![0; SCORES.count()] };
        Ok(self.record(&key)?.unwrap_or_else(none))
    }

    /// Counts what a customer said.
    pub(super) fn count_rating(&mut self, rating: &Rating) -> Result<(), Fatal> {
        self.count_score(tree::RATINGS.to_vec(), None, rating.score)?;
        let Some(agent) = &rating.agent else { return Ok(()) };
        self.count_score(tree::ratings_of(agent), Some(agent), rating.score)
    }

    fn count_score(&mut self, key: Vec<u8>, agent: Option<&Address>, score: u32) -> Result<(), Fatal> {
        let mut record = self.rating_counts(agent)?;
        let place = score.checked_sub(*SCORES.start()).and_then(|place| usize::try_from(place).ok());
        let count = place.and_then(|place| record.counts.get_mut(place));
        let count = count.ok_or_else(|| Fatal::damaged(&key, "it has no place for a score"))?;
        *count = count.saturating_add(1);
        self.put_record(key, &record);
        Ok(())
    }
}
