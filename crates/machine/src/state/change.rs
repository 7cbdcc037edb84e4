//! How a ticket changes. From what it was and what it becomes follow the lists it stands on, the counts of tickets, its customer's
//! number of open tickets, how often each score was given, its steps, and what it waits for: no message keeps any of these.

use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Status, Ticket};
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;

use super::{StateView, TicketEntry, index};
use crate::errors::Fatal;

impl StateView<'_> {
    /// Writes a ticket of the genesis. The document says itself how many tickets its customer has open, and what it waits
    /// for.
    pub(crate) fn begin_ticket(&mut self, entry: &TicketEntry, due_at: Option<i64>) -> Result<(), Fatal> {
        if let Some(at) = due_at {
            self.put_auto_close(entry.ticket.id, at);
        }
        entry.ticket.ratings.iter().try_for_each(|rating| self.count_rating(rating))?;
        self.write_ticket(None, entry)
    }

    /// Writes a ticket that is new in this block.
    pub(crate) fn add_ticket(&mut self, entry: &TicketEntry) -> Result<(), Fatal> {
        self.replace_ticket(None, entry.clone())
    }

    /// Changes a ticket at the time `now`; `old` is what the state holds of it.
    pub(crate) fn change_ticket(
        &mut self,
        old: &TicketEntry,
        now: i64,
        change: impl FnOnce(&mut TicketEntry),
    ) -> Result<(), Fatal> {
        let mut new = old.clone();
        new.ticket.updated_at = now;
        change(&mut new);
        self.replace_ticket(Some(&old.ticket), new)
    }

    /// Writes what a ticket's head says of the grants beside it. They change who reads, and nothing that happened to it: its time stays.
    pub(crate) fn put_grants_hash(&mut self, old: &TicketEntry, grants_hash: [u8; 32]) -> Result<(), Fatal> {
        self.replace_ticket(Some(&old.ticket), TicketEntry { grants_hash, ..old.clone() })
    }

    /// Closes a ticket at the time `now`: because somebody does, or because its time has come.
    pub(crate) fn close_ticket(&mut self, old: &TicketEntry, now: i64) -> Result<(), Fatal> {
        self.change_ticket(old, now, |entry| {
            entry.ticket.status = Status::Closed;
            entry.ticket.closed_at = Some(now);
            entry.ticket.snoozed_until = None;
        })
    }

    fn replace_ticket(&mut self, old: Option<&Ticket>, mut new: TicketEntry) -> Result<(), Fatal> {
        let stands = |ticket: &Ticket| (ticket.status, ticket.priority);
        if old.map(stands) != Some(stands(&new.ticket)) {
            new.ticket.note_step(new.ticket.updated_at);
        }
        let is_open = |ticket: &&Ticket| ticket.status != Status::Closed;
        let before = old.filter(is_open).map(|ticket| &ticket.customer);
        let after = Some(&new.ticket).filter(is_open).map(|ticket| &ticket.customer);
        if before != after {
            before.map_or(Ok(()), |customer| self.count_open_tickets(customer, -1))?;
            after.map_or(Ok(()), |customer| self.count_open_tickets(customer, 1))?;
        }
        let known = old.map_or(0, |old| old.ratings.len());
        new.ticket.ratings.iter().skip(known).try_for_each(|rating| self.count_rating(rating))?;
        self.follow_auto_close(old, &new.ticket, new.ticket.updated_at)?;
        self.write_ticket(old, &new)
    }

    fn write_ticket(&mut self, old: Option<&Ticket>, new: &TicketEntry) -> Result<(), Fatal> {
        let head = TicketHead {
            ticket: Some(new.ticket.to_wire()),
            payload_digest: new.payload_digest.to_vec(),
            grants_hash: new.grants_hash.to_vec(),
        };
        self.put_record(tree::ticket(new.ticket.id), &head);
        let lists = old.map(index::of_ticket).unwrap_or_default();
        index::apply(self.state, &lists, &index::of_ticket(&new.ticket));
        self.count_ticket(old.map(|old| old.status), new.ticket.status)
    }
}
