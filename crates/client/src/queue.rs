//! Lists of tickets that a node tells, each record read again by proof.
//!
//! What a list names and the ledger does not prove to be on it is left out, and nothing is told twice. That a list is whole is the node's
//! word; only of a customer's own tickets the ledger proves how many are not closed ([`crate::view::Inbox::withheld`]).

mod paged;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{QueuePlace, Status, Turn};
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::assigned_readers::workers;
use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::{Page, QueueAsk, QueueOf, TicketsBy, Transport};
use crate::verify::{Proven, VerifyError};
use crate::view::Ticket;

pub use paged::{PagedList, QueueRole, TICKETS_ASKED_MAX, TicketsPart};

/// One list of tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum List {
    /// Unfinished ones, most urgent first; with their envelopes or without.
    Queue(QueueOf, Texts),
    /// Those of another list, the newest first.
    Newest(TicketsBy),
}

/// Whether a node is to give what is sealed, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    With,
    Without,
}

/// What lists brought.
pub(crate) struct Listed {
    /// The newest proven record of each ticket.
    pub(crate) facts: Proven,
    /// The tickets as the node gave them.
    pub(crate) given: BTreeMap<TicketId, SupportTicket>,
    /// Of each list the tickets that are proven to be on it, in its order.
    lists: Vec<(Vec<SupportTicket>, u64)>,
}

impl Listed {
    /// The tickets of the list at this place, and how many more the node tells of.
    pub(crate) fn take(&mut self, place: usize) -> Result<(Vec<Ticket>, u64)> {
        let (tickets, more) = self.lists.get_mut(place).map(std::mem::take).unwrap_or_default();
        let tickets = tickets.into_iter().map(Ticket::try_from).collect::<std::result::Result<_, _>>()?;
        Ok((tickets, more))
    }
}

impl<T: Transport> Desk<T> {
    /// The unfinished tickets of somebody or of the desk, most urgent first, at most so many; and how many more the node tells of. The node
    /// lists them, each is proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn queued(&self, of: &QueueOf, most: usize) -> Result<(Vec<Ticket>, u64)> {
        self.read_lists(&[List::Queue(of.clone(), Texts::Without)], most, Vec::new()).await?.take(0)
    }

    /// At most so many tickets of each list, asked for together and proven together, with other records beside them.
    pub(crate) async fn read_lists(
        &self,
        lists: &[List],
        most: usize,
        beside: Vec<Vec<u8>>,
    ) -> Result<Listed> {
        let told = try_join_all(lists.iter().map(|list| self.list_by_node(list, most))).await?;
        let mut given = BTreeMap::new();
        for ticket in told.iter().flat_map(|(tickets, _)| tickets) {
            let id = id_of(ticket)?;
            // One list may bring the envelope, and another one not.
            let known = given.entry(id).or_insert_with(|| ticket.clone());
            if known.encrypted_payload.is_none() {
                known.clone_from(ticket);
            }
        }
        let facts = self.proven_tickets(given.keys().copied(), beside).await?;
        let now = facts.time();
        let mut proven = Vec::new();
        for (list, (tickets, more)) in lists.iter().zip(told) {
            let ids: BTreeSet<TicketId> = tickets.iter().map(id_of).collect::<Result<_>>()?;
            let mut tickets = ids.iter().map(|id| head(&facts, *id)).collect::<Result<Vec<_>>>()?;
            tickets.retain(|ticket| is_on(ticket, list));
            sort(&mut tickets, list, now);
            proven.push((tickets, more));
        }
        Ok(Listed { facts, given, lists: proven })
    }

    /// A list as the node tells it, and how many tickets it has beyond these.
    async fn list_by_node(&self, list: &List, most: usize) -> Result<(Vec<SupportTicket>, u64)> {
        match list {
            List::Queue(of, texts) => {
                let asked = |turn| QueueAsk { of: of.clone(), turn, texts: *texts == Texts::With };
                let mut page = self.node().whole_queue(&asked(None), most).await?;
                if page.more > 0 {
                    // What was put aside stands last in the node's order, and first in ours once its time has come.
                    let aside = self.node().whole_queue(&asked(Some(Turn::Aside)), most).await?.tickets;
                    let is_new = |one: &SupportTicket| {
                        page.tickets.iter().all(|known| known.ticket_id != one.ticket_id)
                    };
                    let aside: Vec<SupportTicket> = aside.into_iter().filter(is_new).collect();
                    page.more = page.more.saturating_sub(u64::try_from(aside.len()).unwrap_or(u64::MAX));
                    page.tickets.extend(aside);
                }
                Ok((page.tickets, page.more))
            }
            List::Newest(by) => {
                let mut page = Page { reverse: true, ..Page::default() };
                let mut all = Vec::new();
                while all.len() < most {
                    page.limit = u32::try_from(most - all.len()).unwrap_or(u32::MAX).min(100);
                    let found = self.node().tickets(by, &page).await?;
                    let ends = found.next_cursor.is_empty() || found.tickets.is_empty();
                    all.extend(found.tickets);
                    if ends || found.next_cursor == page.cursor {
                        return Ok((all, 0));
                    }
                    page.cursor = found.next_cursor;
                }
                all.truncate(most);
                // That there are more is known, and not how many.
                Ok((all, 1))
            }
        }
    }

    /// The records of tickets that a list names.
    async fn proven_tickets(
        &self,
        ids: impl Iterator<Item = TicketId> + Clone,
        beside: Vec<Vec<u8>>,
    ) -> Result<Proven> {
        let mut keys: Vec<Vec<u8>> = ids.clone().map(tree::ticket).chain(beside).collect();
        if keys.is_empty() {
            // A node proves something or nothing: what is asked for then says how far the ledger is.
            keys.push(tree::PARAMS.to_vec());
        }
        let mut facts = self.records(keys).await?;
        // A list is of the newest state, of which no header may be there yet: what is new in it shows with the next one.
        let is_new = |id: &TicketId| facts.ticket(*id).is_ok_and(|found| found.is_none());
        let new: Vec<Vec<u8>> = ids.filter(is_new).map(tree::ticket).collect();
        if !new.is_empty() {
            facts.extend(self.records_since(facts.height().saturating_add(1), new).await?);
        }
        Ok(facts)
    }
}

