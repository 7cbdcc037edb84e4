//! A conversation as the ledger proves it, opened for one reader.

mod marks;
mod opening;
mod place;
mod readers;
mod records;
mod sealed;
mod to_view;
mod whole;

use futures_util::future::try_join3;
use sealdesk_protocol::ids::TicketId;

pub(crate) use marks::Marks;
pub(crate) use place::RecordPlace;
pub(crate) use records::{Reading, Records, Target};
// What a node says of an erasure is told in the same words wherever it is told.
pub(crate) use crate::view::erased_text;
pub(crate) use sealed::SealedRecord;
pub(crate) use to_view::{change, fields};

use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::overview::{due, published_lists};
use crate::sla::History;
use crate::verify::Proven;
use crate::view::{Conversation, Due, Message, Ticket};

impl<T: Transport> Desk<T> {
    /// Reads a ticket: its record and those of all its responses by proof, every envelope against the proven digest, every
    /// signature under the author's proven key; then opens what is meant for the reader. What is proven is shown whether or not the
    /// node tells what happened when.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn read(&self, actor: &Actor, id: TicketId) -> Result<Conversation> {
        let events = async { Ok(self.events_of(id).await) };
        // What a node does not prove of promises hides nothing of what was said: `sla` says why.
        let lists = async { Ok(Box::pin(self.records(published_lists())).await) };
        let records = Box::pin(self.ticket_records(id));
        let (records, events, lists) = try_join3(records, events, lists).await?;
        let messages = records.open(self, actor).await?;
        let readers = records.readers(self.chain());
        let (events, events_from, events_missing) = match events {
            Ok((events, from)) => (events, from, None),
            Err(Error::Node(error)) => (Vec::new(), None, Some(error.to_string())),
            Err(other) => return Err(other),
        };
        let due = match lists {
            Ok(lists) => self.due_of(id, &records, lists).await.unwrap_or(None),
            Err(_) => None,
        };
        let (ticket, height) = (records.ticket.try_into()?, Some(records.height));
        Ok(Conversation { ticket, height, due, messages, readers, events, events_from, events_missing })
    }

    /// Reads what was said in a ticket, as [`Desk::read`] does, without what happened in between. It is one look among many, as a search has
    /// them: what is remembered of tickets that are used makes no room for it.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn look(&self, actor: &Actor, id: TicketId) -> Result<(Ticket, Vec<Message>)> {
        let records = self.ticket_records_to(Reading::Look, id).await?;
        let messages = records.open(self, actor).await?;
        Ok((records.ticket.try_into()?, messages))
    }

    /// What is due of a ticket first, counted from its records and the published lists.
    async fn due_of(&self, id: TicketId, records: &Records, mut lists: Proven) -> Result<Option<Due>> {
        let Ok(history) = History::of(id, &records.ticket, &records.responses()) else { return Ok(None) };
        let documents = self.service_documents(&mut lists, std::iter::once(&history)).await?;
        Ok(due(&history, &documents, records.newest, true))
    }
}
