//! How many tickets stand in each status: counted as they change, so that no query walks a list for it. And whether there are queues.
//!
//! A ledger that began before there were counts or queues has none until its lists are rebuilt: a count that began in the middle would stay
//! wrong, and a queue would hide what is older.

use sealdesk_protocol::state::side;
use sealdesk_protocol::ticket::Status;

use super::StateView;
use crate::errors::Fatal;

impl StateView<'_> {
    /// Begins to count and to queue, over a state without tickets.
    pub(crate) fn begin_ticket_lists(&mut self) {
        self.state.put_side(side::QUEUES_BEGUN, vec![1]);
        for status in Status::ALL {
            self.state.put_side(side::ticket_count(status), 0u64.to_be_bytes());
        }
    }

    /// Whether every unfinished ticket stands in its queues.
    pub(crate) fn has_queues(&self) -> Result<bool, Fatal> {
        Ok(self.state.get_side(side::QUEUES_BEGUN)?.is_some())
    }

    /// Tickets in a status; `None` where they are not counted.
    pub(crate) fn tickets_in(&self, status: Status) -> Result<Option<u64>, Fatal> {
        let key = side::ticket_count(status);
        let Some(bytes) = self.state.get_side(&key)? else { return Ok(None) };
        let count = bytes.as_slice().try_into().map(u64::from_be_bytes);
        count.map(Some).map_err(|_| Fatal::damaged(&key, "not a count"))
    }

    /// A ticket is new, or has gone from one status to another.
    pub(crate) fn count_ticket(&mut self, old: Option<Status>, new: Status) -> Result<(), Fatal> {
        if old == Some(new) {
            return Ok(());
        }
        self.add_to_count(new, 1)?;
        old.map_or(Ok(()), |old| self.add_to_count(old, -1))
    }

    fn add_to_count(&mut self, status: Status, change: i64) -> Result<(), Fatal> {
        let Some(count) = self.tickets_in(status)? else { return Ok(()) };
        let broken = || Fatal::Broken(format!("more tickets leave {status} than have entered it"));
        let count = count.checked_add_signed(change).ok_or_else(broken)?;
        self.state.put_side(side::ticket_count(status), count.to_be_bytes());
        Ok(())
    }
}