/// The number of a ticket as a node names it.
pub(crate) fn id_of(ticket: &SupportTicket) -> Result<TicketId> {
    let id = TicketId::parse(&ticket.ticket_id);
    Ok(id.map_err(|_| VerifyError::Differs("list of tickets".to_owned()))?)
}

/// Puts proven tickets into the order of their list: of a queue what is back after somebody put it aside first, and what still is aside last.
fn sort(tickets: &mut [SupportTicket], list: &List, now: i64) {
    match list {
        List::Queue(..) => tickets.sort_by_cached_key(|ticket| {
            let place = QueuePlace::of(ticket);
            (
                place.map(|place| turn_at(place, now)),
                place.map(|place| (Reverse(urgency(place)), place.since)),
            )
        }),
        List::Newest(_) => tickets.sort_by_cached_key(|ticket| Reverse(id_of(ticket).ok())),
    }
}

/// What is put aside has no urgency but its time.
fn urgency(place: QueuePlace) -> Option<sealdesk_protocol::ticket::Priority> {
    (place.turn != Turn::Aside).then_some(place.priority)
}

/// Where in an inbox a ticket stands: one that is back after somebody put it aside first, one that still is aside last.
fn turn_at(place: QueuePlace, now: i64) -> u8 {
    match place.turn {
        Turn::Aside if place.since <= now => 0,
        Turn::Desk => 1,
        Turn::Customer => 2,
        Turn::Aside => 3,
    }
}

