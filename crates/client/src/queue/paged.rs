//! Lists of tickets page by page, and tickets by their numbers: what a page in a browser needs to keep a whole desk of tens of thousands
//! in front of somebody, and to follow what happens to it.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::QueuePlace;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use super::{List, Texts, id_of, is_on};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::{Page, QueueAsk, QueueOf, TicketsBy, Transport};
use crate::overview::published_lists;
use crate::view::{About, Ticket};

/// Tickets of a page: as many as a node gives at once.
const PAGE_TICKETS: u32 = 100;
/// Most tickets that are asked for by their numbers at once.
pub const TICKETS_ASKED_MAX: usize = 200;

/// What somebody may list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueRole {
    /// Their role; whoever was given none is a customer.
    pub role: AssignableRole,
    /// Whether the account may act.
    pub is_active: bool,
    /// Whether they may take what nobody has, as an agent of an open queue.
    pub takes: bool,
}

/// A list that is read in pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PagedList {
    /// What is unfinished, in the order of the queue.
    Unfinished(QueueOf),
    /// Those of another list, the newest first.
    Newest(TicketsBy),
}

/// Tickets, each proven, with what is shown beside the records of those that are unfinished.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketsPart {
    /// The tickets, by number.
    pub tickets: Vec<Ticket>,
    /// What is shown of each that is neither resolved nor closed.
    pub about: BTreeMap<TicketId, About>,
    /// Where the next page begins; empty after the last.
    pub next: Vec<u8>,
    /// How many tickets the ledger has, proven. Numbers have no gaps.
    pub ticket_count: u64,
}

impl<T: Transport> Desk<T> {
    /// What somebody may list, by proof.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn queue_role(&self, person: &Address) -> Result<QueueRole> {
        let facts = self.records(vec![tree::member(person), tree::PARAMS.to_vec()]).await?;
        let member = facts.member(person)?;
        let role = member.role.unwrap_or(AssignableRole::Customer);
        let takes = role == AssignableRole::SupportAgent
            && facts.params()?.open_queue
            && self.is_believed_staff(person).await?;
        Ok(QueueRole { role, is_active: member.state == AccountState::Active, takes })
    }

    /// A page of a list, from its beginning where the cursor is empty. That the list is whole is the node's word; what stands on it is proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn tickets_page(&self, list: &PagedList, cursor: &[u8]) -> Result<TicketsPart> {
        let (told, next) = self.page_by_node(list, cursor).await?;
        let ids = told.iter().map(id_of).collect::<Result<_>>()?;
        let list = list.as_list();
        let mut part = self.part(&ids, |ticket| is_on(ticket, &list)).await?;
        // A cursor that does not move would be asked for ever.
        if !told.is_empty() && next != cursor {
            part.next = next;
        }
        Ok(part)
    }

    /// Tickets by their numbers, of a list or of none; what the ledger does not have is left out. Of more than [`TICKETS_ASKED_MAX`] the first
    /// by number.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn tickets_by_number(&self, ids: &BTreeSet<TicketId>) -> Result<TicketsPart> {
        let ids = ids.iter().copied().take(TICKETS_ASKED_MAX).collect();
        self.part(&ids, |_| true).await
    }

    async fn page_by_node(&self, list: &PagedList, cursor: &[u8]) -> Result<(Vec<SupportTicket>, Vec<u8>)> {
        let page = Page { cursor: cursor.to_vec(), limit: PAGE_TICKETS, reverse: false };
        Ok(match list {
            PagedList::Unfinished(of) => {
                let asked = QueueAsk { of: of.clone(), turn: None, texts: false };
                let told = self.node().queue(&asked, &page).await?;
                (told.tickets, told.next_cursor)
            }
            PagedList::Newest(by) => {
                let told = self.node().tickets(by, &Page { reverse: true, ..page }).await?;
                (told.tickets, told.next_cursor)
            }
        })
    }

    async fn part(
        &self,
        ids: &BTreeSet<TicketId>,
        fits: impl Fn(&SupportTicket) -> bool,
    ) -> Result<TicketsPart> {
        let mut beside = published_lists();
        beside.push(tree::TICKET_COUNT.to_vec());
        let mut facts = self.proven_tickets(ids.iter().copied(), beside).await?;
        let (mut tickets, mut unfinished) = (Vec::new(), BTreeSet::new());
        for id in ids {
            let Some(ticket) = facts.ticket(*id)?.and_then(|head| head.ticket).filter(&fits) else {
                continue;
            };
            if QueuePlace::of(&ticket).is_some() {
                unfinished.insert(*id);
            }
            tickets.push(Ticket::try_from(ticket)?);
        }
        let ticket_count = facts.ticket_count()?;
        let about = self.about(&mut facts, &unfinished).await?;
        Ok(TicketsPart { tickets, about, next: Vec::new(), ticket_count })
    }
}

impl PagedList {
    fn as_list(&self) -> List {
        match self {
            Self::Unfinished(of) => List::Queue(of.clone(), Texts::Without),
            Self::Newest(by) => List::Newest(by.clone()),
        }
    }
}
