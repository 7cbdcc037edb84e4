//! What the contract printed, by an indexer: the newest first, page by page, and as it goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use sealdesk_protocol::ids::TicketId;
use sealdesk_stacks::contract::{Event, Happening};
use sealdesk_stacks::transaction::TxId;

use super::error::{Error, Result};
use super::net::Http;
use super::node::{EVENTS_PAGE, Printed};
use super::{Desk, ticket_id, to_view};
use crate::time::sleep;
use crate::view::HistoryEvent;

/// Pages that are read at most to find something: a hundred thousand events.
const PAGES_MAX: usize = 2_000;
/// How often an indexer is asked for what is new.
const WATCH_PAUSE: Duration = Duration::from_secs(2);
/// The cursor before the first event.
const BEFORE_ALL: &str = "start";

/// Something that happened. This is the indexer's word; sealed text in it is compared with the contract's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContractEvent {
    /// The transaction.
    pub(super) txid: TxId,
    /// Its place in that transaction.
    pub(super) index: u64,
    /// What happened.
    pub(super) event: Event,
}

impl ContractEvent {
    /// What goes on after it: `TXID:INDEX`.
    pub(super) fn cursor(&self) -> String {
        format!("{}:{}", self.txid, self.index)
    }

    /// The ticket that it is about.
    pub(super) fn ticket(&self) -> Option<TicketId> {
        self.event.ticket().and_then(|number| ticket_id(number).ok())
    }

    /// What is not an event of the desk's contract is passed over: an indexer cannot put anything into it by that.
    fn of(printed: Printed) -> Option<Self> {
        let event = Event::read(printed.value).ok()?;
        Some(Self { txid: printed.txid, index: printed.index, event })
    }
}

impl<H: Http> Desk<H> {
    /// Every event back to the first that `is_last` is true of, that one included; the oldest first.
    ///
    /// # Errors
    /// [`Error::NoEvents`] where the node is not an indexer, [`Error::TooManyEvents`], and what asking says.
    pub(super) async fn events_since(
        &self,
        is_last: impl Fn(&ContractEvent) -> bool,
    ) -> Result<Vec<ContractEvent>> {
        let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
        for page in 0..PAGES_MAX {
            let page = self.node().printed(self.contract(), page * EVENTS_PAGE).await?;
            for event in page.events.into_iter().filter_map(ContractEvent::of) {
                // What comes in while pages are read moves the others back: the same event is met twice.
                if !seen.insert((event.txid, event.index)) {
                    continue;
                }
                let last = is_last(&event);
                all.push(event);
                if last {
                    all.reverse();
                    return Ok(all);
                }
            }
            if page.is_last {
                all.reverse();
                return Ok(all);
            }
        }
        // Half a history would leave out who became administrator long ago.
        Err(Error::TooManyEvents { node: self.node().address().to_owned(), max: PAGES_MAX * EVENTS_PAGE })
    }

    /// The events of one ticket, the oldest first.
    ///
    /// # Errors
    /// As [`Desk::events_since`].
    pub(super) async fn events_of(&self, id: TicketId) -> Result<Vec<ContractEvent>> {
        let number = id.number();
        let begins = move |event: &ContractEvent| matches!(&event.event.what, Happening::TicketCreated { ticket, .. } if *ticket == number);
        let mut all = self.events_since(begins).await?;
        all.retain(|event| event.event.ticket() == Some(number));
        Ok(all)
    }

    /// Follows events from here on, or after a cursor.
    ///
    /// # Errors
    /// As [`Desk::events_since`].
    pub async fn watch(&self, after: Option<&str>) -> Result<Watch<'_, H>> {
        let last = match after {
            Some(cursor) => cursor.to_owned(),
            None => {
                let newest = self.node().printed(self.contract(), 0).await?.events.into_iter();
                let newest = newest.filter_map(ContractEvent::of).next();
                newest.map_or_else(|| BEFORE_ALL.to_owned(), |event| event.cursor())
            }
        };
        Ok(Watch { desk: self, last, ready: Vec::new() })
    }
}

/// Events as they happen.
pub struct Watch<'d, H> {
    desk: &'d Desk<H>,
    last: String,
    /// What was fetched and not handed out yet, the newest first.
    ready: Vec<ContractEvent>,
}

/// A cursor in the one form that [`Watch::cursor`] gives; `None` for a text that is none.
pub fn cursor_of(text: &str) -> Option<String> {
    if text == BEFORE_ALL {
        return Some(text.to_owned());
    }
    let (txid, index) = text.split_once(':')?;
    Some(format!("{}:{}", TxId::parse(txid)?, index.parse::<u64>().ok()?))
}

impl<H: Http> Watch<'_, H> {
    /// What goes on after the last event that was given out; before the first one, where the watch began.
    pub fn cursor(&self) -> &str {
        &self.last
    }

    /// The next event; waits for it.
    ///
    /// # Errors
    /// As [`Desk::events_since`].
    pub async fn next(&mut self) -> Result<HistoryEvent> {
        loop {
            if let Some(event) = self.ready.pop() {
                self.last = event.cursor();
                return Ok(to_view::event(&event));
            }
            let last = self.last.clone();
            let is_last = |event: &ContractEvent| event.cursor() == last;
            let mut new = self.desk.events_since(&is_last).await?;
            new.retain(|event| !is_last(event));
            new.reverse();
            self.ready = new;
            if self.ready.is_empty() {
                sleep(WATCH_PAUSE).await;
            }
        }
    }
}