/// Whether a proven record stands on a list.
fn is_on(ticket: &SupportTicket, list: &List) -> bool {
    let is = |address: &Address, field: &str| address.as_str() == field;
    let works = |who: &Address| workers(ticket).into_iter().any(|works| is(who, works));
    let by = match list {
        List::Newest(by) => by,
        List::Queue(..) if QueuePlace::of(ticket).is_none() => return false,
        List::Queue(of, _) => {
            return match of {
                QueueOf::All => true,
                QueueOf::Unassigned => ticket.assigned_to.is_empty(),
                QueueOf::Assigned => !ticket.assigned_to.is_empty(),
                QueueOf::Agent(agent) => works(agent),
                QueueOf::Customer(customer) => is(customer, &ticket.customer_address),
            };
        }
    };
    let stands = |status: &Option<Status>| status.is_none_or(|status| ticket.status == status.to_wire());
    match by {
        TicketsBy::Customer(who, status) => is(who, &ticket.customer_address) && stands(status),
        TicketsBy::Provider(who, status) => is(who, &ticket.provider_address) && stands(status),
        TicketsBy::Agent(who, status) => works(who) && stands(status),
        TicketsBy::Status(status) => stands(&Some(*status)),
        TicketsBy::Open(priority) => {
            let fits = priority.is_none_or(|priority| ticket.priority == priority.to_wire());
            stands(&Some(Status::Open)) && fits
        }
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ids::Prefix;
    use sealdesk_protocol::ticket::Priority;

    use super::*;

    fn ticket(number: u64, status: Status, priority: Priority, created_at: i64) -> SupportTicket {
        SupportTicket {
            ticket_id: TicketId::new(number).unwrap().to_string(),
            status: status.to_wire(),
            priority: priority.to_wire(),
            created_at,
            ..SupportTicket::default()
        }
    }

    #[test]
    fn a_queue_begins_with_what_is_back_and_ends_with_what_is_aside() {
        let aside = |number, until| SupportTicket {
            snoozed_until: until,
            ..ticket(number, Status::Open, Priority::Low, 1)
        };
        let mut tickets = vec![
            aside(1, 11),
            ticket(2, Status::PendingCustomer, Priority::Urgent, 1),
            ticket(3, Status::Open, Priority::Normal, 2),
            ticket(4, Status::InProgress, Priority::Normal, 1),
            aside(5, 10),
            ticket(6, Status::Assigned, Priority::Urgent, 9),
            aside(7, 9),
        ];
        sort(&mut tickets, &List::Queue(QueueOf::All, Texts::Without), 10);
        let order: Vec<u64> = tickets.iter().map(|ticket| id_of(ticket).unwrap().number()).collect();
        assert_eq!(order, [7, 5, 6, 4, 3, 2, 1]);
    }

    #[test]
    fn a_ticket_that_a_node_smuggles_into_a_list_is_not_on_it() {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let [mine, other] = [[2; 33], [3; 33]].map(|key| Address::of_public_key(&prefix, &key));
        let ticket = SupportTicket {
            customer_address: mine.to_string(),
            provider_address: mine.to_string(),
            assigned_to: mine.to_string(),
            ..ticket(1, Status::Open, Priority::High, 1)
        };
        let newest = |by| List::Newest(by);
        for by in [TicketsBy::Customer, TicketsBy::Provider, TicketsBy::Agent] {
            for status in [None, Some(Status::Open)] {
                assert!(is_on(&ticket, &newest(by(mine.clone(), status))));
                assert!(!is_on(&ticket, &newest(by(other.clone(), status))));
            }
            assert!(!is_on(&ticket, &newest(by(mine.clone(), Some(Status::Closed)))));
        }
        assert!(is_on(&ticket, &newest(TicketsBy::Status(Status::Open))));
        assert!(!is_on(&ticket, &newest(TicketsBy::Status(Status::Resolved))));
        assert!(is_on(&ticket, &newest(TicketsBy::Open(Some(Priority::High)))));
        assert!(!is_on(&ticket, &newest(TicketsBy::Open(Some(Priority::Low)))));
        let queue = |of| List::Queue(of, Texts::Without);
        for of in [QueueOf::All, QueueOf::Assigned, QueueOf::Agent(mine.clone()), QueueOf::Customer(mine)] {
            assert!(is_on(&ticket, &queue(of.clone())));
            let resolved = SupportTicket { status: Status::Resolved.to_wire(), ..ticket.clone() };
            assert!(!is_on(&resolved, &queue(of)));
        }
        for of in [QueueOf::Unassigned, QueueOf::Agent(other.clone()), QueueOf::Customer(other)] {
            assert!(!is_on(&ticket, &queue(of)));
        }
    }
}
