//! What customers said of a ticket's resolutions, and the responses that are their comments.

use super::super::GenesisError;
use super::super::records;
use super::Place;
use crate::limits::{RATINGS_PER_TICKET_MAX, SCORES};
use crate::ticket::Rating;

pub(super) fn ratings(
    record: &records::Ticket,
    path: &str,
    place: Place<'_>,
) -> Result<Vec<Rating>, GenesisError> {
    let path = format!("{path}.ratings");
    let at = |reason: &str| GenesisError::at(&path, reason);
    if record.ratings.len() > RATINGS_PER_TICKET_MAX {
        return Err(at("are more than a ticket may have"));
    }
    let times = record.ratings.iter().flat_map(|rating| [rating.resolved_at, rating.rated_at]);
    if !times.chain([record.updated_at]).is_sorted() {
        return Err(at("do not follow each other"));
    }
    let mut comments = Vec::new();
    let read = |rating: &records::Rating| {
        if !SCORES.contains(&rating.score) {
            return Err(at("have a score that is not 1 to 5"));
        }
        if let Some(index) = rating.comment {
            let comment = usize::try_from(index).ok().and_then(|index| record.responses.get(index));
            let fits = comment.is_some_and(|comment| {
                comment.rating
                    && comment.responder_address == rating.customer
                    && comment.created_at == rating.rated_at
            });
            if !fits {
                return Err(at("name a comment that is none"));
            }
            comments.push(index);
        }
        Ok(Rating {
            score: rating.score,
            rated_at: rating.rated_at,
            resolved_at: rating.resolved_at,
            agent: place.optional_address(&path, &rating.agent)?,
            customer: place.address(&path, &rating.customer)?,
            comment: rating.comment,
        })
    };
    let checked = record.ratings.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let written = record.responses.iter().filter(|response| response.rating).count();
    if !comments.is_sorted_by(|one, next| one < next) || comments.len() != written {
        return Err(at("and the responses that are comments do not fit each other"));
    }
    Ok(checked)
}
