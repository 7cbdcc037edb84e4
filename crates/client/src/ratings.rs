//! What customers said of resolutions, counted and proven.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::SCORES;
use sealdesk_protocol::state::tree;
use serde::Serialize;

use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

/// How often each score was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ratings {
    /// Of 1, 2, 3, 4 and 5.
    pub counts: Vec<u64>,
}

impl Ratings {
    /// How many ratings there are.
    pub fn number(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Their mean in hundredths of a score; `None` without any.
    pub fn mean_in_hundredths(&self) -> Option<u64> {
        let scores = SCORES.map(u64::from).zip(&self.counts);
        let sum = scores.fold(0u64, |sum, (score, count)| sum.saturating_add(score.saturating_mul(*count)));
        sum.saturating_mul(100).checked_div(self.number())
    }
}

impl<T: Transport> Desk<T> {
    /// How often each score was given, as the ledger proves it: of the tickets that an agent had, or of all.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn ratings(&self, agent: Option<&Address>) -> Result<Ratings> {
        let key = agent.map_or_else(|| tree::RATINGS.to_vec(), tree::ratings_of);
        let mut counts = self.records(vec![key]).await?.rating_counts(agent)?;
        counts.resize(SCORES.count(), 0);
        Ok(Ratings { counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_no_ratings_is_none() {
        assert_eq!(Ratings { counts: vec![0; 5] }.mean_in_hundredths(), None);
        let ratings = Ratings { counts: vec![1, 0, 0, 1, 1] };
        assert_eq!((ratings.number(), ratings.mean_in_hundredths()), (3, Some(333)));
    }
}
