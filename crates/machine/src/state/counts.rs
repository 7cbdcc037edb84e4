//! How many tickets stand in each status: counted as they change, so that no query walks a list for it.
//!
//! A ledger that began before there were counts has none until its lists are rebuilt: a count that began in the middle would stay
//! wrong.

use sealdesk_protocol::state::side;
use sealdesk_protocol::ticket::Status;

use super::StateView;
use crate::errors::Fatal;

impl StateView<'_> {
    /// Begins to count, over a state without tickets.
    pub(crate) fn begin_ticket_counts(&mut self) {
        for status in Status::ALL {
            self.state.put_side(side::ticket_count(status), 0u64.to_be_bytes());
        }
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
