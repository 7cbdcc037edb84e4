//! What became of a ticket's status and priority.

use super::super::GenesisError;
use super::super::records;
use crate::limits::STEPS_PER_TICKET_MAX;
use crate::ticket::{Priority, Status, Step};

pub(super) fn steps(record: &records::Ticket, path: &str) -> Result<Vec<Step>, GenesisError> {
    let path = format!("{path}.steps");
    let at = |reason: &str| GenesisError::at(&path, reason);
    let (found, full) = (record.steps.len(), STEPS_PER_TICKET_MAX);
    if found > full || record.steps_dropped > 0 && found != full {
        return Err(at("are more than a ticket may have, or fewer than it has where some are dropped"));
    }
    let times = record.steps.iter().map(|step| step.at);
    if ![record.created_at].into_iter().chain(times).chain([record.updated_at]).is_sorted() {
        return Err(at("do not follow each other"));
    }
    let stands = |step: &records::Step| (step.status.clone(), step.priority.clone());
    if record.steps.windows(2).any(|pair| stands(&pair[0]) == stands(&pair[1])) {
        return Err(at("hold one that changes nothing"));
    }
    let fits = |last: &records::Step| (&last.status, &last.priority) == (&record.status, &record.priority);
    if !record.steps.last().is_none_or(fits) {
        return Err(at("do not lead to the status and the priority"));
    }
    let read = |step: &records::Step| {
        Some(Step {
            at: step.at,
            status: Status::parse(&step.status)?,
            priority: Priority::parse(&step.priority)?,
        })
    };
    record
        .steps
        .iter()
        .map(read)
        .collect::<Option<_>>()
        .ok_or_else(|| at("hold an unknown status or priority"))
}
