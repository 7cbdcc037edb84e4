//! What is unfinished, as the node lists it: most urgent first, in pages.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::ticket::Turn;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::{Gathering, Node, NodeError, Page, Transport, ask};

/// Whose unfinished tickets are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueOf<A = Address> {
    /// All of the desk.
    All,
    /// Those that nobody is assigned.
    Unassigned,
    /// Those that somebody is assigned.
    Assigned,
    /// Those that an agent has, or works on beside somebody.
    Agent(A),
    /// Those of a customer.
    Customer(A),
}

/// Which part of which queue is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueAsk {
    /// Whose tickets.
    pub of: QueueOf,
    /// Only those that wait for this; `None` = all, the desk's turn first.
    pub turn: Option<Turn>,
    /// With envelopes and grants.
    pub texts: bool,
}

/// Tickets of a queue, as the node tells them, in the order of the queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueuePage {
    /// The tickets.
    pub tickets: Vec<support::SupportTicket>,
    /// Where the next page begins; empty after the last.
    pub next_cursor: Vec<u8>,
    /// How many follow, counted up to [`sealdesk_protocol::limits::QUEUE_MORE_MAX`].
    pub more: u64,
}

impl QueueOf {
    fn named(&self) -> (&'static str, String) {
        match self {
            Self::All => ("all", String::new()),
            Self::Unassigned => ("unassigned", String::new()),
            Self::Assigned => ("assigned", String::new()),
            Self::Agent(agent) => ("agent", agent.to_string()),
            Self::Customer(customer) => ("customer", customer.to_string()),
        }
    }
}

impl<T: Transport> Node<T> {
    /// A page of a queue.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn queue(&self, asked: &QueueAsk, page: &Page) -> Result<QueuePage, NodeError> {
        let ((of, address), texts) = (asked.of.named(), asked.texts);
        let turn = asked.turn.map(Turn::name).unwrap_or_default().to_owned();
        let request = support::QueryTicketQueueRequest {
            of: of.to_owned(),
            address,
            turn,
            texts,
            page: page.to_wire(),
        };
        let answer = ask!(self, "TicketQueue", support.ticket_queue(request))?;
        let support::QueryTicketQueueResponse { tickets, next_cursor, more } = answer;
        Ok(QueuePage { tickets, next_cursor, more: more.into() })
    }

    /// A queue from its beginning, at most `most` tickets of it, page by page. Where the cursor is not empty, there is more.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn whole_queue(&self, asked: &QueueAsk, most: usize) -> Result<QueuePage, NodeError> {
        self.whole("TicketQueue", self.gather_queue(asked, most)).await
    }

    async fn gather_queue(&self, asked: &QueueAsk, most: usize) -> Result<QueuePage, NodeError> {
        let (mut all, mut gathering) = (QueuePage::default(), Gathering::new("TicketQueue"));
        while all.tickets.len() < most {
            let limit = u32::try_from(most - all.tickets.len()).unwrap_or(u32::MAX).min(100);
            let page = Page { cursor: all.next_cursor.clone(), limit, reverse: false };
            let next = self.queue(asked, &page).await?;
            next.tickets.iter().try_for_each(|ticket| gathering.count(self, ticket))?;
            let ends = next.next_cursor.is_empty() || next.tickets.is_empty();
            // A cursor that does not move would be asked for ever.
            let stays = next.next_cursor == all.next_cursor;
            all.tickets.extend(next.tickets);
            (all.next_cursor, all.more) = (next.next_cursor, next.more);
            if ends || stays {
                break;
            }
        }
        // A list that ended early has no more, whatever the node says: what it lacks is then counted as kept back.
        if all.tickets.len() < most {
            all.more = 0;
        }
        // A node that gives more than it was asked for.
        all.tickets.truncate(most);
        Ok(all)
    }

    /// Everyone who has unfinished tickets, by address, at most `most` of them.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn ticket_holders(&self, most: usize) -> Result<Vec<String>, NodeError> {
        self.whole("TicketHolders", self.gather_holders(most)).await
    }

    async fn gather_holders(&self, most: usize) -> Result<Vec<String>, NodeError> {
        let (mut all, mut page) = (Vec::new(), Page { limit: 100, ..Page::default() });
        while all.len() < most {
            let request = support::QueryTicketHoldersRequest { page: page.to_wire() };
            let answer = ask!(self, "TicketHolders", support.ticket_holders(request))?;
            let ends = answer.next_cursor.is_empty()
                || answer.addresses.is_empty()
                || answer.next_cursor == page.cursor;
            all.extend(answer.addresses);
            if ends {
                break;
            }
            page.cursor = answer.next_cursor;
        }
        all.truncate(most);
        Ok(all)
    }
}
