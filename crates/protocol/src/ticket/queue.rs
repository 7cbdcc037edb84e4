//! Where a ticket stands in the queue: whose turn it is, how urgent it is, and since when it waits. All of it follows from its record.

use super::{Priority, Status, Ticket};
use crate::named_values;
use crate::wire::virtengine::support::v1 as wire;

named_values! {
    /// What an unfinished ticket waits for.
    pub enum Turn {
        /// For the desk: it is open, assigned or being worked on.
        Desk = "desk",
        /// For its customer.
        Customer = "customer",
        /// For a time: somebody put it aside. One whose time has come stays here, the first of them, until it is taken up.
        Aside = "aside",
    }
}

/// A ticket's place among the unfinished ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePlace {
    /// What it waits for.
    pub turn: Turn,
    /// How urgent it is.
    pub priority: Priority,
    /// Since when it waits for that, in Unix seconds of a block; of one that was put aside the second at which it comes back.
    pub since: i64,
}

/// Whose turn it is in a status; `None` where the ticket is finished.
fn turn(status: Status) -> Option<Turn> {
    match status {
        Status::Open | Status::Assigned | Status::InProgress => Some(Turn::Desk),
        Status::PendingCustomer => Some(Turn::Customer),
        Status::Resolved | Status::Closed => None,
    }
}

impl Ticket {
    /// Its place in the queue; `None` once it is resolved or closed.
    pub fn queue_place(&self) -> Option<QueuePlace> {
        let turn = turn(self.status)?;
        let steps = self.steps.iter().rev().map(|step| (step.at, Some(step.status)));
        let since = since(turn, self.created_at, steps);
        Some(QueuePlace::new(turn, self.priority, since, self.snoozed_until))
    }
}

impl QueuePlace {
    /// The place of a ticket by its record; `None` once it is resolved or closed, and of a record that no ledger writes.
    pub fn of(ticket: &wire::SupportTicket) -> Option<Self> {
        let (turn, priority) =
            (turn(Status::from_wire(ticket.status)?)?, Priority::from_wire(ticket.priority)?);
        let steps = ticket.steps.iter().rev().map(|step| (step.at, Status::from_wire(step.status)));
        let since = since(turn, ticket.created_at, steps);
        Some(Self::new(turn, priority, since, Some(ticket.snoozed_until).filter(|until| *until != 0)))
    }

    fn new(turn: Turn, priority: Priority, since: i64, aside: Option<i64>) -> Self {
        match aside {
            Some(until) => Self { turn: Turn::Aside, priority, since: until },
            None => Self { turn, priority, since },
        }
    }
}

/// Since when it is somebody's turn without a break, as far as the steps tell, the newest of which comes first; where they tell nothing, since
/// it was written.
fn since(now: Turn, created_at: i64, steps: impl Iterator<Item = (i64, Option<Status>)>) -> i64 {
    let unbroken = steps.take_while(|(_, status)| status.and_then(turn) == Some(now));
    unbroken.last().map_or(created_at, |(at, _)| at)
}
