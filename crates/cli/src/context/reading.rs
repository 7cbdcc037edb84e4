//! What is read of a desk, whatever keeps its tickets: one view for every command.

use sealdesk_client::node::{Page, TicketsBy};
use sealdesk_client::verify::VerifyError;
use sealdesk_client::view::{Conversation, Ticket};
use sealdesk_protocol::ids::TicketId;

use super::{Context, contract};
use crate::args::Ledger;
use crate::failure::Failure;

/// A list of tickets, and how it goes on.
pub(crate) struct Listed {
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) rest: Rest,
}

/// What a list of tickets leaves out.
pub(crate) enum Rest {
    /// A ledger of one's own: the cursor of the next page, empty after the last.
    Cursor(Vec<u8>),
    /// A contract: how many older tickets were not looked at.
    Unseen(u64),
}

impl Context {
    /// A ticket and everything said in it, opened for `--from`.
    pub(crate) async fn read(&self, ticket: TicketId) -> Result<Conversation, Failure> {
        let me = self.actor()?;
        match self.ledger() {
            Ledger::Native => {
                let desk = self.desk().await?;
                let read = desk.read(&me, ticket).await?;
                self.say_age();
                self.learn_names(&desk, &me).await;
                Ok(read)
            }
            Ledger::Stacks => Ok(self.contract_desk()?.read(&me, ticket).await?),
        }
    }

    /// Says that what is shown, or a part of it, rests on the node's word; `what` says which, and where more is proven.
    pub(crate) fn say_told(&self, what: &str) {
        self.output().note(&format!("note: the node claims this, not proven: {what}"));
    }

    /// Says how old a state is that nobody would seal by, once in a run. What shows more than a list says it before that; every other
    /// command that showed anything says it at its end.
    pub(crate) fn say_age(&self) {
        if let Some(line) = self.age_to_say.take() {
            self.output().note(&line);
        }
    }

    /// The age is told in other words, or is the very reason why nothing was done.
    pub(crate) fn age_is_told(&self) {
        self.age_to_say.take();
    }

    /// One ticket's public record: proven, or of a contract by its node's word.
    pub(crate) async fn ticket(&self, id: TicketId) -> Result<Ticket, Failure> {
        match self.ledger() {
            Ledger::Native => {
                let desk = self.desk().await?;
                let ticket = desk.whole_ticket(id).await?;
                Ok(Ticket::try_from(ticket).map_err(sealdesk_client::Error::from)?)
            }
            Ledger::Stacks => Ok(self.contract_desk()?.ticket_view(id).await?),
        }
    }

    /// The tickets of a list, by the node's word. A contract has no pages.
    pub(crate) async fn tickets(&self, by: TicketsBy<String>, page: &Page) -> Result<Listed, Failure> {
        match self.ledger() {
            Ledger::Native => {
                let by = by.try_map(|person| self.address(&person))?;
                let desk = self.desk().await?;
                let found = desk.node().tickets(&by, page).await?;
                self.say_told(
                    "which tickets these are, and their contents; `sealdesk read` shows what the ledger proves of each",
                );
                let tickets: Result<_, VerifyError> =
                    found.tickets.into_iter().map(Ticket::try_from).collect();
                let tickets = tickets.map_err(sealdesk_client::Error::from)?;
                Ok(Listed { tickets, rest: Rest::Cursor(found.next_cursor) })
            }
            Ledger::Stacks => {
                if matches!(by, TicketsBy::Provider(..)) {
                    return Err(contract::nothing_like_this());
                }
                let by = by.try_map(|person| self.principal(&person))?;
                let (tickets, unseen) = self.contract_desk()?.tickets(&by).await?;
                Ok(Listed { tickets, rest: Rest::Unseen(unseen) })
            }
        }
    }
}
