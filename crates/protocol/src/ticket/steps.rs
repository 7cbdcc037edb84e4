//! What became of a ticket's status and priority, in its own record: whoever has the record can count its service levels, and no node can
//! leave a change out.

use super::{Priority, Status, Ticket};
use crate::limits::STEPS_PER_TICKET_MAX;
use crate::wire::virtengine::support::v1 as wire;

/// What a ticket's status and priority became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// From when on.
    pub at: i64,
    /// Where it stood.
    pub status: Status,
    /// How urgent it was.
    pub priority: Priority,
}

impl Step {
    /// Reads one; `None` where a field is not what the ledger writes.
    pub fn from_wire(wire: &wire::TicketStep) -> Option<Self> {
        let (status, priority) = (Status::from_wire(wire.status)?, Priority::from_wire(wire.priority)?);
        Some(Self { at: wire.at, status, priority })
    }

    pub(super) fn to_wire(self) -> wire::TicketStep {
        wire::TicketStep { at: self.at, status: self.status.to_wire(), priority: self.priority.to_wire() }
    }
}

impl Ticket {
    /// Whether it was closed at some time from `at` on, as far as its record tells: what became of it before its first step is not known.
    pub fn was_closed_since(&self, at: i64) -> bool {
        if self.status == Status::Closed {
            return true;
        }
        // What is closed is so until the next step.
        let closed = self
            .steps
            .windows(2)
            .filter(|pair| pair.iter().take(1).any(|step| step.status == Status::Closed));
        let until = closed.filter_map(|pair| pair.last()).map(|next| next.at).max();
        let known = self.steps.first().map_or(self.updated_at, |first| first.at);
        let is_whole = self.steps_dropped == 0 && known == self.created_at;
        let unknown = (!is_whole).then_some(known);
        until.max(unknown).is_some_and(|until| at <= until)
    }

    /// Notes that status and priority are what they are from a time on. Of more than [`STEPS_PER_TICKET_MAX`] steps the oldest goes.
    pub fn note_step(&mut self, at: i64) {
        self.steps.push(Step { at, status: self.status, priority: self.priority });
        if self.steps.len() > STEPS_PER_TICKET_MAX {
            self.steps.remove(0);
            self.steps_dropped = self.steps_dropped.saturating_add(1);
        }
    }
}
