//! Tickets that close by themselves, and those that come back after somebody put them aside: which ones, when, and the one queue in
//! which they wait. The beginning of a block does what is due (`begin`).
//!
//! The time to close is fixed when a ticket is resolved, with the parameters of that block: later parameters do not move it.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::DAY_SECONDS;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::{Status, Ticket};
use sealdesk_protocol::wire::sealdesk::ledger::v1::DueRecord;
use sealdesk_store::KeyRange;

use super::{StateView, TicketEntry, decode};
use crate::errors::Fatal;

/// What a ticket can wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// It closes by itself.
    Close,
    /// It comes back at this second.
    ComeBack(i64),
}

/// What a ticket waits for, or has waited for: one that is back keeps the time.
fn due(ticket: &Ticket) -> Option<Due> {
    match ticket.status {
        Status::Resolved => Some(Due::Close),
        Status::Closed => None,
        _ => ticket.snoozed_until.map(Due::ComeBack),
    }
}

/// The last second at which a ticket that begins to wait now is not closed by itself.
fn last_second(now: i64, params: &Params) -> i64 {
    now.saturating_add(i64::from(params.auto_close_after_days).saturating_mul(DAY_SECONDS))
}

fn broken(id: TicketId) -> Fatal {
    Fatal::Broken(format!("a ticket is due just while it is resolved or was put aside: {id}"))
}

impl StateView<'_> {
    /// Puts a ticket into the queue when it begins to wait, and takes it out when it waits no more, or for something else.
    pub(super) fn follow_auto_close(
        &mut self,
        old: Option<&Ticket>,
        new: &Ticket,
        now: i64,
    ) -> Result<(), Fatal> {
        let (before, after) = (old.and_then(due), due(new));
        if before == after {
            return Ok(());
        }
        match before {
            Some(Due::Close) => self.take_due(new.id)?,
            Some(Due::ComeBack(_)) if self.auto_close_time(new.id)?.is_some() => self.take_due(new.id)?,
            Some(Due::ComeBack(_)) | None => {}
        }
        match after {
            Some(Due::Close) => {
                let at = last_second(now, &self.params()?);
                self.put_auto_close(new.id, at);
            }
            Some(Due::ComeBack(until)) => self.put_auto_close(new.id, until.saturating_sub(1)),
            None => {}
        }
        Ok(())
    }

    /// Puts a ticket into the queue, to close or come back after the second `at`.
    pub(super) fn put_auto_close(&mut self, id: TicketId, at: i64) {
        self.put_record(tree::auto_close(at, id), &DueRecord { ticket_id: id.to_string(), due_at: at });
        self.state.put_side(side::auto_close_time(id), at.to_be_bytes());
    }

    /// Takes a ticket out of the queue.
    pub(crate) fn take_due(&mut self, id: TicketId) -> Result<(), Fatal> {
        let at = self.auto_close_time(id)?.ok_or_else(|| broken(id))?;
        self.state.delete(tree::auto_close(at, id));
        self.state.delete_side(side::auto_close_time(id));
        Ok(())
    }

    /// The second after which a ticket closes by itself or comes back, while it waits.
    pub(crate) fn auto_close_time(&self, id: TicketId) -> Result<Option<i64>, Fatal> {
        let key = side::auto_close_time(id);
        let Some(bytes) = self.state.get_side(&key)? else { return Ok(None) };
        let bytes = bytes.try_into().map_err(|_| Fatal::damaged(&key, "not a time"))?;
        Ok(Some(i64::from_be_bytes(bytes)))
    }

    /// The tickets whose time has passed, with what they waited for, the longest waiting first; at most `max` of them.
    pub(crate) fn due(&self, now: i64, max: usize) -> Result<Vec<(TicketEntry, Due)>, Fatal> {
        let mut tickets = Vec::new();
        for entry in self.state.scan(&KeyRange::prefix(tree::AUTO_CLOSE))?.take(max) {
            let (key, record) = entry?;
            let record: DueRecord = decode(&key, &record)?;
            if now <= record.due_at {
                break;
            }
            let id = TicketId::parse(&record.ticket_id).map_err(|error| Fatal::damaged(&key, error))?;
            let ticket = self.ticket(id)?.ok_or_else(|| broken(id))?;
            let due = due(&ticket.ticket).ok_or_else(|| broken(id))?;
            tickets.push((ticket, due));
        }
        Ok(tickets)
    }

    /// The first second at which a block would do something by itself; `None` while no ticket waits.
    pub(crate) fn next_auto_close(&self) -> Result<Option<i64>, Fatal> {
        let Some(entry) = self.state.scan(&KeyRange::prefix(tree::AUTO_CLOSE))?.next() else {
            return Ok(None);
        };
        let (key, record) = entry?;
        Ok(Some(decode::<DueRecord>(&key, &record)?.due_at.saturating_add(1)))
    }
}
